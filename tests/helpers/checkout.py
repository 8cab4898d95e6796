"""The checkout that the tests run in, and clean copies of it."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINKS = {"aibom/scanners": "../scanners", "aibom/signatures": "../signatures"}

# What building a distribution reads; tests and docs are left out to keep copies small.
BUILD_INPUT = (
    "aibom",
    "scanners",
    "signatures",
    "pyproject.toml",
    "hatch_build.py",
    "README.md",
    "LICENSE",
)


def copy_of_build_input(folder: Path) -> Path:
    """Copy what a build reads into `folder`, links as links and without caches; return `folder`."""
    folder.mkdir(parents=True)
    for name in BUILD_INPUT:
        source = ROOT / name
        if source.is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / name, symlinks=True, ignore=ignore)
        else:
            shutil.copy(source, folder / name)
    return folder


def replace_links_by_text(folder: Path) -> None:
    """Do what git does where it cannot make links: write the link's target into a plain file."""
    for link, target in LINKS.items():
        (folder / link).unlink()
        (folder / link).write_text(target)
