"""Text from a hostile file, made safe to print."""

from __future__ import annotations

KILO = 1000  # decimal units, as disks and hubs count


def safe(text: str) -> str:
    r"""Return `text` with every character escaped that a terminal would act on or hide.

    Controls, escapes, line ends, bidirectional marks, zero-width and unassigned characters and lone
    surrogates become ``\x1b``, ``\u202e`` and so on; everything visible stays.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


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
