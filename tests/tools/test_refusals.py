"""The page on verifying tells every refusal, as the program does."""

from aibom.signatures import CODES
from tools.refusals import PAGE, filled


def test_the_page_has_the_codes_of_today() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert filled(page) == page  # else: python tools/refusals.py
    assert all(f"| `{code}` |" in page for code in CODES)
