"""Write the table of refusals in docs/verify.md from the codes themselves.

Usage: python tools/refusals.py
"""

from __future__ import annotations

from pathlib import Path

from aibom.errors import Exit
from aibom.signatures import CODES, SignatureError

PAGE = Path(__file__).parents[1] / "docs" / "verify.md"
START, END = "<!-- refusals: python tools/refusals.py -->\n", "<!-- end of refusals -->\n"


def table() -> str:
    """Return the codes with their exit codes and sentences, as Markdown."""
    rows = ["| code | exit | what it means: what to do |", "|---|---|---|"]
    for code, meaning in CODES.items():
        ends = Exit.USAGE if SignatureError(code, "").is_usage else Exit.SIGNATURE
        rows.append(f"| `{code}` | {int(ends)} | {meaning} |")
    return "\n".join(rows) + "\n"


def filled(page: str) -> str:
    """Return the page with the table of today between its two marks."""
    head, _, rest = page.partition(START)
    _, _, tail = rest.partition(END)
    return f"{head}{START}{table()}{END}{tail}"


def main() -> None:
    """Write the page."""
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
