"""Rule: weights that are said to lie outside the model's folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...facts import Reference, Refers
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 4096  # characters; no system takes a longer path
SHOWN = 200  # characters
SEPARATOR = re.compile(r"[/\\]")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
DRIVE = re.compile(r"[A-Za-z]:")

# ONNX Runtime and OpenVINO mark tensors that they share in memory by the location
# "*/_ORT_MEM_ADDR_/*": the offset is then an address. A file has no reason to say so.
ADDRESS = "_ORT_MEM_ADDR_"


def check(reference: Reference) -> Iterator[str]:
    """A loader opens the file that a tensor names and takes its bytes for weights.

    A name that leads out of the model's folder makes it read any file of whoever loads the model,
    such as a key or a password file; the bytes then travel on with the model or its outputs. One
    that stands for an address makes some loaders read their own memory.

    What to do: do not load it; ask for a model whose external data lies beside it, under a plain
    name.
    """
    if reference.kind is not Refers.EXTERNAL_DATA:
        return
    why = _escape(reference.target)
    if why:
        shown = reference.target[:SHOWN]
        yield f"the values of tensor {reference.key!r} are taken from {shown!r}, {why}"


def _escape(target: str) -> str:
    """Return how a path could leave its folder on some system, or "" when it cannot."""
    if "\0" in target:
        return "a name with a NUL, at which some readers end it"
    if len(target) > LONGEST:
        return f"a name of {len(target)} characters"
    if ADDRESS in target:
        return "which some loaders take for an address in memory"
    if any(part.strip() == ".." for part in SEPARATOR.split(target)):
        return "which leads out of the model's folder"
    if SCHEME.match(target):
        return "an address and not a file's name"
    if target.startswith("/") or DRIVE.match(target):
        return "an absolute path"
    if "\\" in target:
        return "a name with a backslash, which parts folders on Windows"
    return ""


RULE = Rule(
    id="external-data-escape",
    title="External data lies outside the model's folder",
    severity=Severity.HIGH,
    on=Reference,
    check=check,
    refs=("CWE-22", "CWE-822"),
    flags=tuple(
        Reference(kind=Refers.EXTERNAL_DATA, key="weight", target=target)
        for target in (
            "/etc/passwd",
            "../../../.ssh/id_ed25519",
            "weights/../../secret",
            "weights\\..\\..\\secret",
            "C:secret",
            "\\\\server\\share\\weights",
            "weights\\model.data",
            "file:///etc/passwd",
            "https://example.com/weights",
            "weights.data\0.bin",
            "*/_ORT_MEM_ADDR_/*",
            "a" * (LONGEST + 1),
        )
    ),
    passes=(
        *(
            Reference(kind=Refers.EXTERNAL_DATA, key="weight", target=target)
            for target in ("model.onnx.data", "weights/layer..1.data", "./model.data", "")
        ),
        Reference(kind=Refers.BASE_MODEL, key="base_model", target="https://example.com/model"),
    ),
)
