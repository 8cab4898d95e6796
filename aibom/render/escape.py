"""Text from a hostile file, made safe to print."""

from __future__ import annotations

import re

KILO = 1000  # decimal units, as disks and hubs count


def safe(text: str) -> str:
    r"""Return `text` with every character escaped that a terminal would act on or hide.

    Controls, escapes, line ends, bidirectional marks, zero-width and unassigned characters and lone
    surrogates become ``\x1b``, ``\u202e`` and so on; everything visible stays.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def code(text: str) -> str:
    """Return `text` as code in Markdown, where it is no markup, no link and mentions nobody."""
    shown = safe(text)
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    around = " " if not shown.strip() or "`" in (shown[0], shown[-1]) else ""
    return f"{fence}{around}{shown}{around}{fence}"


def cell(text: str) -> str:
    """Return `text` as code in a cell of a Markdown table, or an empty cell."""
    return code(text).replace("|", "\\|") if text else ""


def fenced(text: str) -> str:
    """Return the lines of `text` as a block of code in Markdown, each safe to print."""
    shown = lines(text)
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}text", *shown, fence])


def lines(text: str) -> list[str]:
    """Return the lines of a text for people, each safe to print; tabs become spaces."""
    return [safe(line.replace("\t", "    ")) for line in text.replace("\r\n", "\n").split("\n")]


def cut(text: str, most: int) -> str:
    """Return at most `most` characters of `text`, with a sign where it is cut."""
    return text if len(text) <= most else text[: most - 1] + "…"


def place(path: tuple[str, ...]) -> str:
    """Return an artifact's path as ``outer › inner``, safe to print."""
    return " › ".join(safe(step) for step in path)


def size(count: int) -> str:
    """Return a count of bytes with a unit, such as ``1.2 GB``."""
    if count < KILO:
        return counted(count, "byte")
    amount, unit = float(count), ""
    for unit in ("kB", "MB", "GB", "TB"):  # noqa: B007 - the last one reached is used
        amount /= KILO
        if round(amount) < KILO:
            break
    return f"{amount:.3g} {unit}" if amount < KILO else f"{amount:,.0f} {unit}"


def counted(count: int, one: str, many: str = "") -> str:
    """Return ``1 file``, ``2 files`` and so on."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
