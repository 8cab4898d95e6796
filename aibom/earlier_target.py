"""Of which model an earlier signature by the same key is: of the one that is signed now, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import OutputError
from .folder import readable
from .layout import BOM_NAME, OMS_NAME
from .scanners.record import record
from .signatures import SignatureError, parse_manifest
from .signatures.statement import parse_statement

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from .layout import Outputs


@record
class Now:
    """The model that is to be signed."""

    model: str  # its name
    names: Collection[str]  # of its files, relative
    files: Mapping[str, str] | None = None  # name -> SHA-256, hex; None before they were read


def is_its_own_place(outputs: Outputs, target: Path) -> bool:
    """Whether results lie where only those of the model at `target` do: whatever is there is its.

    That is in the model's folder, or beside a single file by the file's name.
    """
    here = outputs.bom.parent.resolve()
    if target.is_dir():
        return here == target.resolve()
    return here == target.parent.resolve() and outputs.bom.name == f"{target.name}.{BOM_NAME}"


def refuse_another(path: Path, payload: bytes, now: Now) -> None:
    """Raise unless the signature at `path`, over `payload`, is one of the model that is `now`.

    It is if all files are the same, or if the name is the same and at least one file. While no file
    was read yet, names of files stand for them.

    Raises:
        OutputError: It is of another model, or of something else.
    """
    try:
        model, files = _subjects(path, payload)
    except SignatureError:
        raise _refused(path, "a signature of something else than a model") from None
    if _is_same(model, files, now):
        return
    if model == now.model:
        what = f"a signature of another model called {model!r:.200}, without a file in common,"
        raise _refused(path, what)
    raise _refused(path, f"the signature of {model!r:.200}, not of {now.model!r:.200},")


def _refused(path: Path, what: str) -> OutputError:
    return OutputError(
        f"{readable(str(path))}: {what} is there. Write into another folder, or replace it with "
        "--force."
    )


def _subjects(path: Path, payload: bytes) -> tuple[str, Mapping[str, str]]:
    """Return the name and files (relative name -> SHA-256, hex) that a payload is about."""
    if path.name != OMS_NAME:
        statement = parse_statement(payload, bom_name=None)
        return statement.model, statement.files
    manifest = parse_manifest(payload)
    return manifest.model, manifest.files


def _is_same(model: str, files: Mapping[str, str], now: Now) -> bool:
    if now.files is None:
        return set(files) == set(now.names) or (model == now.model and _share(files, now.names))
    common = any(now.files.get(name) == digest for name, digest in files.items())
    return files == now.files or (model == now.model and common)


def _share(files: Collection[str], names: Collection[str]) -> bool:
    return not set(files).isdisjoint(names)
