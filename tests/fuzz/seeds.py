"""What the fuzzer starts from: small honest files of each kind, written by their own writers.

Names in them lead to no module. The stored corpora grow from these.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import marshal
import pickle
import tarfile
import zipfile
import zlib
from importlib import resources
from importlib.util import MAGIC_NUMBER
from typing import TYPE_CHECKING

import numpy as np
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import TimestampRequestBuilder

from aibom.signatures import build_manifest
from fixtures import gguf, hdf5, onnx, safetensors, seven_zip, tensorflow
from fixtures.hostile import torch_zip
from tests.helpers.checkout import ROOT
from tests.helpers.packing import lz4_frame, zstd
from tests.local_sigstore.authority import Clock
from tests.local_sigstore.timestamps import TimestampAuthority
from tests.scanners.pickles.programs import checkpoint, wrapper
from tests.signatures import examples
from tests.signatures import test_authority_trust as authority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

VALUES = [
    1,
    -1,
    1 << 70,
    0.5,
    "text",
    b"bytes",
    None,
    True,
    (1, 2, 3, 4),
    {"k": [1]},
    {1},
    bytearray(b"b"),
]
CALLS = (
    b"\x80\x04\x8c\x01a\x8c\x01b\x93\x8c\x03arg\x85R}\x8c\x01k\x8c\x01vsb.",
    b"(ia\nb\nI1\nL2L\nF1.5\nS's'\nVu\n(lp0\n(dg0\nS'k'\nI01\ns0.",
    b"\x80\x02ca\nb\nq\0)\x81}q\1(X\1\0\0\0kK\1ub.\x80\x02N.",
    b"\x80\x04\x95\x0b\0\0\0\0\0\0\0\x8c\1a\x8c\1b\x93)}\x92.",
    b"\x80\x05\x96\1\0\0\0\0\0\0\0b\x97\x98\x82\1\x83\1\0\x84\1\0\0\0P1\n\x8f(\x90\x91e.",
    b"(ca\nb\nN\x88o2100}(K\1K\2u\x85\x86\x87.",
)
SOURCE = (
    "import a.b as c\nfrom d import e\ndef f(x, *, y=1):\n    return c.g('text', [x, y]) + e(k=x)\n"
)


def _pickles() -> list[bytes]:
    plain = [pickle.dumps(VALUES, protocol) for protocol in range(6)]
    return [*plain, *CALLS, _carried(), checkpoint(3), wrapper("f4", 2) + bytes(8) + b"."]


def _carried() -> bytes:
    """Return a pickle of a call with the arguments that code objects are made with."""
    code = compile(SOURCE, "source.py", "exec", dont_inherit=True)
    constants = tuple(each if isinstance(each, str | int) else None for each in code.co_consts)
    body = (0, 0, 0, 0, 3, 0, code.co_code, constants, code.co_names, ("x",))
    arguments = pickle.dumps((*body, "source.py", "f", "f", 1, b"", b"", (), ()), 4)
    return arguments[:2] + b"\x8c\1a\x8c\1b\x93" + arguments[11:-1] + b"R."


def _zips() -> list[bytes]:
    found = [torch_zip(CALLS[0]), torch_zip(checkpoint(2))]
    methods = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    for method in methods:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            archive.writestr(zipfile.ZipInfo("a/data.pkl"), CALLS[0] * 3, method)
            archive.writestr(zipfile.ZipInfo("b/"), b"")
            archive.comment = b"comment"
        found.append(out.getvalue())
    streamed = io.BytesIO()
    unseekable: io.RawIOBase = _Unseekable(streamed)
    with (
        zipfile.ZipFile(unseekable, "w") as archive,
        archive.open(zipfile.ZipInfo("c"), "w", force_zip64=True) as member,
    ):
        member.write(b"data")
    return [*found, streamed.getvalue(), b"junk" + found[2]]


class _Unseekable(io.RawIOBase):
    """A stream that cannot go back, so that sizes stand after the data."""

    def __init__(self, out: io.BytesIO) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return self._out.write(data)  # type: ignore[arg-type]


def _tars() -> list[bytes]:
    found: list[bytes] = []
    for layout in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=layout) as archive:
            for name in ("storages", "ü" * 20 if layout != tarfile.USTAR_FORMAT else "u"):
                member = tarfile.TarInfo(name)
                member.size = len(CALLS[0])
                archive.addfile(member, io.BytesIO(CALLS[0]))
            link = tarfile.TarInfo("l")
            link.type, link.linkname = tarfile.SYMTYPE, "storages"
            archive.addfile(link)
        found.append(out.getvalue()[: 512 * 14])
    return found


def _seven_zips() -> list[bytes]:
    found: list[bytes] = []
    for coders in seven_zip.CODERS:
        folder = seven_zip.Folder({"a": CALLS[0], "b": SOURCE.encode()}, coders)
        found += [seven_zip.archive(folder, empty=["d"], header=each) for each in ("", "lzma")]
    return found


def _arrays() -> list[bytes]:
    found: list[bytes] = []
    for array in (np.zeros((2, 3), "<f4"), np.zeros(2, [("a", "f4", (2,)), ("b", "U3")])):
        for version in ((1, 0), (2, 0), (3, 0)):
            out = io.BytesIO()
            np.lib.format.write_array(out, array, version=version)
            found.append(out.getvalue())
    head = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
    return [*found, b"\x93NUMPY\x01\0" + len(head).to_bytes(2, "little") + head + CALLS[0]]


def _marshalled() -> list[bytes]:
    code = compile(SOURCE, "source.py", "exec", dont_inherit=True)
    return [*(marshal.dumps(code, v) for v in range(5)), marshal.dumps(VALUES)]


def _legacy() -> list[bytes]:
    magic = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
    rest = (1001, {"little_endian": True}, {"a": (1, 2)}, ["0"])
    return [magic + b"".join(pickle.dumps(each, 2) for each in rest) + bytes(16)]


def _texts(*values: object) -> list[bytes]:
    return [json.dumps(value).encode() for value in values]


def _answers() -> list[bytes]:
    fact = {
        "fact": "Call",
        "at": [0, 4],
        "callee": {"global": ["a", "b"]},
        "arguments": {"group": "tuple", "items": [1]},
    }
    return _texts({"path": ["file"], "size": 1000, "formats": ["pickle"], "facts": [fact]})


TEMPLATE = "{% for m in messages %}{{ m['role'] + m.content | trim }}{% endfor %}{{ x.__class__ }}"


def _certificates() -> list[bytes]:
    return [authority.leaf().public_bytes(Encoding.DER)]


def _stamp() -> bytes:
    """Return the answer of a timestamp authority."""
    clock = Clock()
    asked = TimestampRequestBuilder().data(b"signature").build()
    return TimestampAuthority(clock).answer(asked.as_bytes(), {})


def _trust_roots() -> list[bytes]:
    """Return the roots of the public instance and of its twin, as their package brings them."""
    found = [each / "trusted_root.json" for each in resources.files("sigstore._store").iterdir()]
    return sorted(each.read_bytes() for each in found if each.is_file())


ATTESTATION = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "w.bin", "digest": {"sha256": "a" * 64}}],
    "predicateType": "https://cyclonedx.org/bom",
    "predicate": {"bomFormat": "CycloneDX", "specVersion": "1.6"},
}
POLICY = b"""name: release
fail-on: high
not-read: pass
waive-dangerous: false
max-waiver-days: 90
refuse-formats: [pickle]
licences: {allow: [apache-2.0], deny: [commercial=no], other: review}
at-least: {licence-missing: high}
rules: [{id: a-b, each: file, when: "file.bytes > 5", severity: low, message: m}]
expect-model: acme
"""
WAIVERS = b"""- rule: remote-code
  paths: ["*.py"]
  fingerprint: aaaaaaaaaaaa
  reason: we read all of it
  owner: me@example.org
  expires: 2026-02-01
"""

SEEDS: dict[str, Callable[[], Iterable[bytes]]] = {
    "pickle": _pickles,
    "zip": _zips,
    "torch-zip": _zips,
    "tar": _tars,
    "npy": _arrays,
    "safetensors": lambda: [safetensors.honest(), safetensors.duplicated()],
    "gguf": lambda: [gguf.honest(), gguf.hostile_template(), gguf.overlapping()],
    "onnx": lambda: [onnx.honest(), onnx.escaping(), onnx.escaping_everywhere(), onnx.deep(3)],
    "hdf5": lambda: [hdf5.varied(), (ROOT / "tests/data/real/new.h5").read_bytes()],
    "pyc": lambda: [MAGIC_NUMBER + bytes(12) + each for each in _marshalled()],
    "marshal": _marshalled,
    "torch-legacy": _legacy,
    "gzip": lambda: [gzip.compress(each, mtime=0) for each in CALLS[:2]],
    "bzip2": lambda: [bz2.compress(CALLS[0])],
    "xz": lambda: [lzma.compress(CALLS[0])],
    "joblib-zf": lambda: [b"ZF" + b"0x1b".ljust(19) + zlib.compress(CALLS[0])],
    "zlib": lambda: [zlib.compress(CALLS[0])],
    "lzma": lambda: [lzma.compress(CALLS[0], lzma.FORMAT_ALONE)],
    "lz4": lambda: [lz4_frame(CALLS[0] * 9), lz4_frame(CALLS[1], block=4, is_summed=True)],
    "zstd": lambda: [zstd(SOURCE.encode(), level) for level in (1, 19)] + [zstd(CALLS[1])],
    "7z": _seven_zips,
    "json": lambda: _texts({"auto_map": {"AutoModel": "a--b.C"}, "chat_template": TEMPLATE}, [1]),
    "jinja": lambda: [TEMPLATE.encode()],
    "model-card": lambda: [
        b"---\nlicense: mit\nbase_model: a/b\ntags: [c]\n---\n# Card\n",
        b"---\nmodel-index: [{results: [{dataset: {type: b}, metrics: [{value: 1}]}]}]\n---\nD\n",
        b"---\n---\n- e\n\n```\n# f\n```\n## g\n> h\n",
    ],
    "hub-metadata": lambda: [b"%s\n%s\n1764100000.25\n" % (b"0a" * 20, b"1b" * 32)],
    "git-attributes": lambda: [b'*.bin filter=lfs diff=lfs merge=lfs -text\n"a b" -text\n'],
    "sigstore-bundle": lambda: _texts(examples.bundle()),
    "mergekit": lambda: [b"merge_method: ties\nmodels:\n- {model: a/b, parameters: {w: [1, 2]}}\n"],
    "rds": lambda: [
        (b"X\n\0\0\0\2\0\4\3\1\0\2\3\0"
        b"\0\0\4\5\0\0\0\xfd\0\0\0\xfc\0\0\0\6\0\0\0\1\0\0\0\x09\0\0\0\1f\0\0\0\xfe"),
        b"RDA2\nA\n2\n262913\n131840\n1026\n1\n9\n1\nx\n16\n1\n9\n2\n\\101b\n254\n",
    ],
    "yaml": lambda: [
        b"%TAG !x! tag:yaml.org,2002:python/\n---\na: &a !x!name:os.f\nb: {<<: *a, ? [x] : y}\n",
        b"m: {_target_: a.${n}}\nn: b\nc: $a.b(1)\nd: {__loader__: N, __module__: a, __class__: B}",
    ],
    "requirements": lambda: [b"torch==2 --hash=sha256:0a # x\n-r \\\nb.txt\n"],
    "tf-saved-model": tensorflow.saved_models,
    "tf-meta-graph": lambda: [tensorflow.meta_graph(each) for each in tensorflow.graphs()],
    "tf-graph": tensorflow.graphs,
    "tf-graph-text": tensorflow.written_graphs,
    "tf-checkpoint-index": tensorflow.indexes,
    "keras-metadata": lambda: [tensorflow.kept("root", '{"class_name": "Dense"}')],
    "tflite": tensorflow.lite_models,
    "bundle": lambda: _texts(examples.bundle()),
    "bundles": lambda: [b"\n".join(_texts(examples.bundle(), {}, examples.bundle()))],
    "statement": lambda: _texts(examples.statement()),
    "strict-json": lambda: _texts(VALUES[:3], {"a": {"b": [None, 1.5, "ü"]}}),
    "bom": lambda: _texts(examples.bom()),
    "bom-lint": lambda: _texts(examples.bom()),
    "bom-show": lambda: _texts(examples.bom()),
    "attestation": lambda: _texts(ATTESTATION, examples.statement()),
    "model-signature": lambda: [build_manifest(model="m", files={"a": "a" * 64}, ignored=["b"])],
    "certificate": _certificates,
    "timestamp": lambda: [_stamp()],
    "trust-root": _trust_roots,
    "policy": lambda: [POLICY],
    "waivers": lambda: [WAIVERS],
    "answer": _answers,
}  # fmt: skip


def seeds(target: str) -> list[bytes]:
    """Return what to start from for a target; the one that reads everything starts from all."""
    names = [target] if target in SEEDS else list(SEEDS)
    return [seed for name in names for seed in SEEDS[name]()]
