"""Write every page of the site into a folder: `python -m tools.site FOLDER`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from . import format_page, rule_pages, verb_pages
from .pages import DOCS, ROOT, for_the_site

ASSETS = Path(__file__).parent / "assets"


def write_site(folder: Path) -> None:
    """Write the pages into `folder`, anew."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DOCS, folder)
    shutil.copytree(ASSETS, folder / "assets")
    shutil.copy(ROOT / "SECURITY.md", folder / "security.md")
    for page in folder.rglob("*.md"):
        place = page.relative_to(folder)
        page.write_text(for_the_site(page.read_text(encoding="utf-8"), place), encoding="utf-8")
    made = {**rule_pages.pages(), **verb_pages.pages(), "formats.md": format_page.page()}
    for name, text in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_site(Path(sys.argv[1]))
