"""The `aibom` command.

Run it as `aibom`, or as `python -P -m aibom`: with -P, Python does not import from the current
folder, which may be the hostile one.
"""

from __future__ import annotations

import os
import sys

READING = {"scan", "inspect", "bom", "attest"}  # commands that parse hostile files


def main() -> None:
    """Run the command line and exit with its code.

    The locked process is started before anything else is imported: the two then import side by
    side, and this process has a single thread still, so that it may fork.
    """
    _open_streams()
    try:
        sys.exit(_run(sys.argv[1:]))
    except KeyboardInterrupt:  # while modules were being imported
        sys.stderr.write("interrupted\n")
        sys.exit(130)


def _open_streams() -> None:
    """Take the places of standard streams that are closed, or a file would get their numbers.

    What is written to one fails, so that nothing that mattered is lost without a word.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_WRONLY if number != 1 else os.O_RDONLY)
        if number and getattr(sys, name) is None:
            setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115 - for good


def _run(arguments: list[str]) -> int:
    sandbox = None
    if (
        arguments[:1]
        and arguments[0] in READING
        and not {"--help", "--no-isolation"} & {*arguments}
    ):
        from .sandbox import start_early  # noqa: PLC0415 - the other commands never need it

        sandbox = start_early()
    from .cli import run  # noqa: PLC0415 - after the fork

    return run(arguments, sandbox)


if __name__ == "__main__":
    main()
