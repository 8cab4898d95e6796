"""Hold a folder or file, its BOM and the signature over both against each other."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import folder, layout
from .errors import TargetError, UnsignedError
from .folder import Entry, Found
from .output import write_atomic
from .parallel import Cancelled, cores, spread
from .sandbox import DEFAULT_LIMITS
from .scan import SMALL, Progress, Silent, open_target
from .scanners.digest import SHA256, digests
from .scanners.record import record
from .scanners.shapes import is_list, is_object
from .signatures import KeyTrust, SignatureError, Signed, build_statement, sign, verify
from .signatures.statement import Statement, compare, parse_statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .signatures import Signer, Trust

MAX_BOM = 64 << 20  # bytes
SIZE = re.compile(r"[0-9]{1,18}")
NOT_HASHED = "not hashed: it cannot be the file that was signed"  # equal to no digest


@record
class Verification:
    """What was checked and holds. The signed BOM is here: do not read the file beside it."""

    model: str  # the name under which the model was signed
    signed_by: str
    files: int  # files whose digests were compared, without the BOM
    size: int  # bytes of these files
    bom: dict[str, Any]  # the CycloneDX document that was signed
    not_covered: tuple[str, ...]  # names that the signature leaves out
    warnings: tuple[str, ...]


def verify_target(
    path: str | os.PathLike[str],
    trust: Trust | str | os.PathLike[str],
    *,
    outputs: layout.Outputs | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Verify the model at `path`: signature, statement, BOM and every file.

    `trust` says whose signature counts: the path of a public key, or another `Trust`. The signature
    is checked before anything that it covers is believed; each file is read once.

    Raises:
        SignatureError: Something does not hold; `code` says what.
        UnsignedError: The BOM or the signature is not there.
        TargetError: The model or the key is not there.
    """
    target = Path(path)
    believed = key_trust(trust, path) if isinstance(trust, str | os.PathLike) else trust
    _must_exist(target)
    where = outputs or layout.Outputs.of(target)
    bundle = _read(where.bundle, "signature", UnsignedError)
    signed = _believe(bundle, believed, where.bundle)
    statement = parse_statement(signed.payload, bom_name=where.bom.name)
    bom = _read(where.bom, "BOM", UnsignedError)
    found, _ = _files(target, where, progress, _signed_sizes(statement))
    compare(statement, bom=bom, files=found.digests)
    return Verification(
        model=statement.model,
        signed_by=signed.by,
        files=len(found.digests),
        size=found.size,
        bom=statement.bom,
        not_covered=tuple(found.left_out),
        warnings=believed.warnings,
    )


def sign_existing(
    path: str | os.PathLike[str],
    signer: Signer,
    *,
    outputs: layout.Outputs,
    progress: Progress | None = None,
) -> bool:
    """Sign the BOM that exists with the files of the model at `path`; write the bundle.

    Returns whether a signature was there before.

    Raises:
        SignatureError: BOM and files do not agree, or the signer failed.
        TargetError: The model or its BOM is not there.
        OutputError: The bundle could not be written.
    """
    bom = _read(outputs.bom, "BOM")
    found, name = _files(Path(path), outputs, progress, None)
    statement = build_statement(model=name, bom_name=outputs.bom.name, bom=bom, files=found.digests)
    bundle = sign(statement, signer)
    replaced = outputs.bundle.exists()
    write_atomic(outputs.bundle, bundle)
    return replaced


def _must_exist(target: Path) -> None:
    if not target.exists():
        raise TargetError(f"{folder.readable(str(target))}: no such file or folder.")


def _believe(bundle: bytes, trust: Trust, path: Path) -> Signed:
    """Verify the bundle's signature; a bundle that cannot be read is named."""
    try:
        return verify(bundle, trust)
    except SignatureError as error:
        if not error.code.startswith(("json-", "bundle-")):
            raise
        raise SignatureError(error.code, f"{folder.readable(str(path))}: {error}") from error


def key_trust(
    key: str | os.PathLike[str], path: str | os.PathLike[str], *, allow_inside: bool = False
) -> KeyTrust:
    """Return the trust in the public key in the PEM file `key`.

    Raises:
        TargetError: It cannot be read, or lies inside the model at `path`: whoever can change the
            model could then change the key.
        SignatureError: It is no key that can be trusted.
    """
    if not allow_inside and Path(key).resolve().is_relative_to(Path(path).resolve()):
        raise TargetError(
            f"{folder.readable(os.fspath(key))}: the key lies in the model that it is to verify, "
            "so whoever changes the model can change the key. Get it by another way "
            "(or --allow-key-inside)."
        )
    return KeyTrust.from_pem(_read(Path(key), "public key"))


def _read(path: Path, what: str, missing: type[TargetError] = TargetError) -> bytes:
    """Return a file of ours, which may not be endless, a pipe or a device."""
    shown = folder.readable(str(path))
    try:
        entry = folder.open_file(path, path.name)
    except OSError as error:
        raise missing(
            f"{shown}: the {what} cannot be read: {folder.reason(error)}. "
            "Check --key, --bom and --bundle; `aibom attest` makes BOM and signature."
        ) from error
    if entry.found is not Found.FILE:
        raise missing(f"{shown}: the {what} is {entry.detail}, expected a regular file.")
    with os.fdopen(entry.fd, "rb") as file:
        data = file.read(MAX_BOM + 1)
    if len(data) > MAX_BOM:
        raise SignatureError("json-too-big", f"{shown}: more than {MAX_BOM} bytes")
    return data


def _files(
    target: Path,
    outputs: layout.Outputs,
    progress: Progress | None,
    signed: Mapping[str, int | None] | None,
) -> tuple[_Files, str]:
    """Return the files of the model at `target`, hashed, and the model's name."""
    name, in_folder, entries = open_target(target)
    here = target.resolve()
    ours = (outputs.bom, outputs.bundle) if in_folder else ()
    own = {path.name for path in ours if path.parent.resolve() == here}
    found = _Files(in_folder=in_folder, own=own, progress=progress or Silent())
    found.take(entries, signed)
    return found, name


class _Files:
    """The digests of the files at hand, and what stands in the way of having them."""

    def __init__(self, *, in_folder: bool, own: set[str], progress: Progress) -> None:
        self.digests: dict[str, str] = {}
        self.left_out: list[str] = []
        self.size = 0
        self._in_folder, self._own, self._progress = in_folder, own, progress
        self._cancelled = threading.Event()

    def take(self, entries: Iterable[Entry], signed: Mapping[str, int | None] | None) -> None:
        """Digest every entry that a signature covers.

        `signed` holds the names, and where known the sizes in bytes, of what was signed: a file
        that cannot match is not read at all, however large somebody made it.
        """
        found = spread(
            lambda entry: self._digest(entry, signed),
            self._covered(entries),
            workers=cores(),
            here=lambda entry: entry.size <= SMALL,
            discard=Entry.close,
            stop=self._cancelled.set,
        )
        for name, digest, size in found:
            self.digests[name] = digest
            self.size += size

    def _covered(self, entries: Iterable[Entry]) -> Iterable[Entry]:
        for entry in entries:
            if layout.is_covered(entry.name, in_folder=self._in_folder):
                if entry.name not in self._own:
                    yield _regular(entry)
                    continue
            elif entry.name not in self._own:
                self._leave_out(entry)
            entry.close()

    def _leave_out(self, entry: Entry) -> None:
        """Note what the signature does not cover; it may be no disguise for something else."""
        top = entry.name.split("/", 1)[0]
        self.left_out += [top] if top not in self.left_out else []
        if entry.found is Found.SYMLINK:
            raise SignatureError("symlink", f"{entry.name!r} is a symbolic link")
        is_output = entry.name in layout.OUTPUTS
        if is_output and (entry.found is not Found.FILE or not _is_json(entry)):
            entry.close()
            raise SignatureError("extra-file", f"{entry.name!r} is no result of signing")

    def _digest(
        self, entry: Entry, signed: Mapping[str, int | None] | None
    ) -> tuple[str, str, int]:
        try:
            if signed is not None and signed.get(entry.name, -1) not in {entry.size, None}:
                return entry.name, NOT_HASHED, entry.size
            if entry.size > DEFAULT_LIMITS.file_bytes:
                raise SignatureError(
                    "unreadable-file", f"{entry.name!r} is too large: {entry.size} bytes"
                )
            return entry.name, self._hash(entry), entry.size
        finally:
            entry.close()

    def _advance(self, count: int) -> None:
        if self._cancelled.is_set():
            raise Cancelled
        self._progress.advance(count)

    def _hash(self, entry: Entry) -> str:
        before = entry.stamp
        try:
            ((_, digest),) = digests(entry.fd, entry.size, (SHA256,), self._advance)
        except OSError as error:
            raise SignatureError(
                "unreadable-file", f"{entry.name!r}: {folder.reason(error)}"
            ) from error
        if entry.stamp != before:
            raise SignatureError(
                "changed-while-reading", f"{entry.name!r} changed while it was read"
            )
        return digest


def _is_json(entry: Entry) -> bool:
    """Whether a file begins as every BOM and every bundle does."""
    return os.pread(entry.fd, 1, 0) == b"{" if hasattr(os, "pread") else True


def _regular(entry: Entry) -> Entry:
    """Return an entry that can be read; raise for every other."""
    name = repr(entry.name)
    match entry.found:
        case Found.FILE:
            return entry
        case Found.SYMLINK:
            raise SignatureError("symlink", f"{name} is a symbolic link")
        case Found.SPECIAL:
            raise SignatureError("not-regular", f"{name} is {entry.detail}")
        case Found.VANISHED:
            raise SignatureError("changed-while-reading", f"{name} vanished")
        case _:
            raise SignatureError("unreadable-file", f"{name}: {entry.detail}")


def _signed_sizes(statement: Statement) -> dict[str, int | None]:
    """Return name -> size in bytes of every signed file; None where the BOM does not say."""
    sizes: dict[str, int | None] = dict.fromkeys(statement.files)
    components = statement.bom.get("components")
    for component in components if is_list(components) else ():
        properties = component.get("properties") if is_object(component) else None
        told = {
            each.get("name"): each.get("value")
            for each in (properties if is_list(properties) else ())
            if is_object(each)
        }
        path, size = told.get("aibom:path"), told.get("aibom:size")
        if path in sizes and isinstance(size, str) and SIZE.fullmatch(size):
            sizes[path] = int(size)
    return sizes
