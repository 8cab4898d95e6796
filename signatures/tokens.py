"""Identity tokens: how a signer without a key shows to Sigstore who they are.

A token comes from a place that the operator names, from the surroundings (a CI job with an
identity), or from a log-in at a desk. It is a secret for the minutes that it lives, and is never
printed.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

from .device_flow import log_in
from .errors import SignatureError
from .extra import require_sigstore

VARIABLE = "SIGSTORE_IDENTITY_TOKEN"  # of the environment; sigstore's own programs read it too
MAX_TOKEN = 64 << 10  # bytes; GitHub's have about 2,000

Flow: TypeAlias = Literal["browser", "device"]
Token: TypeAlias = Callable[[str], str]
"""Returns a token, given the URL of the identity provider for people."""


def token_at(place: str) -> str:
    """Return the token in the file at `place`, or in the variable that ``env://NAME`` names.

    Raises:
        SignatureError: `keyless-token`.
    """
    if place.startswith("env://"):
        name = place.removeprefix("env://")
        token = os.environ.get(name, "")
        if not token:
            raise SignatureError("keyless-token", f"the variable {name!r} is not set")
        return token
    try:
        if not Path(place).is_file():  # a pipe would be waited for
            raise SignatureError("keyless-token", f"{place!r}: is not there, or no regular file")
        with Path(place).open("rb") as file:
            return file.read(MAX_TOKEN).decode("ascii").strip()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path, or no text in the file
        why = getattr(error, "strerror", None) or "holds no token"
        raise SignatureError("keyless-token", f"{place!r}: {why.lower()}") from error


def ambient_token() -> str | None:
    """Return the token of the CI job that this is, or None if this is none with an identity.

    Knows GitHub Actions, GitLab, Google Cloud, Buildkite and CircleCI.

    Raises:
        SignatureError: `keyless-token`: the job should have one and does not get it.
    """
    require_sigstore()
    from sigstore.oidc import IdentityError, detect_credential  # noqa: PLC0415 - 0.7 s

    try:
        return detect_credential()
    except IdentityError as error:
        raise SignatureError(
            "keyless-token",
            f"this CI job gets no identity (on GitHub: permissions: id-token: write): {error}",
        ) from error


def token_source(place: str | None, flow: Flow | None) -> Token:
    """Return where the token will come from, asked only when all is ready to be signed.

    A `place` excludes the rest. `flow` says how a person logs in when there is no CI job with an
    identity; None for nobody to be asked.
    """

    def ask(issuer: str) -> str:
        if place is not None or os.environ.get(VARIABLE):
            return token_at(place or f"env://{VARIABLE}")
        found = ambient_token()
        if found is not None:
            return found
        if flow is None:
            raise SignatureError(
                "keyless-token", "no CI job with an identity is here, and nobody to log in"
            )
        return log_in(issuer) if flow == "device" else _browse(issuer)

    return ask


def _browse(issuer: str) -> str:
    """Log in with a browser on this machine, or by a code from another one."""
    from sigstore.errors import Error  # noqa: PLC0415 - 0.7 s
    from sigstore.oidc import Issuer, IssuerError  # noqa: PLC0415

    try:
        return str(Issuer(issuer).identity_token())
    except (Error, IssuerError, OSError, EOFError, LookupError, ValueError) as error:
        raise SignatureError("keyless-token", f"the log-in failed: {error!r:.200}") from error
