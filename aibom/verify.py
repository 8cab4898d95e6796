"""Hold a folder or file, its BOM and the signature over both against each other."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import folder, layout
from .errors import TargetError, UnsignedError
from .hashed import Files, read_ours
from .scan import Progress, Silent, open_target
from .scanners.record import record
from .scanners.shapes import is_list, is_object
from .signatures import KeyTrust, SignatureError, verify
from .signatures.components import components
from .signatures.statement import NOTHING, Statement, compare, compare_files, parse_statement
from .signatures.strictjson import loads
from .weights.signed import referenced

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from .expect import Expectations
    from .hashed import Known
    from .publish import Published, Wishes
    from .report import Report
    from .rescan import Rescan
    from .signatures import Signed, Signer, Trust

FINGERPRINTS = "file of fingerprints"  # as sentences have it
SIZE = re.compile(r"[0-9]{1,18}")


@record
class Verification:
    """What was checked and holds. The signed BOM is here: do not read the file beside it."""

    model: str  # the name under which the model was signed
    signed_by: str
    files: int  # files whose digests were compared, without the BOM
    size: int  # bytes of these files
    bom: dict[str, Any]  # the CycloneDX document that was signed; empty for a model signature
    not_covered: tuple[str, ...]  # names that the signature leaves out
    warnings: tuple[str, ...]
    times: tuple[datetime, ...] = ()  # not later than each was it signed, as others vouch
    further: Mapping[str, str] = NOTHING  # what else was signed: name -> SHA-256, hexadecimal
    rescan: Rescan | None = None  # what today's scan says, if it was asked
    details: tuple[tuple[str, str], ...] = ()  # what else is known of the signature, for people

    def __repr__(self) -> str:
        """Return what was verified, without the BOM."""
        warned = f", {len(self.warnings)} warnings" if self.warnings else ""
        return f"<Verification of {self.model!r}: {self.files} files, {self.signed_by!r}{warned}>"


def verify_target(  # noqa: PLR0913 - each is one independent choice with a safe default
    path: str | os.PathLike[str],
    trust: Trust | str | os.PathLike[str],
    *,
    outputs: layout.Outputs | None = None,
    content: bytes | None = None,
    expectations: Sequence[Expectations] = (),
    rescanned: Callable[[], Report] | None = None,
    progress: Progress | None = None,
    now: datetime | None = None,
    known: Known | None = None,
) -> Verification:
    """Verify the model at `path`: signature, statement, BOM and every file, then `expectations`.

    `trust` says whose signature counts: the path of a public key, or another `Trust`. The signature
    is checked before anything that it covers is believed; each file is read once. `rescanned` scans
    the model again; what it reports is held against the BOM and the expectations as well. `now` is
    what ages are counted from, else the clock's time. `content` is the bundle if it was read
    before, `known` keeps digests from one call to the next.

    Raises:
        SignatureError: Something does not hold; `code` says what.
        UnsignedError: The BOM or the signature is not there.
        TargetError: The model or the key is not there.
    """
    target = Path(path)
    believed = key_trust(trust, path) if isinstance(trust, str | os.PathLike) else trust
    must_exist(target)
    where = outputs or layout.Outputs.of(target)
    if content is None:
        content = read_ours(where.bundle, "signature", UnsignedError)
    signed = believe(content, believed, where.bundle)
    statement = parse_statement(signed.payload, bom_name=where.bom.name)
    bom = read_ours(where.bom, "BOM", UnsignedError)
    where = _with_fingerprints(where, statement.bom)
    found, _ = hashed_files(target, where, progress, _signed_sizes(statement), known)
    compare(statement, bom=bom, files=found.digests)
    for each in expectations:
        each.check(statement.bom, subjects=statement.further, signed=signed, now=now)
    again = (
        compare_rescan(statement.bom, statement.files, rescanned(), expectations, now)
        if rescanned
        else None
    )
    found.confirm(target)
    return Verification(
        model=statement.model,
        signed_by=signed.by,
        files=len(found.digests),
        size=found.size,
        bom=statement.bom,
        not_covered=tuple(found.left_out),
        warnings=(*believed.warnings, *(again.uncovered if again else ())),
        times=signed.times,
        details=(*signed.details, *_embedded(statement)),
        further=statement.further,
        rescan=again,
    )


def _with_fingerprints(outputs: layout.Outputs, bom: dict[str, Any]) -> layout.Outputs:
    """Return the outputs with the fingerprints that the BOM refers to, if they are those.

    Raises:
        SignatureError: `missing-file` or `digest-mismatch`.
    """
    told = referenced(bom)
    if told is None:
        return outputs
    path = outputs.bom.with_name(told.name)
    shown = folder.readable(str(path))
    if not path.exists():
        why = "the file of fingerprints that the BOM refers to is not there"
        raise SignatureError("missing-file", f"{shown}: {why}")
    if layout.digest(read_ours(path, FINGERPRINTS, UnsignedError)) != told.digest:
        raise SignatureError("digest-mismatch", f"{shown} is not the one that the BOM refers to")
    return layout.Outputs(outputs.bom, outputs.bundle, outputs.model_signature, path)


def _embedded(statement: Statement) -> tuple[tuple[str, str], ...]:
    told = "the signature inside the BOM, which nobody here checks"
    return (("ignored", told),) if statement.has_embedded_signature else ()


def compare_rescan(  # noqa: PLR0913 - each is one thing to hold it against
    bom: dict[str, Any],
    files: Mapping[str, str],
    report: Report,
    expectations: Sequence[Expectations],
    now: datetime | None,
    *,
    besides: Collection[str] = (),
) -> Rescan:
    """Hold the verified `bom`, and what is expected of it, against a scan of this moment.

    `files` (relative name -> SHA-256, hex) are those that were verified: none was swapped since.
    `besides` are names of files that were signed as well, though our own signatures cover none.

    Raises:
        SignatureError: As `compare_files`, `rescan` and `Expectations.check_scan`.
    """
    from .attest import covered_files  # noqa: PLC0415 - rarely asked for
    from .rescan import rescan  # noqa: PLC0415

    compare_files(files, covered_files(report))
    found = rescan(bom, report, {*files, *besides})
    for each in expectations:
        each.check_scan(found.bom, waivers=bom, now=now)
    return found


def verify_model_signature(
    path: str | os.PathLike[str],
    trust: Trust,
    *,
    signature: Path | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Verify the folder at `path` by its OpenSSF model signature alone, whoever's program made it.

    Nothing is known then of what a scan found: there is no BOM.

    Raises:
        SignatureError: Something does not hold; `code` says what.
        UnsignedError: The signature is not there.
        TargetError: The folder is not there.
    """
    from .signatures import parse_manifest  # noqa: PLC0415 - rarely asked for

    target = Path(path)
    must_exist(target)
    where = signature or target / layout.OMS_NAME
    signed = believe(read_ours(where, "model signature", UnsignedError), trust, where)
    manifest = parse_manifest(signed.payload)
    _, in_folder, entries = open_target(target)
    if not in_folder:
        raise TargetError(f"{folder.readable(str(target))}: a model signature is of a folder.")
    here = where.parent.resolve() == target.resolve()
    found = Files(
        covers=manifest.covers, own={where.name} if here else (), progress=progress or Silent()
    )
    found.take(entries, dict.fromkeys(manifest.files))
    manifest.check(found.digests)
    found.confirm(target)
    return Verification(
        model=manifest.model,
        signed_by=signed.by,
        files=len(found.digests),
        size=found.size,
        bom={},
        not_covered=tuple(found.left_out),
        warnings=trust.warnings,
        times=signed.times,
        details=signed.details,
    )


def sign_existing(  # noqa: PLR0913 - all but two named
    path: str | os.PathLike[str],
    signer: Signer,
    *,
    outputs: layout.Outputs,
    progress: Progress | None = None,
    wishes: Wishes | None = None,
    look: Callable[[dict[str, Any]], None] | None = None,
) -> Published:
    """Sign the BOM that exists with the files of the model at `path`; write the signatures.

    `look` sees the document that is about to be signed, and may raise; of one that is no JSON it
    sees nothing.

    Raises:
        SignatureError: BOM and files do not agree, or the signer failed.
        TargetError: The model or its BOM is not there.
        OutputError: A file could not be written, or would replace another signer's signature.
    """
    from .publish import Wishes, publish  # noqa: PLC0415 - verifying does without

    target = Path(path)
    bom = read_ours(outputs.bom, "BOM", TargetError)
    document = _document(bom)
    if look is not None:
        look(document)
    outputs = _with_fingerprints(outputs, document)
    found, name = hashed_files(target, outputs, progress, None)
    beside = outputs.fingerprints
    return publish(
        outputs,
        signer,
        target=target,
        model=name,
        bom=bom,
        files=found.digests,
        wishes=wishes or Wishes(),
        fingerprints=read_ours(beside, FINGERPRINTS, TargetError) if beside else None,
    )


def _document(bom: bytes) -> dict[str, Any]:
    """Return what a BOM says, as far as it can be read; signing tells what is wrong with it."""
    try:
        document = loads(bom)
    except SignatureError:
        return {}
    return document if is_object(document) else {}


def must_exist(target: Path) -> None:
    """Raise `TargetError` unless there is something at `target`."""
    if not target.exists():
        raise TargetError(f"{folder.readable(str(target))}: no such file or folder.")


def believe(bundle: bytes, trust: Trust, path: Path) -> Signed:
    """Return what the bundle at `path` signs; one that cannot be read is named.

    Raises:
        SignatureError: As `signatures.verify`.
    """
    try:
        return verify(bundle, trust)
    except SignatureError as error:
        if not error.code.startswith(("json-", "bundle-")):
            raise
        raise SignatureError(error.code, f"{folder.readable(str(path))}: {error}") from error


def key_trust(
    key: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    allow_inside: bool = False,
    timestamps: bytes | None = None,
) -> KeyTrust:
    """Return the trust in the public key in the PEM file `key`.

    `timestamps` is the chain (PEM) of a timestamp authority that may vouch for the time.

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
    pem = read_ours(Path(key), "public key", TargetError)
    try:
        return KeyTrust.from_pem(pem, timestamps)
    except SignatureError as error:
        if not error.code.startswith("key-"):
            raise
        shown = folder.readable(os.fspath(key))
        raise SignatureError(error.code, f"{shown}: {error}") from error


def hashed_files(
    target: Path,
    outputs: layout.Outputs,
    progress: Progress | None,
    signed: Mapping[str, int | None] | None,
    known: Known | None = None,
) -> tuple[Files, str]:
    """Return the files of the model at `target`, hashed, and the model's name.

    Raises:
        SignatureError: As `Files.take`.
    """
    name, in_folder, entries = open_target(target)
    own = outputs.within(target) if in_folder else ()
    found = Files(
        covers=lambda name: layout.is_covered(name, in_folder=in_folder),
        own=own,
        progress=progress or Silent(),
        known=known,
    )
    found.take(entries, signed)
    return found, name


def _signed_sizes(statement: Statement) -> dict[str, int | None]:
    """Return name -> size in bytes of every signed file; None where the BOM does not say."""
    sizes: dict[str, int | None] = dict.fromkeys(statement.files)
    for component in components(statement.bom):
        path = size = None
        properties = component.get("properties")
        for each in properties if is_list(properties) else ():
            name = each.get("name") if is_object(each) else None
            if name == "aibom:path":
                path = each.get("value")
            elif name == "aibom:size":
                size = each.get("value")
        if not (isinstance(path, str) and path in sizes):
            continue
        if isinstance(size, str) and SIZE.fullmatch(size):
            sizes[path] = int(size)
    return sizes
