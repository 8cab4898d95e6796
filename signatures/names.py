"""Names of files inside a model: relative, unambiguous, safe to print and to open."""

import re
import unicodedata
from collections.abc import Iterable

from .errors import SignatureError

MAX_NAME = 4096  # bytes of UTF-8; Linux opens no longer path

# C0 and C1 controls would write to the terminal of whoever prints the name.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\\\ud800-\udfff]")
_DRIVE = re.compile(r"^.:")
_PLAIN = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._-]*)(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")  # most are


def check_name(name: object) -> str:
    """Return `name` if it is a relative path with ``/`` that stays inside its folder.

    Raises:
        SignatureError: `bad-name`.
    """
    if isinstance(name, str) and len(name) <= MAX_NAME and _PLAIN.fullmatch(name):
        return name  # what `_fault` would find nothing in
    if not isinstance(name, str) or not name:
        raise SignatureError("bad-name", f"a file's name is {name!r:.80}, expected some text")
    reason = _fault(name)
    if reason:
        raise SignatureError("bad-name", f"name {name!r:.200} {reason}")
    return name


def check_distinct(names: Iterable[str]) -> None:
    """Raise where two names differ only in case or in Unicode form (NFC, NFD).

    macOS and Windows keep one file for the two, so the second would take the place of the first.

    Raises:
        SignatureError: `colliding-names`.
    """
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(_folded(name), name)
        if other != name:
            raise SignatureError(
                "colliding-names", f"names {other!r} and {name!r} are one file on some systems"
            )


def _fault(name: str) -> str | None:
    if _UNSAFE.search(name):
        return "has a backslash, a control character or half a surrogate pair"
    if _DRIVE.match(name):
        return "starts with a drive"
    if any(part in {"", ".", ".."} for part in name.split("/")):
        return "is not a plain relative path"
    if len(name.encode()) > MAX_NAME:
        return f"is longer than {MAX_NAME} bytes"
    return None


def _folded(name: str) -> str:
    if name.isascii():
        return name.lower()
    # Folding can undo the composed form (ǰ), so compose again.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
