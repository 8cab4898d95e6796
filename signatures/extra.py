"""The optional package `sigstore`: asked for late, and missed in one clear sentence."""

from functools import cache
from importlib.util import find_spec

from .errors import SignatureError

_PACKAGES = ("sigstore", "rfc3161_client")


def require_sigstore() -> None:
    """Raise unless what the extra installs is there.

    Raises:
        SignatureError: `keyless-extra`.
    """
    if any(find_spec(package) is None for package in _PACKAGES):
        raise SignatureError(
            "keyless-extra", "this needs the package sigstore: pip install 'aibom[sigstore]'"
        )
    _silence()


@cache
def _silence() -> None:
    """Have `sigstore` not log to standard error what it also raises; others may take its log."""
    import logging  # noqa: PLC0415 - 10 ms

    logging.getLogger("sigstore").addHandler(logging.NullHandler())


def told(error: Exception) -> str:
    """Return the text of a foreign error in one quoted line, with what a service answered."""
    text = str(error) or f"{type(error).__name__}: {error.__cause__}"
    answer = getattr(getattr(error.__cause__, "response", None), "text", "")
    return f"{' '.join((text + ' ' + answer).split())!r:.400}"
