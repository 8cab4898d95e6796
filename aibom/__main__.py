"""The `aibom` command.

Run it as `aibom`, or as `python -P -m aibom`: with -P, Python does not import from the current
folder, which may be the hostile one.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time

READING = {"scan", "inspect", "bom", "attest"}  # commands that parse hostile files
GARBAGE = 50_000  # new objects between two looks for unreachable cycles; by default 700
REPEATED = 1.0  # seconds; `timeout` and shells send a signal twice, which must not stop the tidying


def main() -> None:
    """Run the command line and exit with its code.

    The locked process is started before anything else is imported: the two then import side by
    side, and this process has a single thread still, so that it may fork.
    """
    gc.set_threshold(GARBAGE)  # what imports make stays: looking through it finds nothing
    _open_streams()
    try:
        _end_in_order()
        code = _run(sys.argv[1:])
        gc.freeze()  # the interpreter would look through all that there is, some times, at its end
        sys.exit(code)
    except KeyboardInterrupt as error:  # while modules were being imported
        sys.stderr.write("interrupted\n")
        sys.exit(128 + getattr(error, "number", signal.SIGINT))


def _end_in_order() -> None:
    """Have SIGTERM and SIGHUP do what Ctrl-C does, so that no file is left half way to its place.

    One that is ignored, as by nohup, stays so.
    """
    from .errors import Terminated  # noqa: PLC0415 - when streams are open

    last = -REPEATED

    def end(number: int, _: object) -> None:
        nonlocal last
        earlier, last = last, time.monotonic()
        if last - earlier > REPEATED:
            raise Terminated(number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, end)


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
