"""Scan, write the bill of materials and sign it, in one step."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from . import layout
from .errors import TargetError
from .output import write_atomic
from .scanners.facts import Reason, Reference, Refers, Unread
from .scanners.record import record
from .signatures import SignatureError, build_statement, sign, signer_from_uri

if TYPE_CHECKING:
    import os
    from datetime import datetime

    from .report import Report
    from .scanners.artifact import Artifact
    from .signatures import Signer


@record
class Attestation:
    """What was written."""

    outputs: layout.Outputs
    bom: bytes
    bundle: bytes
    replaced: bool  # a signature was there before


def refuse_key_inside(key: str, path: str | os.PathLike[str]) -> None:
    """Raise `TargetError` if the private key `key` lies in the model: it would be published."""
    if "://" not in key and Path(key).resolve().is_relative_to(Path(path).resolve()):
        raise TargetError(
            f"{key!r}: the private key lies in the model that it is to sign, and would be passed "
            "on with it. Move it elsewhere; if the model was ever passed on, make a new key."
        )


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


def attest_target(
    path: str | os.PathLike[str],
    report: Report,
    signer: Signer | str,
    *,
    folder: Path | None = None,
    timestamp: datetime | None = None,
) -> Attestation:
    """Write the BOM of `report` and its signature beside the model at `path`, or into `folder`.

    `signer` is the path of a private key, ``env://NAME`` for a variable that holds one, or another
    `Signer`. Both are made in memory first, so that a failure leaves nothing behind.

    Raises:
        SignatureError: A file cannot be signed, or the signer failed.
        BomError: The BOM would not be valid.
        OutputError: A file could not be written.
    """
    from .bom import build, to_json  # noqa: PLC0415 - imported while files are hashed

    outputs = layout.Outputs.of(Path(path), folder)
    signer = signer_from_uri(signer) if isinstance(signer, str) else signer
    bom = to_json(build(report), timestamp)
    bundle = sign_bom(report.name, outputs.bom.name, bom, covered_files(report), signer)
    replaced = outputs.bundle.exists()
    write_atomic(outputs.bom, bom)
    write_atomic(outputs.bundle, bundle)
    return Attestation(outputs, bom, bundle, replaced)


def sign_bom(model: str, bom_name: str, bom: bytes, files: dict[str, str], signer: Signer) -> bytes:
    """Return the bundle that signs `bom` (a file's bytes) and the model's `files` together.

    Raises:
        SignatureError: BOM and files do not agree, or the signer failed.
    """
    statement = build_statement(model=model, bom_name=bom_name, bom=bom, files=files)
    return sign(statement, signer)


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

    validate.load()


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
