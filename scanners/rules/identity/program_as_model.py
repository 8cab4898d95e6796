"""Rule: a native program bears the name of a model or of data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...facts import Metadata
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = {"elf": "ELF", "pe": "PE", "mach-o": "Mach-O", "llamafile": "llamafile"}
# How programs, libraries, drivers, debugging data and kernels of GPUs are called. One without a
# suffix, or with one of digits, is a command.
ORDINARY = re.compile(
    r"[^.]*|.*\.(?:exe|dll|so(?:\.[\w.-]+)?|dylib|pyd|node|o|a|lo|ko|sys|com|scr|ocx|cpl|drv|efi|elf"
    r"|out|run|appimage|axf|mex\w*|bundle|jnilib|cubin|fatbin|hsaco|co|dbg|debug|mui|ape|plugin"
    r"|x86_64|amd64|arm64|aarch64|i686|linux|darwin|macos|\d+)",
    re.IGNORECASE,
)
LLAMAFILE = ".llamafile"


def check(artifact: Artifact) -> Iterator[str]:
    """Whoever takes the file for a model and opens it, or is told to make it executable, runs it.

    A llamafile is such a program, too: it brings a whole engine, which nobody looks into here, and
    honest ones are made that way.

    What to do: take the weights alone, as GGUF or safetensors. If the program is what you want,
    take it from whoever builds it, check its signature, and waive this finding.
    """
    kinds = [title for id_, title in PROGRAMS.items() if id_ in artifact.formats]
    name = artifact.path[-1].replace("\\", "/").rpartition("/")[2]
    if not kinds or ORDINARY.fullmatch(name.rpartition("(")[2]):
        return
    kind = kinds[-1]
    if name.lower().endswith(LLAMAFILE):
        yield f"a llamafile is a program, here of the kind {kind}: using it is running it"
    else:
        yield f"{name!r} is a native program ({kind}), and not called like one"


def _artifact(name: str, format_: str) -> Artifact:
    told = Metadata(key="executable", value=format_)
    return Artifact((name,), 9, formats=(format_,), facts=(told,))


RULE = Rule(
    id="program-as-model",
    title="A native program bears the name of a model or of data",
    severity=Severity.HIGH,
    on=Artifact,
    check=check,
    refs=("CWE-434", "CWE-506"),
    flags=(
        _artifact("model.gguf", "elf"),
        _artifact("pytorch_model.bin", "pe"),
        _artifact("weights.safetensors", "mach-o"),
        _artifact("m.llamafile", "llamafile"),
        _artifact("m.llamafile", "elf"),
    ),
    passes=(
        _artifact("custom_ops.so", "elf"),
        _artifact("libx.so.1.2", "elf"),
        _artifact("bin/quantize", "elf"),
        _artifact("kernel.cubin", "elf"),
        _artifact("model.gguf", "gguf"),
    ),
)
