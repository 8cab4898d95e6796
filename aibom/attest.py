"""Scan, write the bill of materials and sign it, in one step."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from . import layout
from .errors import TargetError
from .folder import VERSION_CONTROL, Found, readable
from .publish import Published, Wishes, publish
from .scan import open_target
from .scanners.facts import Reason, Reference, Refers, Unread
from .scanners.record import record
from .signatures import SignatureError, key_file, signer_from_uri
from .signatures.names import check_name

if TYPE_CHECKING:
    from datetime import datetime

    from .policy import Verdict
    from .report import Report
    from .scanners.artifact import Artifact
    from .signatures import Signer


SPEC_VERSION = "1.7"  # of CycloneDX, unless another is asked for


@record
class Attestation:
    """What was written."""

    bom: bytes
    published: Published

    def __repr__(self) -> str:
        """Return what was written where, without its content."""
        written = ", ".join(map(str, self.published.written))
        return f"<Attestation: wrote {written or 'nothing new'}>"

    @property
    def outputs(self) -> layout.Outputs:
        """Where it lies."""
        return self.published.outputs


@record
class Release:
    """What the publisher says of the model; no byte of it can tell."""

    version: str = ""
    commit: str = ""


def refuse_key_inside(key: str, path: str | os.PathLike[str]) -> None:
    """Raise `TargetError` if the private key `key` lies in the model: it would be published."""
    file = key_file(key)
    if file is not None and Path(file).resolve() == Path(path).resolve():
        raise TargetError(
            f"{key!r}: the key is the model itself. Give the file of the private key."
        )
    if file is not None and Path(file).resolve().is_relative_to(Path(path).resolve()):
        raise TargetError(
            f"{key!r}: the private key lies in the model that it is to sign, and would be passed "
            "on with it. Move it elsewhere; if the model was ever passed on, make a new key."
        )


def refuse_names(path: Path, model: str | None = None) -> None:
    """Raise `TargetError` if a name below `path`, or that of the `model`, cannot be signed.

    Looks at names alone, before the long work of reading; what comes to be later, signing refuses.
    """
    is_folder = path.is_dir()
    own = readable(Path(os.path.abspath(path)).name)  # noqa: PTH100 - resolve() would follow links
    if model is not None and "/" in model:
        raise TargetError(f"--name is {model!r:.80}, which a folder cannot be called: no / in it.")
    _refuse_name(model or own or "root", "Give another --name." if model else RENAME)
    if not is_folder:
        _refuse_name(own, RENAME)
        return
    for folder, below, files in os.walk(path):
        place = os.path.relpath(folder, path)
        names = [name if place == "." else f"{place}/{name}" for name in files]
        if place == ".":
            below[:] = [name for name in below if name not in VERSION_CONTROL]
        for name in names:
            if layout.is_covered(name):
                _refuse_name(readable(name), RENAME)


RENAME = "Rename it, and sign then."


def _refuse_name(name: str, advice: str) -> None:
    try:
        check_name(name)
    except SignatureError as error:
        raise TargetError(f"this cannot be signed: {error}. {advice}") from error


def covered_files(report: Report) -> dict[str, str]:
    """Return name -> SHA-256 (hexadecimal) of every file that a signature must cover.

    Raises:
        SignatureError: One of them cannot be signed: a link, a pipe, a file that could not be read.
    """
    files: dict[str, str] = {}
    for artifact in report.artifacts:
        name = artifact.path[0]
        if layout.is_covered(name, in_folder=report.is_folder):
            files[name] = _digest(artifact)
    return files


def _digest(artifact: Artifact) -> str:
    for algorithm, digest in artifact.digests:
        if algorithm == "sha256":
            return digest
    name = repr(artifact.path[0])
    if any(isinstance(f, Reference) and f.kind is Refers.LINK for f in artifact.facts):
        raise SignatureError("symlink", f"{name} is a symbolic link")
    why = [fact for fact in artifact.facts if isinstance(fact, Unread)]
    if any(fact.reason is Reason.NOT_A_FILE for fact in why):
        raise SignatureError("not-regular", f"{name}: {why[0].detail}")
    if any(fact.reason is Reason.CHANGED for fact in why):
        raise SignatureError("changed-while-reading", f"{name}: {why[0].detail}")
    raise SignatureError("unreadable-file", f"{name}: {why[0].detail if why else 'not read'}")


def attest_target(  # noqa: PLR0913 - each is one independent choice
    path: str | os.PathLike[str],
    report: Report,
    signer: Signer | str,
    *,
    folder: Path | None = None,
    timestamp: datetime | None = None,
    release: Release | None = None,
    wishes: Wishes | None = None,
    spec_version: str = SPEC_VERSION,
    verdict: Verdict | None = None,
) -> Attestation:
    """Write the BOM of `report` and its signatures beside the model at `path`, or into `folder`.

    `signer` is the place of a private key (a file's path, or a URI such as ``env://NAME``), or
    another `Signer`; `spec_version` is that of CycloneDX. The BOM names the policy and the
    waivers of `verdict`. All is made in memory first, so that a failure leaves nothing behind.

    Raises:
        TargetError: The report is of something else.
        SignatureError: A file cannot be signed, it changed since the scan, or the signer failed.
        BomError: The BOM would not be valid.
        OutputError: A file could not be written, or would replace another signer's signature.
    """
    target = Path(path)
    outputs = outputs_of(target, folder)
    signer = signer_from_uri(signer) if isinstance(signer, str) else signer
    files = covered_files(report)
    refuse_others(report, target)
    fingerprints = fingerprints_of(report, layout.fingerprints_name(outputs.bom.name))
    bom = bom_of(report, timestamp, release, spec_version, fingerprints, verdict)
    done = publish(
        outputs,
        signer,
        target=target,
        model=report.name,
        bom=bom,
        files=files,
        wishes=wishes or Wishes(),
        fingerprints=fingerprints.content if fingerprints else None,
    )
    return Attestation(bom, done)


def refuse_others(report: Report, target: Path) -> None:
    """Raise unless the files at `target` are those that `report` is of, unchanged since.

    Raises:
        TargetError: The report is of something else, or says not of what.
        SignatureError: `changed-while-reading`.
    """
    shown = repr(readable(str(target)))
    origin = report.origin
    if origin.root is None:
        raise TargetError("This report does not say which files it is of. Scan the model here.")
    _, is_folder, entries = open_target(target)
    seen = target.stat()
    if is_folder != report.is_folder or (seen.st_dev, seen.st_ino) != origin.root:
        raise TargetError(f"The report is of something else than {shown}. Scan that.")
    covered = partial(layout.is_covered, in_folder=report.is_folder)
    left = set(filter(covered, origin.stamps))
    for entry in entries:
        with contextlib.closing(entry):
            name = entry.name
            if not covered(name):
                continue
            stamp = entry.stamp if entry.found is Found.FILE else None
            if origin.stamps.get(name) != stamp:
                raise SignatureError("changed-while-reading", f"{name!r} changed since the scan")
            left.discard(name)
    if left:
        raise SignatureError("changed-while-reading", f"{min(left)!r} vanished since the scan")


def bom_of(  # noqa: PLR0913, PLR0917 - all but the first two may be left out
    report: Report,
    timestamp: datetime | None,
    release: Release | None,
    spec_version: str = SPEC_VERSION,
    fingerprints: Fingerprints | None = None,
    verdict: Verdict | None = None,
) -> bytes:
    """Return the bytes of the BOM of `report`, in a version of CycloneDX.

    It refers to the file of `fingerprints`, if these are given, and names the policy of `verdict`.

    Raises:
        BomError: It would not be valid.
    """
    from .bom import build, released, to_json  # noqa: PLC0415 - imported while files are hashed
    from .bom.fingerprints import with_sidecar  # noqa: PLC0415
    from .bom.judged import with_verdict  # noqa: PLC0415

    told = release or Release()
    bom = released(build(report), told.version, told.commit)
    if fingerprints is not None:
        bom = with_sidecar(bom, fingerprints.name, layout.digest(fingerprints.content))
    if verdict is not None:
        bom = with_verdict(bom, verdict)
    return to_json(bom, timestamp, spec_version)


@record
class Fingerprints:
    """The file that tells every tensor of a model by its values."""

    name: str
    content: bytes


def fingerprints_of(report: Report, name: str) -> Fingerprints | None:
    """Return the fingerprints of a report, if they were taken and there is a tensor.

    `name` is that of their file, which lies beside the BOM.

    Raises:
        SidecarError: There are too many.
    """
    from .weights.sidecar import write  # noqa: PLC0415 - imported while files are hashed

    if report.weights is None or not report.weights.files:
        return None
    return Fingerprints(name, write(report.weights))


def outputs_of(
    path: str | os.PathLike[str], folder: Path | None, *, fingerprints: bool = False
) -> layout.Outputs:
    """Return where the results for the model at `path` go: beside it, or into `folder`.

    Raises:
        TargetError: That is a folder inside the model, where they would lie unsigned.
    """
    target = Path(path)
    outputs = layout.Outputs.of(target, folder)
    here, there = target.resolve(), outputs.bom.parent.resolve()
    if there != here and target.is_dir() and there.is_relative_to(here):
        raise TargetError(
            f"{str(outputs.bom.parent)!r} lies inside the model: its signature would be a file "
            "that nobody signed. Write into the model's own folder, or outside of it."
        )
    return outputs.with_fingerprints() if fingerprints else outputs


HEAD_START = 0.06  # seconds for the other thread to open the files and begin to hash
SWITCH = 0.0002  # seconds; by default a thread that hashes waits 5 ms for one that imports


def import_early() -> Thread:
    """Import what writing and signing need, on a thread, while the files are being hashed."""
    sys.setswitchinterval(SWITCH)
    thread = Thread(target=_imports, daemon=True)
    thread.start()
    return thread


def _imports() -> None:
    time.sleep(HEAD_START)

    from .bom import validate  # noqa: PLC0415

    validate.load(alone=True)


def timestamp_from(environment: dict[str, str]) -> Any:  # noqa: ANN401 - imported late
    """Return the time that SOURCE_DATE_EPOCH names, or None: a BOM has no clock of its own.

    Raises:
        TargetError: The variable is no whole number of seconds.
    """
    text = environment.get("SOURCE_DATE_EPOCH")
    if not text:
        return None
    from datetime import UTC, datetime  # noqa: PLC0415 - rarely set

    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise TargetError(
            f"SOURCE_DATE_EPOCH is {text!r}, expected whole seconds since 1970."
        ) from error
