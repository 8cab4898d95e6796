"""The `aibom` command.

Run it as `aibom`, or as `python -P -m aibom`: with -P, Python does not import from the current
folder, which may be the hostile one.
"""

from __future__ import annotations

import sys

READING = {"scan", "inspect", "bom", "attest"}  # commands that parse hostile files


def main() -> None:
    """Run the command line and exit with its code.

    The locked process is started before anything else is imported: the two then import side by
    side, and this process has a single thread still, so that it may fork.
    """
    try:
        sys.exit(_run(sys.argv[1:]))
    except KeyboardInterrupt:  # while modules were being imported
        sys.stderr.write("interrupted\n")
        sys.exit(130)


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
