"""Trust in a certificate authority and the name that it certified."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from . import dsse
from .bundle import Bundle, Certificates
from .certificates import NameType, SignerName, read_leaf, read_pem
from .chains import check_chain
from .errors import SignatureError
from .timestamps import Stamper, stamped_times, stampers_from_pem
from .trust import Signed

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityTrust:
    """Believes who holds a certificate for `name` that leads to one of `roots`.

    The certificate must be valid when a timestamp of `stampers` says that it signed, or now if
    there is none.
    """

    roots: "tuple[Certificate, ...]"
    name: str  # one of the certificate's subject alternative names, exactly, of the type it looks
    stampers: tuple[Stamper, ...] = ()
    now: datetime | None = None  # for tests; else the clock's

    @classmethod
    def from_pem(cls, roots: bytes, name: str, timestamps: bytes | None = None) -> "AuthorityTrust":
        """Believe the authorities in `roots`, and the timestamp authority in `timestamps`.

        Both are PEM; the second is one chain, root last.

        Raises:
            SignatureError: `trust-root`; `identity-demand` if the name is empty.
        """
        if not name:
            raise SignatureError("identity-demand", "the name that is certified is empty")
        return cls(
            roots=read_pem(roots, "certificate authority"),
            name=name,
            stampers=stampers_from_pem(timestamps),
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """Nothing is unwise about it."""
        return ()

    @property
    def _type(self) -> NameType:
        return NameType.by_form(self.name)

    def check(self, opened: Bundle) -> Signed:
        """Return the payload if a certificate for the name signed it; log entries are not needed.

        Raises:
            SignatureError: `wrong-material`, `certificate-malformed`, `certificate-use`,
                `signature`, `timestamp`, `signing-time`, `certificate-chain` or `identity`.
        """
        if not isinstance(opened.material, Certificates):
            raise SignatureError(
                "wrong-material", "the bundle is signed with a bare key, expected a certificate"
            )
        envelope = opened.envelope
        der, *others = opened.material.chain
        leaf = read_leaf(der)
        leaf.public.verify(envelope.signature, dsse.pae(envelope.payload))
        stamps = opened.timestamps if self.stampers else ()
        times = stamped_times(stamps, envelope.signature, self.stampers)
        # Nobody vouches for a time: then the certificate must be valid now.
        moments = times or (self.now or datetime.now(UTC),)
        leaf.check_time(moments)
        between = self._between(others)
        for time in moments:
            check_chain(leaf, between, self.roots, time)
        if SignerName(self._type, self.name) not in leaf.names:
            found = ", ".join(f"{each.text!r:.300} ({each.type})" for each in leaf.names)
            raise SignatureError(
                "identity", f"signed by {found:.900}, expected {self.name!r} ({self._type})"
            )
        return Signed(envelope.payload, f"{self.name} (certified by your authority)", times)

    def _between(self, others: list[bytes]) -> "list[Certificate]":
        from cryptography import x509  # noqa: PLC0415 - costs 0.2 s

        try:
            return [x509.load_der_x509_certificate(other) for other in others]
        except (ValueError, x509.InvalidVersion) as error:
            raise SignatureError(
                "certificate-chain", f"a certificate of the chain: {str(error)!r:.200}"
            ) from error
