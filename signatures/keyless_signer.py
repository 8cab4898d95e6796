"""Sign without a key: a certificate for ten minutes, and an entry in a public log for ever."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import bundle, dsse
from .certificates import read_leaf
from .errors import SignatureError
from .extra import require_sigstore, told
from .identity import Identity
from .keyless import KeylessTrust
from .signer import Signature
from .strictjson import loads
from .tokens import Token
from .trust_root import MAX_ROOT, TrustRoot

if TYPE_CHECKING:
    from sigstore.models import ClientTrustConfig
    from sigstore.sign import Signer as SigstoreSigner

_PUBLIC = (
    "keyless signing makes your identity (an e-mail address, or a repository and workflow) and the "
    "time public for ever, in the certificate and in the transparency log"
)


@dataclass(frozen=True, slots=True)
class Instance:
    """A Sigstore: the public one, its staging twin, or a private one by its client trust config."""

    staging: bool = False
    config: bytes | None = None  # JSON
    rekor: int | None = None  # major version of the log; None takes the newest on offer

    def connect(self) -> "ClientTrustConfig":
        """Return the services and the keys, of a public instance as they are today.

        Raises:
            SignatureError: `trust-root`, `signing-service` or `keyless-extra`.
        """
        require_sigstore()
        from sigstore.errors import Error  # noqa: PLC0415 - 0.7 s
        from sigstore.models import ClientTrustConfig  # noqa: PLC0415

        if self.config is None:
            try:
                opened = (
                    ClientTrustConfig.staging() if self.staging else ClientTrustConfig.production()
                )
            except (Error, OSError, ValueError) as error:
                raise _service("the Sigstore instance", error) from error
        else:
            opened = _read_config(self.config)
        opened.force_tlog_version = self.rekor
        return opened


class KeylessSigner:
    """Signs as whoever the token says; one certificate serves for several statements."""

    def __init__(self, instance: Instance, token: Token) -> None:
        """Ask nothing of anybody yet, but see that the instance can be asked.

        Raises:
            SignatureError: `trust-root` or `keyless-extra`.
        """
        require_sigstore()
        self._instance, self._token = instance, token
        self._config = None if instance.config is None else instance.connect()
        self._session: tuple[SigstoreSigner, TrustRoot] | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """That what is written in a public log stays there."""
        return (_PUBLIC,) if self._instance.config is None else ()

    def sign(self, pae: bytes) -> Signature:
        """Sign; the material is certificate, log entry and timestamp.

        Nothing is returned that would not verify.

        Raises:
            SignatureError: `keyless-token`, `signing-service` or `trust-root`.
        """
        from sigstore.dsse import Statement  # noqa: PLC0415 - 0.7 s

        self._session = self._session or self._log_in()
        signer, root = self._session
        try:
            made = signer.sign_dsse(Statement(dsse.payload_of(pae))).to_json().encode()
        except _faults() as error:
            raise _service("signing", error) from error
        try:
            opened = _checked(made, root)
        except SignatureError as error:
            raise SignatureError(
                "signing-service", f"what the services gave does not verify: {error}"
            ) from error
        document: Any = loads(made)
        return Signature(opened.envelope.signature, document["verificationMaterial"])

    def _log_in(self) -> "tuple[SigstoreSigner, TrustRoot]":
        from sigstore.oidc import IdentityToken  # noqa: PLC0415 - 0.7 s
        from sigstore.sign import SigningContext  # noqa: PLC0415

        config = self._config or self._instance.connect()
        try:
            context = SigningContext.from_trust_config(config)
            provider = config.signing_config.get_oidc_url()
        except _faults() as error:
            raise SignatureError("trust-root", f"the trust config: {told(error)}") from error
        # There is no public way to the root inside a config.
        inner = config.trusted_root._inner  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        root = TrustRoot.from_json(inner.to_json().encode(), "the instance's trust root")
        raw = self._token(provider)
        try:
            token = IdentityToken(raw)
        except _faults() as error:
            raise SignatureError("keyless-token", f"the identity token: {told(error)}") from error
        try:
            with context.signer(token) as signer:
                return signer, root
        except _faults() as error:
            raise _service("the certificate", error) from error


def _checked(made: bytes, root: TrustRoot) -> bundle.Bundle:
    """Verify what the services gave, as whoever they say signed."""
    opened = bundle.read(made)
    chain = opened.material.chain if isinstance(opened.material, bundle.Certificates) else ()
    issuer = read_leaf(chain[0]).issuer if chain else None
    KeylessTrust(Identity(issuer=issuer or ""), root).check(opened)
    return opened


def _read_config(raw: bytes) -> "ClientTrustConfig":
    from sigstore.models import ClientTrustConfig  # noqa: PLC0415 - 0.7 s

    try:
        loads(raw, limit=MAX_ROOT)
        return ClientTrustConfig.from_json(raw.decode())
    except (SignatureError, ValueError) as error:
        raise SignatureError("trust-root", f"the trust config: {told(error)}") from error


def _faults() -> tuple[type[Exception], ...]:
    """What `sigstore` raises when a service, a token or a config is not as it should be."""
    from sigstore._internal.fulcio.client import (  # noqa: PLC0415 - no public names
        ExpiredCertificate,
        FulcioClientError,
    )
    from sigstore._internal.rekor import RekorClientError  # noqa: PLC0415
    from sigstore.errors import Error  # noqa: PLC0415 - 0.7 s
    from sigstore.oidc import ExpiredIdentity  # noqa: PLC0415

    own = (Error, ExpiredIdentity, ExpiredCertificate, FulcioClientError, RekorClientError)
    return (*own, OSError, ValueError, TypeError, LookupError)  # OSError: of `requests`


def _service(what: str, error: Exception) -> SignatureError:
    return SignatureError("signing-service", f"{what}: {told(error)}")
