"""`aibom doctor`: whether this installation can do its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..render.escape import safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..doctor import Check
    from .console import Console

COLORS = {"ok": "green", "note": "yellow", "missing": "yellow", "broken": "red"}
WIDTH = 16  # characters of a name; the longest is "extra sigstore"


@click.command("doctor")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(readable=False))
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_obj
def command(console: Console, /, paths: tuple[str, ...], form: str) -> int:
    """Say what is installed, how parsers are locked in here, and what is missing.

    With PATH..., also whether the settings of this folder are obeyed when that is scanned. Scans a
    small file of its own to see it done, and opens no connection. Ends with 2 if something needed
    is broken, with 3 if nothing can be read.
    """
    from ..doctor import examine, exit_code

    checks = examine(paths)
    console.result(_json(checks) if form == "json" else "".join(_lines(checks)))
    return int(exit_code(checks))


def _lines(checks: list[Check]) -> Iterator[str]:
    for check in checks:
        state = click.style(f"{check.state.value:8}", fg=COLORS[check.state.value])
        yield f"{state} {check.name:{WIDTH}} {safe(check.detail)}\n"
        if check.do:
            yield f"{'':{WIDTH + 10}}-> {safe(check.do)}\n"


def _json(checks: list[Check]) -> str:
    import json

    from ..doctor import exit_code

    told = [
        {"name": each.name, "state": each.state.value, "detail": each.detail, "do": each.do}
        for each in checks
    ]
    document = {"schema_version": 1, "exit_code": int(exit_code(checks)), "checks": told}
    return json.dumps(document, indent=1) + "\n"
