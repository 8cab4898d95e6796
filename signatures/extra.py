"""The optional package `sigstore`: asked for late, and missed in one clear sentence."""

import logging
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
    # It logs to standard error whatever it also raises, unless somebody else takes its log.
    logging.getLogger("sigstore").addHandler(_SILENCE)


_SILENCE = logging.NullHandler()


def told(error: Exception) -> str:
    """Return the text of a foreign error in one quoted line, with what a service answered."""
    text = str(error) or f"{type(error).__name__}: {error.__cause__}"
    answer = getattr(getattr(error.__cause__, "response", None), "text", "")
    return f"{' '.join((text + ' ' + answer).split())!r:.400}"
