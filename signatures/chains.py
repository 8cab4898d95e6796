"""Whether the certificate of a signer leads to an authority that is believed."""

from datetime import datetime
from typing import TYPE_CHECKING

from .certificates import Leaf
from .errors import SignatureError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography.x509 import Certificate, ExtendedKeyUsage


def check_chain(
    leaf: Leaf, between: "Iterable[Certificate]", roots: "Iterable[Certificate]", time: datetime
) -> None:
    """Raise unless `leaf` was certified by one of `roots` at `time`, perhaps by others `between`.

    Raises:
        SignatureError: `certificate-chain`.
    """
    from cryptography import x509  # noqa: PLC0415 - costs 0.2 s
    from cryptography.x509 import verification  # noqa: PLC0415

    # The default policies demand a use for TLS clients; the signer's own was checked before.
    use = x509.ExtendedKeyUsage, verification.Criticality.AGNOSTIC, None
    between_use = x509.ExtendedKeyUsage, verification.Criticality.AGNOSTIC, _check_use
    extension_policy = verification.ExtensionPolicy
    try:
        verification.PolicyBuilder().store(verification.Store(list(roots))).time(
            time
        ).extension_policies(
            ca_policy=extension_policy.webpki_defaults_ca().may_be_present(*between_use),
            ee_policy=extension_policy.webpki_defaults_ee().may_be_present(*use),
        ).build_client_verifier().verify(leaf.certificate, list(between))
    except (ValueError, x509.InvalidVersion, verification.VerificationError) as error:
        raise SignatureError(
            "certificate-chain",
            f"the signer's certificate does not lead to your authority: {str(error)!r:.200}",
        ) from error


def _check_use(policy: object, authority: object, uses: "ExtendedKeyUsage | None") -> None:
    """Raise unless an authority that says for what it certifies says so of code."""
    del policy, authority
    from cryptography.x509.oid import ExtendedKeyUsageOID  # noqa: PLC0415 - costs 0.2 s

    wanted = {ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    if uses is not None and wanted.isdisjoint(uses):
        raise ValueError("an authority between certifies, but not for signing code")
