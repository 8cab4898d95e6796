"""Whom a Sigstore instance believes: its authorities and logs, from one file that you trust.

The file is a ``trusted_root.json`` (media type ``application/vnd.dev.sigstore.trustedroot+json``),
a client trust config that holds one, or several roots, one a line, as ``gh attestation
trusted-root`` writes them: of these only one is believed. Those of the public instance and of its
staging twin come with the package ``sigstore``; nothing is ever fetched here.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from .certificates import read_der
from .errors import SignatureError
from .extra import require_sigstore
from .jsonlines import lines
from .strictjson import JSON, dumps, loads
from .timestamps import Stamper

if TYPE_CHECKING:
    from sigstore_models.trustroot.v1 import TrustedRoot

CONFIG_TYPE = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
ROOT_TYPE = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
MAX_ROOT = 4 << 20  # bytes; that of the public instance has 7,000
MAX_ROOTS = 16  # in one file; `gh` writes two
OLD = timedelta(days=730)  # since the newest key: then somebody should look for a newer file

_REPOSITORIES = {
    False: "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev",
    True: "https%3A%2F%2Ftuf-repo-cdn.sigstage.dev",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustRoot:
    """The authorities and logs that are believed."""

    origin: str  # where it comes from, for people
    newest: datetime  # when the newest of its keys and certificates came into force
    stampers: tuple[Stamper, ...]  # timestamp authorities
    root: "TrustedRoot" = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: bytes, origin: str, *, without_log: bool = False) -> "TrustRoot":
        """Read a trusted root, or the one inside a client trust config.

        Of several, the one that has logs; with `without_log` the one that has none, which is
        demanded of a single root, too.

        Raises:
            SignatureError: `trust-root`, `keyless-extra`.
        """
        require_sigstore()
        try:
            texts = lines(raw, most=MAX_ROOTS)
        except SignatureError as error:
            raise SignatureError("trust-root", f"{origin}: {error}") from error
        roots = [_read(dumps(_found(text, origin)), origin) for text in texts]
        if len(roots) > 1 or without_log:
            roots = [each for each in roots if each.has_logs is not without_log]
        if len(roots) != 1:
            which = "without a log" if without_log else "with a log"
            raise SignatureError(
                "trust-root", f"{origin}: {len(roots)} trusted roots {which}, expected one"
            )
        return roots[0]

    @classmethod
    def embedded(cls, *, staging: bool = False) -> "TrustRoot":
        """Return the root of the public instance (or its staging twin) that sigstore brought.

        Raises:
            SignatureError: `trust-root`, `keyless-extra`.
        """
        require_sigstore()
        from importlib import metadata, resources  # noqa: PLC0415 - rarely needed

        package = f"sigstore {metadata.version('sigstore')}"
        name = "sigstage.dev" if staging else "sigstore.dev"
        file = resources.files("sigstore._store") / _REPOSITORIES[staging] / "trusted_root.json"
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise SignatureError("trust-root", f"{package} brings no root of {name}") from error
        return cls.from_json(raw, f"{name}, as {package} brings it")

    @property
    def has_logs(self) -> bool:
        """Whether any log is known, of signatures or of certificates."""
        return bool(self.root.tlogs or self.root.ctlogs)

    @property
    def told(self) -> str:
        """Where it comes from and how old it is, for people."""
        return f"{self.origin}; its newest key is of {self.newest:%Y-%m-%d}"

    def warnings(self, now: datetime | None = None) -> tuple[str, ...]:
        """Return what is unwise about it, seen from `now` (else the clock's time)."""
        age = (now or datetime.now(UTC)) - self.newest
        if age <= OLD:
            return ()
        since = f"the newest key in the trust root ({self.origin}) is {age.days} days old"
        return (f"{since}: if keys were withdrawn since, it does not know; look for a newer one",)


def _found(raw: bytes, origin: str) -> dict[str, JSON]:
    try:
        found = loads(raw, limit=MAX_ROOT)
    except SignatureError as error:
        raise SignatureError("trust-root", f"{origin}: {error}") from error
    if isinstance(found, dict) and found.get("mediaType") == CONFIG_TYPE:
        found = found.get("trustedRoot")
    if not isinstance(found, dict) or found.get("mediaType") != ROOT_TYPE:
        raise SignatureError("trust-root", f"{origin}: no trusted root of Sigstore")
    return {"tlogs": [], "ctlogs": [], **found}  # protobuf's JSON leaves empty lists out


def _read(raw: bytes, origin: str) -> TrustRoot:
    from sigstore_models.trustroot.v1 import TrustedRoot  # noqa: PLC0415 - an extra

    try:
        root = TrustedRoot.from_json(raw)
        stampers = tuple(
            Stamper(
                tuple(read_der(it.raw_bytes) for it in each.cert_chain.certificates),
                each.valid_for.start,
                each.valid_for.end,
            )
            for each in root.timestamp_authorities
            if each.cert_chain.certificates
        )
    except (ValueError, SignatureError) as error:
        raise SignatureError("trust-root", f"{origin}: {str(error)!r:.300}") from error
    ranges = [
        each.valid_for for each in (*root.certificate_authorities, *root.timestamp_authorities)
    ]
    for log in (*root.tlogs, *root.ctlogs):
        ranges += [log.public_key.valid_for] if log.public_key.valid_for else []
    if not ranges:
        raise SignatureError("trust-root", f"{origin}: holds no key and no certificate")
    if any(moment.tzinfo is None for it in ranges for moment in (it.start, it.end) if moment):
        raise SignatureError("trust-root", f"{origin}: a time lacks its zone")
    newest = max(each.start for each in ranges)
    return TrustRoot(origin=origin, newest=newest, stampers=stampers, root=root)
