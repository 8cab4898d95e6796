"""Whom to trust without a key: an identity, or an authority, by files of the operator's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import TargetError
from .folder import readable
from .hashed import read_ours
from .signatures import SignatureError
from .signatures.authority_trust import AuthorityTrust
from .signatures.keyless import KeylessTrust
from .signatures.trust_root import TrustRoot

if TYPE_CHECKING:
    from .signatures.identity import Identity

StrPath = str | os.PathLike[str]


def identity_trust(  # noqa: PLR0913 - all but two named
    identity: Identity,
    path: StrPath,
    *,
    root: StrPath | None = None,
    staging: bool = False,
    without_log: bool = False,
    allow_inside: bool = False,
) -> KeylessTrust:
    """Return the trust in `identity`, as the Sigstore instance says whose trusted root is `root`.

    Without `root` it is the public instance, or its `staging` twin, as the package brings it.
    `without_log` says that the root has no log, and that a timestamp is enough.

    Raises:
        TargetError: The file cannot be read, or lies inside the model at `path`.
        SignatureError: `trust-root`, `keyless-extra`.
    """
    if root is None and without_log:
        raise SignatureError("trust-root", "the instances that come with sigstore have logs")
    if root is None:
        return KeylessTrust(identity, TrustRoot.embedded(staging=staging))
    raw = read_outside(root, path, "trusted root", allow_inside=allow_inside)
    shown = readable(os.fspath(root))
    found = TrustRoot.from_json(raw, shown, without_log=without_log)
    return KeylessTrust(identity, found, without_log)


def authority_trust(
    roots: StrPath,
    name: str,
    path: StrPath,
    *,
    timestamps: StrPath | None = None,
    allow_inside: bool = False,
) -> AuthorityTrust:
    """Return the trust in who holds a certificate for `name` by an authority in the file `roots`.

    `timestamps` is the chain of the timestamp authority that is believed; both files are PEM.

    Raises:
        TargetError: A file cannot be read, or lies inside the model at `path`.
        SignatureError: `trust-root`, `identity-demand`.
    """
    stampers = (
        None
        if timestamps is None
        else read_outside(timestamps, path, "timestamp authority", allow_inside=allow_inside)
    )
    pem = read_outside(roots, path, "certificate authority", allow_inside=allow_inside)
    return AuthorityTrust.from_pem(pem, name, stampers)


def read_outside(file: StrPath, path: StrPath, what: str, *, allow_inside: bool = False) -> bytes:
    """Return the operator's `file`, which may not lie in the model at `path`.

    Raises:
        TargetError: It cannot be read, or it does: whoever changes the model could change it too.
    """
    if not allow_inside and Path(file).resolve().is_relative_to(Path(path).resolve()):
        raise TargetError(
            f"{readable(os.fspath(file))}: the {what} lies in the model, so whoever changes the "
            "model can change whom you trust. Get it by another way (or --allow-key-inside)."
        )
    return read_ours(Path(file), what, TargetError)
