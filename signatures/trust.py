"""Whom to believe: the caller says how a bundle must be signed, the bundle never chooses."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from . import bundle, dsse
from .bundle import Bundle, KeyHint
from .errors import SignatureError
from .keys import PublicKey, load_publics
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
    """Believes a public key, or any of several. A hint in the bundle decides nothing."""

    public: PublicKey
    stampers: tuple[Stamper, ...] = ()  # who may vouch for the time; none is needed
    others: tuple[PublicKey, ...] = ()  # that are believed as well, while keys change

    @classmethod
    def from_pem(cls, pem: bytes, timestamps: bytes | None = None) -> "KeyTrust":
        """Believe each public key in `pem`, and the timestamp authority in `timestamps`.

        The second is one chain in PEM, root last. Without it, timestamps are not looked at.

        Raises:
            SignatureError: `key-malformed`, `key-type` or `trust-root`.
        """
        public, *others = load_publics(pem)
        return cls(public, stampers_from_pem(timestamps), (*others,))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is unwise about the keys."""
        told = (warning for key in (self.public, *self.others) for warning in key.warnings)
        return (*dict.fromkeys(told),)

    def check(self, opened: Bundle) -> Signed:
        """Return the payload if one of the keys signed it; log entries are not needed.

        Raises:
            SignatureError: `wrong-material`, `signature` or `timestamp`.
        """
        if not isinstance(opened.material, KeyHint):
            raise SignatureError(
                "wrong-material", "the bundle is signed with a certificate, expected a bare key"
            )
        envelope = opened.envelope
        public = self._signer(envelope.signature, dsse.pae(envelope.payload))
        stamps = opened.timestamps if self.stampers else ()
        times = stamped_times(stamps, envelope.signature, self.stampers)
        return Signed(envelope.payload, f"key {public.hint}", times)

    def _signer(self, signature: bytes, data: bytes) -> PublicKey:
        """Return the key that made `signature`, the first that did."""
        for key in (self.public, *self.others):
            try:
                key.verify(signature, data)
            except SignatureError:
                continue
            return key
        hints = ", ".join(key.hint for key in (self.public, *self.others))
        which = "any of the keys" if self.others else "the key"
        raise SignatureError("signature", f"not signed by {which} {hints}")


def verify(raw: bytes, trust: Trust) -> Signed:
    """Open the bundle `raw` (JSON) and return its payload if `trust` believes it.

    The payload is the statement's exact bytes: give them to `check_statement`.

    Raises:
        SignatureError: As `bundle.read` and `trust.check`.
    """
    return trust.check(bundle.read(raw))
