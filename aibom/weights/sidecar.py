"""The leaves of a model in a file beside its BOM, which names them by their root and its digest.

    {"$schema": "urn:aibom:schema:tensors:1", "algorithm": "blake3", "leaf": "aibom:tensor:1",
     "root": "…", "files": [
      {"path": "…", "covered": 0, "uncovered": 0, "without": {"reason": 0}, "leaves": [
       ["digest", "F32", 1280, true], …]}, …]}

A leaf stands as digest, canonical data type, count of elements, and whether it is telling. The same
weights give the same bytes. `read` believes nothing: the file may come from anywhere.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ..errors import AibomError
from ..scanners.shapes import is_list, is_object
from ..signatures import SignatureError
from ..signatures.strictjson import loads
from .canonical import ALGORITHM, LEAF, MAX_ELEMENTS, PACKINGS, length_of
from .fingerprint import Fingerprint, Leaf, Weights, root

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = "urn:aibom:schema:tensors:1"
HEX = re.compile(r"[0-9a-f]{64}")
MOST = 400_000  # leaves; more make a file that nobody reads back
PARTS = 4  # of a leaf
KEYS = {"$schema", "algorithm", "leaf", "root", "files"}
FILE_KEYS = {"path", "covered", "uncovered", "without", "leaves"}


class SidecarError(AibomError):
    """The file of fingerprints cannot be written, or is none."""


def write(weights: Weights) -> bytes:
    """Return the file, a line for each leaf, in ASCII.

    Raises:
        SidecarError: There are more leaves than anybody would read back.
    """
    count = sum(len(each.leaves) for each in weights.files)
    if count > MOST:
        raise SidecarError(
            f"the model has {count} different tensors, {MOST} can be named by fingerprints. "
            "Give --no-fingerprints."
        )
    return "\n".join(_lines(weights)).replace("\x7f", "\\u007f").encode("ascii") + b"\n"


def _lines(weights: Weights) -> Iterator[str]:
    yield f'{{"$schema": "{SCHEMA}", "algorithm": "{ALGORITHM}", "leaf": "{LEAF}",'
    yield f' "root": "{root(weights.leaves)}", "files": ['
    for number, each in enumerate(weights.files, 1):
        told = {
            "path": each.path,
            "covered": each.covered,
            "uncovered": each.uncovered,
            "without": dict(each.without),
        }
        yield f'  {json.dumps(told)[:-1]}, "leaves": ['
        rows = [[leaf.digest, leaf.dtype, leaf.elements, leaf.is_telling] for leaf in each.leaves]
        for row in rows[:-1]:
            yield f"   {json.dumps(row)},"
        yield from (f"   {json.dumps(row)}" for row in rows[-1:])
        yield "  ]}" + ("," if number < len(weights.files) else "")
    yield " ]}"


def read(data: bytes) -> Weights:
    """Return the fingerprints that a file holds.

    Raises:
        SidecarError: It is none of ours, or says what cannot be.
    """
    try:
        document: Any = loads(data)
    except SignatureError as error:
        raise _none(f"no JSON that every reader understands alike: {error}") from error
    if not is_object(document) or document.get("$schema") != SCHEMA:
        raise _none(f"no $schema {SCHEMA!r}")
    if document.keys() != KEYS or document["algorithm"] != ALGORITHM or document["leaf"] != LEAF:
        raise _none("fingerprints of another kind")
    files = document["files"]
    weights = Weights(tuple(_file(each) for each in (files if is_list(files) else [None])))
    paths = [each.path for each in weights.files]
    if paths != sorted(set(paths)) or document["root"] != root(weights.leaves):
        raise _none("files out of order, or a root over something else")
    return weights


def _file(value: object) -> Fingerprint:
    if not is_object(value) or value.keys() != FILE_KEYS:
        raise _none("a file has other keys")
    path, without, leaves = value["path"], value["without"], value["leaves"]
    counts = [value["covered"], value["uncovered"]]
    if not isinstance(path, str) or not is_object(without) or not is_list(leaves):
        raise _none("a file is not described as it should be")
    covered, uncovered, *times = map(_count, [*counts, *without.values()])
    found = tuple(map(_leaf, leaves))
    digests = [leaf.digest for leaf in found]
    if digests != sorted(set(digests)) or [*without] != sorted(without):
        raise _none(f"{path[:100]!r}: leaves out of order, or twice")
    return Fingerprint(path, found, covered, uncovered, tuple(zip(without, times, strict=True)))


def _leaf(value: object) -> Leaf:
    if not is_list(value) or len(value) != PARTS:
        raise _none("a leaf has other than four parts")
    digest, dtype, elements, is_telling = value
    if not isinstance(digest, str) or not HEX.fullmatch(digest):
        raise _none("a leaf without a digest")
    if not isinstance(dtype, str) or dtype not in PACKINGS:
        raise _none("a leaf of an unknown data type")
    length = length_of(dtype, _count(elements))
    if not isinstance(is_telling, bool) or not elements or length is None:
        raise _none("a leaf of an impossible size")
    return Leaf(digest, dtype, elements, length, is_telling)


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value <= MAX_ELEMENTS:
        raise _none("a count is none")
    return value


def _none(why: str) -> SidecarError:
    return SidecarError(f"this is no file of fingerprints: {why}. `aibom weights` writes one.")
