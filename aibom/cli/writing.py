"""`--output`: documents into files, as many as are asked for, or one result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..render import FORMS
from .replacing import STDOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..outcome import Outcome
    from .console import Console

F = TypeVar("F", bound="Callable[..., Any]")


def _pairs(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, str]]:
    """Return each ``FORM=PATH`` as a pair.

    Raises:
        BadParameter: One is no such thing.
    """
    found: list[tuple[str, str]] = []
    for value in values:
        form, _, path = value.partition("=")
        if form not in FORMS or not path:
            allowed = f"expected FORM=PATH with a FORM of {', '.join(FORMS)}."
            raise click.BadParameter(f"{value!r}, {allowed}", context, option)
        found.append((form, path))
    return found


def output_option(function: F) -> F:
    """Add ``-o/--output FORM=PATH``, which may be given several times."""
    return click.option(
        "-o",
        "--output",
        "outputs",
        metavar="FORM=PATH",
        callback=_pairs,
        multiple=True,
        help="Also write a document into a file; may be given several times.",
    )(function)


def write_outputs(outputs: Sequence[tuple[str, str]], outcomes: Sequence[Outcome]) -> None:
    """Write every document that was asked for, all of them or none.

    Raises:
        OutputError: One could not be written.
    """
    if not outputs:
        return
    from ..documents import write_outcomes

    write_outcomes(outcomes, {path: form for form, path in outputs})


def result_option(function: F) -> F:
    """Add ``-o/--output FILE`` to a verb with one result, which `write_result` writes."""
    return click.option(
        "-o", "--output", metavar="FILE", help="Where to write it.  [default: -, stdout]"
    )(function)


def write_result(console: Console, output: str | None, data: bytes) -> None:
    """Write the one result of a verb into the file `output`; to standard output if it names none.

    Raises:
        OutputError: It could not be written.
    """
    if output in {None, STDOUT}:
        console.document(data)
        return
    from ..output import write_atomic

    write_atomic(str(output), data)
