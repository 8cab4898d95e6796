"""Whom to believe: the caller says how a bundle must be signed, the bundle never chooses."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from . import bundle, dsse
from .bundle import Bundle, KeyHint
from .errors import SignatureError
from .keys import PublicKey, load_public
from .timestamps import Stamper, stamped_times, stampers_from_pem


@dataclass(frozen=True, slots=True)
class Signed:
    """A payload whose signature holds, and by whom, in words for people."""

    payload: bytes
    by: str
    times: tuple[datetime, ...] = ()  # not later than each was it signed, as others vouch
    since: datetime | None = None  # not earlier, as others vouch; a timestamp alone never says so
    details: tuple[tuple[str, str], ...] = ()  # more for people: what, and how (which log, …)


class Trust(Protocol):
    """A way to believe a bundle: a key today; identities and certificates later."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences that the operator should read before believing."""
        ...

    def check(self, opened: Bundle) -> Signed:
        """Return the payload if the bundle is signed in this way, or raise SignatureError."""
        ...


@dataclass(frozen=True, slots=True)
class KeyTrust:
    """Believes one public key. A hint in the bundle is a label and decides nothing."""

    public: PublicKey
    stampers: tuple[Stamper, ...] = ()  # who may vouch for the time; none is needed

    @classmethod
    def from_pem(cls, pem: bytes, timestamps: bytes | None = None) -> "KeyTrust":
        """Believe the public key in `pem`, and the timestamp authority in `timestamps`.

        The second is one chain in PEM, root last. Without it, timestamps are not looked at.

        Raises:
            SignatureError: `key-malformed`, `key-type` or `trust-root`.
        """
        return cls(load_public(pem), stampers_from_pem(timestamps))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is unwise about the key."""
        return self.public.warnings

    def check(self, opened: Bundle) -> Signed:
        """Return the payload if the key signed it; log entries are not needed.

        Raises:
            SignatureError: `wrong-material`, `signature` or `timestamp`.
        """
        if not isinstance(opened.material, KeyHint):
            raise SignatureError(
                "wrong-material", "the bundle is signed with a certificate, expected a bare key"
            )
        envelope = opened.envelope
        self.public.verify(envelope.signature, dsse.pae(envelope.payload))
        stamps = opened.timestamps if self.stampers else ()
        times = stamped_times(stamps, envelope.signature, self.stampers)
        return Signed(envelope.payload, f"key {self.public.hint}", times)


def verify(raw: bytes, trust: Trust) -> Signed:
    """Open the bundle `raw` (JSON) and return its payload if `trust` believes it.

    The payload is the statement's exact bytes: give them to `check_statement`.

    Raises:
        SignatureError: As `bundle.read` and `trust.check`.
    """
    return trust.check(bundle.read(raw))
