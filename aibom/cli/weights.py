"""`aibom weights`: tell a model by the values of its tensors, and what it shares with another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import Exit
from ..render.escape import counted, safe, size
from .options import refuse_empty, target_argument

if TYPE_CHECKING:
    from ..report import Report
    from ..weights import Weights
    from .console import Console

NO_PROOF = (
    "A small overlap proves nothing: training, a cast, quantisation and a transposed or merged\n"
    "matrix change every tensor that they touch."
)


@click.command("weights")
@target_argument
@click.option(
    "--against",
    metavar="FILE|PATH",
    help="What else to compare with: fingerprints (.tensors.json), or another model.",
)
@click.option("-o", "--output", metavar="FILE", help="Write the fingerprints as JSON, too.")
@click.pass_obj
def command(console: Console, /, path: str, against: str | None, output: str | None) -> int:
    """Tell the model at PATH by the values of its tensors, whatever they and its files are called.

    The same weights have the same root in safetensors, PyTorch, ONNX and GGUF files, in one file or
    in shards (docs/fingerprints.md). PATH may also be a file of fingerprints, as `aibom attest`
    writes it. With --against, say how many tensors, and bytes of them, two models share: evidence
    that one was made from the other, and never proof that it was not.
    """
    from ..output import write_atomic
    from ..weights.sidecar import write
    from .replacing import refuse_others

    refuse_empty(click.get_current_context())
    refuse_others([("fingerprints", output)], [path, *([against] if against else [])])
    found, is_complete = _weights(path, console)
    if output is not None:
        write_atomic(Path(output), write(found))
    console.result(_told(found))
    if against is not None:
        base, base_is_complete = _weights(against, console)
        console.result(_compared(found, base, against))
        is_complete = is_complete and base_is_complete
    return Exit.OK if is_complete else Exit.INCOMPLETE


def _weights(path: str, console: Console) -> tuple[Weights, bool]:
    """Return the weights of a model or of a file of fingerprints, and whether all was read."""
    from ..errors import TargetError
    from ..hashed import read_ours
    from ..layout import FINGERPRINTS_SUFFIX
    from ..scan import scan_target
    from ..weights import Weights
    from ..weights.sidecar import read

    if path.endswith(FINGERPRINTS_SUFFIX) and not Path(path).is_dir():
        return read(read_ours(Path(path), "file of fingerprints", TargetError)), True
    with console.progress(path, "reading") as progress:
        report = scan_target(
            path, sandbox=console.sandbox(isolate=True), progress=progress, fingerprints=True
        )
    _tell_unread(report, console)
    return report.weights or Weights(()), report.is_complete


def _tell_unread(report: Report, console: Console) -> None:
    for artifact, fact in report.unread:
        console.tell(f"not read: {safe(' > '.join(artifact.path))}: {safe(fact.detail)}")


def _told(weights: Weights) -> str:
    from ..weights import root

    leaves, files = weights.leaves, counted(len(weights.files), "file")
    lines = [
        f"root       {f'blake3:{root(leaves)}' if leaves else 'none: no tensor has a leaf'}",
        f"tensors    {len(leaves)} different, {size(weights.covered)} in {files}",
    ]
    if any(each.without for each in weights.files):
        lines.append(f"no leaf    {size(weights.uncovered)} of tensors:")
        for each in weights.files:
            lines += [f"           {safe(each.path)}: {n}, {why}" for why, n in each.without]
    return "\n".join(lines) + "\n"


def _compared(found: Weights, base: Weights, against: str) -> str:
    from ..weights import overlap

    shared = overlap(found.leaves, base.leaves)
    tensors, length = counted(shared.first, "tensor"), size(shared.shared_bytes)
    here, there = f"{shared.share_of_first:.1%}", f"{shared.share_of_second:.1%}"
    lines = [
        f"shared     {shared.shared} of {tensors} that tell something, {length}",
        f"           {here} of the bytes here, {there} of those of {safe(against)}",
    ]
    if set(found.leaves) == set(base.leaves) and found.leaves:
        lines.append("           the roots are equal: these are the same weights")
    elif shared.shared < min(shared.first, shared.second) or not shared.shared:
        lines += [f"           {line}" for line in NO_PROOF.splitlines()]
    return "\n".join(lines) + "\n"
