"""Write what signs a model: BOM, bundle and OpenSSF model signature, all of them or none."""

from __future__ import annotations

import contextlib
import json
import os
from types import MappingProxyType
from typing import TYPE_CHECKING

from . import layout
from .earlier_release import no_longer_stated
from .earlier_target import Now, is_its_own_place, refuse_another
from .errors import OutputError
from .folder import VERSION_CONTROL, readable
from .hashed import read_ours
from .output import UNSEEN, refuse_leftovers, write_together
from .scan import open_target
from .scanners.record import record
from .signatures import (
    build_manifest,
    build_statement,
    for_model_signature,
    is_as_wanted,
    payload_by,
    sign,
)
from .weights.sidecar import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from .signatures import Signer

NOTHING: Mapping[str, str] = MappingProxyType({})


@record(kw_only=True)
class Wishes:
    """What else is signed, and what may be replaced."""

    further: Mapping[str, str] = NOTHING  # name -> SHA-256 of things that are no files of the model
    model_signature: bool = True  # also the OpenSSF one, if the model is a folder
    force: bool = False  # replace signatures that the signer did not make


@record
class Published:
    """What was written."""

    outputs: layout.Outputs
    bundle: bytes
    replaced: tuple[Path, ...]  # what had been there, by the same signer or forced
    unchanged: tuple[Path, ...]  # signatures by the same signer over the very same
    lost: tuple[str, ...] = ()  # what the BOM that was there stated, and this one does not

    @property
    def written(self) -> tuple[Path, ...]:
        """The files that hold the result, those included that needed no change."""
        each = self.outputs
        paths = (each.bom, each.fingerprints, each.bundle, each.model_signature)
        return tuple(path for path in paths if path is not None)


def publish(  # noqa: PLR0913 - all named
    outputs: layout.Outputs,
    signer: Signer,
    *,
    target: Path,
    model: str,
    bom: bytes,
    files: Mapping[str, str],
    wishes: Wishes,
    fingerprints: bytes | None = None,
) -> Published:
    """Sign `bom` (a file's bytes) and the model's `files` together, and write the results.

    `fingerprints` are the bytes of the file that `bom` refers to by its digest, if it does.
    Everything is made in memory first. A signature that the same key made over the same content
    stays as it is, so that signing again changes nothing.

    Raises:
        SignatureError: BOM and files do not agree, or the signer failed.
        OutputError: A file could not be written, or would replace the signature of another signer
            or another model.
    """
    if not wishes.model_signature or not target.is_dir():
        outputs = layout.Outputs(outputs.bom, outputs.bundle, fingerprints=outputs.fingerprints)
    documents = {outputs.bom: bom}
    if fingerprints is not None:
        outputs = outputs if outputs.fingerprints else outputs.with_fingerprints()
        documents |= {path: fingerprints for path in (outputs.fingerprints,) if path}
    payloads = {
        outputs.bundle: build_statement(
            model=model, bom_name=outputs.bom.name, bom=bom, files=files, further=wishes.further
        )
    }
    if outputs.model_signature is not None:
        payloads[outputs.model_signature] = _manifest(outputs, target, model, documents, files)
    earlier = _look(outputs, payloads, signer, force=wishes.force, bom=bom)
    if not wishes.force:
        earlier.refuse_another(outputs, target, Now(model, files.keys(), files))
    refuse_leftovers(files, str(target))
    signers = dict.fromkeys(payloads, signer)
    if outputs.model_signature is not None:
        signers[outputs.model_signature] = for_model_signature(signer)
    unchanged = {
        path: found.raw
        for path, payload in payloads.items()
        if (found := earlier.signatures[path]) is not None
        and found.payload == payload
        and is_as_wanted(signers[path], found.raw)
    }
    results = {
        path: sign(payload, signers[path])
        for path, payload in payloads.items()
        if path not in unchanged
    }
    changed = {path: data for path, data in documents.items() if earlier.documents[path] != data}
    everything = {**changed, **results}
    write_together(everything, UNSEEN if wishes.force else earlier.seen)
    replaced = tuple(path for path in everything if earlier.is_lost(path, outputs))
    lost = no_longer_stated(earlier.documents[outputs.bom], bom)
    return Published(outputs, (unchanged | results)[outputs.bundle], replaced, (*unchanged,), lost)


def _manifest(
    outputs: layout.Outputs,
    target: Path,
    model: str,
    results: Mapping[Path, bytes],
    files: Mapping[str, str],
) -> bytes:
    """Return what the OpenSSF model signature signs: files, and `results` that lie with them."""
    ours = outputs.within(target)
    signed = dict(files)
    for path, content in results.items():
        if path.name in ours:
            signed[path.name] = layout.digest(content)
    ignored = (VERSION_CONTROL | layout.OUTPUTS | ours) - signed.keys()
    return build_manifest(model=model, files=signed, ignored=ignored)


@record
class _Signature:
    raw: bytes  # the bundle
    payload: bytes  # empty if the signer did not sign it


@record
class _Earlier:
    """What lay in the places of the results before."""

    documents: Mapping[Path, bytes | None]  # the BOM and what it refers to
    signatures: Mapping[Path, _Signature | None]

    @property
    def seen(self) -> dict[Path, bytes | None]:
        raw = {path: each.raw if each else None for path, each in self.signatures.items()}
        return {**self.documents, **raw}

    def is_lost(self, path: Path, outputs: layout.Outputs) -> bool:
        """Whether what lay at `path` is worth a word; not if the signature over it is told of."""
        if path in self.signatures:
            return self.signatures[path] is not None
        signature, there = self.signatures[outputs.bundle], self.documents[path]
        if there is None:
            return False
        return signature is None or layout.digest(there).encode() not in signature.payload

    def refuse_another(self, outputs: layout.Outputs, target: Path, now: Now) -> None:
        """Raise `OutputError` if a signature of this signer's is of another model than `now`."""
        if is_its_own_place(outputs, target):
            return
        for path, each in self.signatures.items():
            if each is not None:
                refuse_another(path, each.payload, now)


def look_at_outputs(  # noqa: PLR0913 - all but three named
    outputs: layout.Outputs,
    target: Path,
    signer: Callable[[], Signer],
    *,
    wishes: Wishes,
    name: str | None = None,
    keeps_bom: bool = False,
) -> None:
    """Raise what `publish` would for what lies in the places of results, before long work.

    `signer` is only asked for if there is a signature that it may have made. `name` is what the
    model is called, if not as it lies there.

    Raises:
        OutputError: The folder may not be written to, holds what a killed process left behind, or
            a result of somebody else or of another model.
        SignatureError: The signer cannot be had.
    """
    folder = outputs.bom.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        shown = readable(str(folder))
        raise OutputError(f"{shown!r} may not be written to. Name another folder (--output-dir).")
    for each in {folder, target} if target.is_dir() else {folder}:
        with contextlib.suppress(OSError):  # says so when it is scanned
            refuse_leftovers(os.listdir(each), str(each))  # noqa: PTH208 - names
    places = [outputs.bundle, outputs.model_signature if wishes.model_signature else None]
    there = [path for path in places if path is not None and path.exists()]
    who = signer() if there and not wishes.force else None
    earlier = _look(outputs, there, who, force=wishes.force, keeps_bom=keeps_bom)
    if there and not wishes.force:
        earlier.refuse_another(outputs, target, _now(target, name))


def _now(target: Path, name: str | None) -> Now:
    """Return what is known of the model at `target` before it is read."""
    own, in_folder, entries = open_target(target)
    names: set[str] = set()
    for entry in entries:
        entry.close()
        if layout.is_covered(entry.name, in_folder=in_folder):
            names.add(entry.name)
    return Now(name or own, names)


def _look(  # noqa: PLR0913 - all but three named
    outputs: layout.Outputs,
    places: Iterable[Path],
    signer: Signer | None,
    *,
    force: bool,
    bom: bytes | None = None,
    keeps_bom: bool = False,
) -> _Earlier:
    """Return what is there; `bom` is to be.

    Raises:
        OutputError: It is by somebody else, and nobody said to replace it.
    """
    signatures = {path: _earlier(path, signer, force=force) for path in places}
    there = read_ours(outputs.bom, "earlier BOM", OutputError) if outputs.bom.exists() else None
    if there not in {None, bom} and not (force or keeps_bom or _is_own(there)):
        raise OutputError(
            f"{readable(str(outputs.bom))}: a BOM is there that aibom did not write. Sign it with "
            "`aibom sign`, move it elsewhere, or replace it with --force."
        )
    documents = {outputs.bom: there}
    if outputs.fingerprints is not None:
        documents[outputs.fingerprints] = _earlier_fingerprints(outputs.fingerprints, force=force)
    return _Earlier(documents, signatures)


def _earlier_fingerprints(path: Path, *, force: bool) -> bytes | None:
    """Return the fingerprints that are there.

    Raises:
        OutputError: Something else is in their place, and nobody said to replace it.
    """
    if not path.exists():
        return None
    there = read_ours(path, "earlier fingerprints", OutputError)
    if not force and SCHEMA.encode() not in there[: len(SCHEMA) + 40]:
        raise OutputError(
            f"{readable(str(path))}: a file is there that aibom did not write. Move it elsewhere, "
            "replace it with --force, or do without it by --no-fingerprints."
        )
    return there


def _is_own(bom: bytes | None) -> bool:
    """Whether a BOM says that this program wrote it."""
    try:
        found = json.loads(bom or b"")
        tools = found["metadata"]["tools"]["components"]
        return any(tool["name"] == "aibom" for tool in tools)
    except (ValueError, LookupError, TypeError, RecursionError):
        return False


def _earlier(path: Path, signer: Signer | None, *, force: bool) -> _Signature | None:
    """Return the bundle at `path`; None if there is none.

    Raises:
        OutputError: It is not by `signer`, and nobody said to replace it.
    """
    if not path.exists():
        return None
    raw = read_ours(path, "earlier signature", OutputError)
    payload = None if signer is None else payload_by(signer, raw)
    if payload is None and not force:
        why = (
            "and a signer without a lasting key knows none of its own again"
            if signer is not None and getattr(signer, "public", None) is None
            else "that this signer did not make, or that cannot be known as its own"
        )
        raise OutputError(
            f"{readable(str(path))}: a signature is there {why}. Remove it, or replace it with "
            "--force."
        )
    return _Signature(raw, payload or b"")
