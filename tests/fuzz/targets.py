"""The readers that are fuzzed, in one table, and what must hold of each for any bytes.

Only its own errors leave a reader; it ends soon, needs little memory, keeps none of it, and says
the same of the same bytes each time.
"""

from __future__ import annotations

import gc
import json
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from aibom import policy_file, waiver_file
from aibom.bom.lint import lint
from aibom.bom.read import parse as read_bom
from aibom.bom.show import card
from aibom.errors import AibomError
from aibom.scanners import codec, kits
from aibom.scanners.dissect import dissect
from aibom.scanners.format import Part, Subject
from aibom.scanners.formats import FORMATS
from aibom.scanners.isolate import strict
from aibom.scanners.limits import MIB, Budget, Exceeded, Limits
from aibom.scanners.source import BytesSource, Malformed
from aibom.signatures import (
    SignatureError,
    attestation,
    bundle,
    jsonlines,
    oms,
    statement,
    strictjson,
)
from aibom.signatures.certificates import read_leaf
from aibom.signatures.timestamps import stamped_times
from aibom.signatures.trust_root import TrustRoot

if TYPE_CHECKING:
    from aibom.scanners.artifact import Artifact
    from aibom.scanners.format import Format

LIMITS = Limits(total_bytes=64 * MIB, ratio_floor=4 * MIB, ratio_total=16 * MIB, text=4 * MIB)
SECONDS = 4.0  # processor time of one input of at most LONGEST bytes; instrumented code is slow
LONGEST = 16 << 10  # bytes of an input
PEAK = 128 * MIB  # bytes that reading one input may take
KEPT = 1 * MIB  # bytes that may stay behind, in caches
NODES = 100_000  # values of an answer
BLOCK = 1 << 16  # bytes of a part that are read at once

TOLD = frozenset({"pickle", "jinja", "marshal"})  # formats that a loader may be known to use

NAMES = {  # of texts, which are told by them, or read by them in more than one way
    "model-card": "README.md", "json": "tokenizer_config.json", "jinja": "chat_template.jinja",
    "hub-metadata": "model.safetensors.metadata", "git-attributes": ".gitattributes",
    "mergekit": "mergekit_config.yml", "yaml": "config.yaml",
    "requirements": "requirements.txt",
}  # fmt: skip
BY_ID = {format_.id: format_ for format_ in FORMATS}


kits.load_all()


class Broken(AssertionError):  # noqa: N818 - it names what an invariant is
    """Something that must hold for all bytes does not hold for these."""


@dataclass(frozen=True, slots=True)
class Target:
    """A reader under test: `read` returns what it says of the bytes, comparable by `repr`."""

    name: str
    read: Callable[[bytes], object]
    raises: tuple[type[Exception], ...] = (Malformed, Exceeded)
    is_text: bool = False  # JSON and the like: no lengths to change


def check(target: Target, data: bytes, *, is_thorough: bool = False) -> None:
    """Read `data` and hold the invariants; `is_thorough` for those of memory and sameness.

    Raises:
        Broken: One does not hold.
        Exception: Whatever else the reader let out.
    """
    started = time.process_time()
    first = _said(target, data)
    seconds = time.process_time() - started
    if seconds > SECONDS:
        raise Broken(f"{target.name}: {seconds:.1f} s of processor time for {len(data)} bytes")
    if is_thorough:
        peak, kept = _memory(target, data)
        if peak > PEAK or kept > KEPT:
            raise Broken(f"{target.name}: {peak} bytes of memory, of which {kept} stay")
        if _said(target, data) != first:
            raise Broken(f"{target.name}: it says something else of the same bytes")


def _said(target: Target, data: bytes) -> str:
    try:
        return repr(target.read(data))
    except target.raises as error:
        return f"{type(error).__name__}: {error}"


def _memory(target: Target, data: bytes) -> tuple[int, int]:
    """Return the most memory that reading takes, and how much stays, in bytes."""
    tracemalloc.start()
    try:
        _said(target, data)
        kept, peak = tracemalloc.get_traced_memory()
        if kept > KEPT:  # perhaps in circles only
            gc.collect()
            kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak, kept


# --- The readers ----------------------------------------------------------------------------------


def _format(format_: Format) -> Target:
    """Return the target of one format: its facts, and every byte of its parts."""
    name = NAMES.get(format_.id, "")

    def read(data: bytes) -> object:
        subject = Subject.of(BytesSource(data), name)
        said: list[object] = [format_.recognise(subject)]
        if not said[0] and format_.id not in TOLD:
            return said
        items = format_.parse(subject, Budget(LIMITS))
        said.extend(_drained(item) if isinstance(item, Part) else item for item in items)
        return said

    return Target(format_.id, read)


def _drained(part: Part) -> object:
    """Return what a part says once all its bytes were read, wherever that ends."""
    try:
        at = 0
        while at < part.source.size:
            at += len(part.source.read_at(at, min(BLOCK, part.source.size - at)))
        end: object = at
    except (Malformed, Exceeded, OSError) as error:
        end = repr(error)
    return part.name, part.formats, end, list(part.audit())


def _everything(data: bytes) -> object:
    """Read as a scan does: all formats, and what is inside; facts must survive their encoding."""
    found = dissect(BytesSource(data), ("file",), Budget(LIMITS))
    encoded = json.loads(json.dumps(codec.encode(found, columns=True)))
    if codec.decode(encoded, path=("file",), size=found.size) != found:
        raise Broken("dissect: the facts are others once they were encoded and decoded")
    return found


def _answer(data: bytes) -> Artifact:
    """Read what a locked process, perhaps taken over, answers."""
    return codec.decode(strict.loads(data, NODES), path=("file",), size=1000)


def _strict_json(data: bytes) -> object:
    """Read JSON; without the space between its tokens it says the same, or it was none before."""
    text = strictjson.compacted(data)
    try:
        short = None if text is None else strictjson.dumps(strictjson.loads(text))
    except SignatureError:
        short = None
    try:
        value = strictjson.loads(data)
    except SignatureError as error:
        if short is not None and error.code != "json-too-big":
            raise Broken(
                "strict-json: it is JSON once the space is gone, and none before"
            ) from error
        raise
    if short not in {None, strictjson.dumps(value)}:
        raise Broken("strict-json: it says something else once the space is gone")
    json.loads(data, object_pairs_hook=_once)
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Broken("strict-json: a key stands twice, and was read")
    return members


def _waivers(data: bytes) -> object:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            return waiver_file.read_waivers(file.name, today=date(2026, 1, 1), max_days=90)
        except AibomError as error:
            raise AibomError(str(error).replace(file.name, "waivers")) from error


FORMAT_TARGETS = (
    "tf-saved-model", "tf-meta-graph", "tf-graph", "tf-graph-text", "tf-checkpoint-index",
    "keras-metadata", "tflite",
    "pickle", "zip", "torch-zip", "tar", "npy", "safetensors", "gguf", "onnx", "pyc", "marshal",
    "torch-legacy", "gzip", "bzip2", "xz", "joblib-zf", "zlib", "lzma", "json", "jinja",
    "model-card", "7z", "lz4", "zstd", "hub-metadata", "git-attributes", "sigstore-bundle",
    "mergekit", "requirements", "hdf5",
)  # fmt: skip
TARGETS = (
    *(_format(BY_ID[id_]) for id_ in FORMAT_TARGETS),
    Target("dissect", _everything),
    Target("bundle", bundle.read, (SignatureError,), is_text=True),
    Target(
        "bundles",
        lambda data: [bundle.read(each) for each in jsonlines.lines(data, most=8)],
        (SignatureError,),
        is_text=True,
    ),
    Target(
        "statement",
        lambda data: statement.parse_statement(data, bom_name="bom.json"),
        (SignatureError,),
        is_text=True,
    ),
    Target("strict-json", _strict_json, (SignatureError,), is_text=True),
    Target("bom", read_bom, (AibomError,), is_text=True),
    Target("bom-lint", lint, (AibomError,), is_text=True),
    Target("bom-show", lambda data: card(read_bom(data)), (AibomError,), is_text=True),
    Target("attestation", attestation.parse_attestation, (SignatureError,), is_text=True),
    Target("model-signature", oms.parse_manifest, (SignatureError,), is_text=True),
    Target("certificate", read_leaf, (SignatureError,)),
    Target("timestamp", lambda data: stamped_times((data,), b"", ()), (SignatureError,)),
    Target(
        "trust-root",
        lambda data: TrustRoot.from_json(data, "root"),
        (SignatureError,),
        is_text=True,
    ),
    Target(
        "policy",
        lambda data: policy_file.read_policy(data, where="policy"),
        (AibomError,),
        is_text=True,
    ),
    Target("waivers", _waivers, (AibomError,), is_text=True),
    Target("answer", _answer, (ValueError,), is_text=True),
)
BY_NAME = {target.name: target for target in TARGETS}
