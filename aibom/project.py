"""Adopt aibom in a repository: see what it is, and write what scanning it takes.

Nothing that is there is ever replaced, and nothing is written outside of the folder.
"""

from __future__ import annotations

import json
import os
import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import OutputError, TargetError
from .folder import readable
from .output import write_atomic
from .scanners.record import record
from .version import REPOSITORY, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS, PYPROJECT = "aibom.toml", "pyproject.toml"
HOOKS = ".pre-commit-config.yaml"
WORKFLOW = ".github/workflows/aibom.yml"
BASELINE = "aibom-baseline.json"
MOST_FOLDERS = 100_000  # that are looked into
MOST_PLACES = 8  # more folders with models than that are named by the root
PLAIN = re.compile(r"(?!-)[\w./ -]+", re.ASCII)  # paths that no shell and no workflow reads into

# Folders in which files of models belong to somebody else.
OTHERS = frozenset({"node_modules", "site-packages", "__pycache__", "venv"})

# Commits of the actions of others, as in our own workflows.
CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"
SETUP_PYTHON = "actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0"
TAG = f"v{VERSION}"


class Kind(StrEnum):
    """What a repository is for."""

    MODEL = "a model repository"  # models lie at its root
    PROJECT = "a project with models"
    CODE = "no model file yet"


@record
class Project:
    """What a folder holds."""

    kind: Kind
    models: int  # files
    paths: tuple[str, ...]  # folders to scan, relative, "/" between components; "." is all
    is_git: bool  # whether it is the root of a git repository


@record
class Done:
    """What became of one file."""

    name: str
    is_written: bool
    lines: tuple[str, ...] = ()  # to be added by hand to one that was there


def look(folder: Path) -> Project:
    """Return what `folder` holds, by the names of its files; no file is opened.

    Raises:
        TargetError: It is no folder, or has too many.
    """
    if not folder.is_dir():
        raise TargetError(f"{readable(str(folder))}: no such folder.")
    found = list(_models(folder))
    places = sorted({place.split("/")[0] for place in found})
    is_git = (folder / ".git").exists()
    if not found:
        return Project(Kind.CODE, 0, (".",), is_git)
    if "." in places:
        return Project(Kind.MODEL, len(found), (".",), is_git)
    paths = (os.path.commonpath(found).replace(os.sep, "/"),) if len(places) == 1 else (*places,)
    if len(paths) > MOST_PLACES or not all(map(PLAIN.fullmatch, paths)):
        paths = (".",)
    return Project(Kind.PROJECT, len(found), paths, is_git)


def _models(folder: Path) -> Iterator[str]:
    """Yield the folder of each file that is called like one of a model."""
    from .scanners.formats import FORMATS  # noqa: PLC0415 - what writes alone does without

    suffixes = tuple({suffix for each in FORMATS if each.model for suffix in each.suffixes})
    for count, (place, folders, files) in enumerate(os.walk(folder)):
        if count > MOST_FOLDERS:
            shown = readable(str(folder))
            raise TargetError(f"{shown}: more than {MOST_FOLDERS} folders. Name the project's.")
        folders[:] = [each for each in folders if each[0] != "." and each not in OTHERS]
        where = Path(place).relative_to(folder).as_posix()
        yield from (where for name in files if name.lower().endswith(suffixes))


def adopt(folder: Path, project: Project, commit: str | None, *, dry_run: bool) -> list[Done]:
    """Write each file that is not there yet; with `dry_run`, only say which that would be.

    Args:
        folder: The root of the repository.
        project: What it holds.
        commit: Of aibom, to which workflow and hooks are pinned; by default its tag is named.
        dry_run: Whether to write nothing.

    Raises:
        OutputError: A file could not be written, or would lie outside of the folder.
    """
    in_table = _has_table(folder)
    return [
        _put(folder, name, text, dry_run=dry_run, is_there=name == SETTINGS and in_table)
        for name, text in (
            (SETTINGS, settings()),
            (WORKFLOW, workflow(project.paths, commit, PYPROJECT if in_table else SETTINGS)),
            (HOOKS, "repos:\n" + hooks(commit)),
        )
    ]


def _put(folder: Path, name: str, text: str, *, dry_run: bool, is_there: bool) -> Done:
    place = folder / name
    if os.path.lexists(place) or is_there:
        lines = text.splitlines()[1:] if name == HOOKS and not _is_hooked(place) else []
        return Done(name, is_written=False, lines=tuple(lines))
    if not place.parent.resolve().is_relative_to(folder.resolve()):
        shown = readable(str(place))
        raise OutputError(f"{shown}: a link leads out of the folder. Nothing is written there.")
    if not dry_run:
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{readable(str(place))}: {error.strerror}.") from error
        write_atomic(place, text.encode(), exclusive=True)
    return Done(name, is_written=True)


def _has_table(folder: Path) -> bool:
    """Whether `pyproject.toml` holds the settings already."""
    from .settings import read_settings  # noqa: PLC0415 - reads TOML

    place = folder / PYPROJECT
    return place.is_file() and bool(read_settings(place))


def _is_hooked(place: Path) -> bool:
    try:
        return b"aibom-scan" in place.read_bytes()
    except OSError:
        return False


def settings() -> str:
    """Return a new file of settings."""
    return f"""\
# Settings of aibom for this project; an option on the command line wins. Found without --config,
# they can only make a verdict stricter, and are not obeyed where this file is itself scanned.

policy = "baseline" # or "release", "registry-upload", or the file of a policy of your own
# waivers = ".aibom-waivers.yaml" # `aibom waive` writes it
# baseline = "{BASELINE}" # `aibom scan PATH --write-baseline {BASELINE}` writes it
# cache = "/a/folder/of/yours" # what was read is kept there, and not read again
"""


def workflow(paths: tuple[str, ...], commit: str | None, config: str = SETTINGS) -> str:
    """Return a workflow that scans on every push and pull request, by the settings in `config`."""
    return f"""\
# Scan models on every push and pull request; in a pull request only new findings fail.
name: aibom

on:
  push:
  pull_request:

permissions: {{}}

concurrency:
  group: ${{{{ github.workflow }}}}-${{{{ github.ref }}}}
  cancel-in-progress: true

jobs:
  scan:
    name: Scan models
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    permissions:
      contents: read # to check out the models
      security-events: write # to upload findings to code scanning
    steps:
      - uses: {CHECKOUT}
        with:
          persist-credentials: false
          fetch-depth: 2 # the base of a pull request, whose rules and findings count
          lfs: true # a pointer is not the model
      - uses: {SETUP_PYTHON}
        with:
          python-version: "3.13"
      - uses: aibom/aibom@{_pinned(commit)}
        with:
          path: {json.dumps(chr(10).join(paths))}
          config: {config}
"""


def hooks(commit: str | None) -> str:
    """Return the entry of our hooks in the list `repos` of pre-commit."""
    rev = f'"{commit}" # frozen: {TAG}' if commit else TAG
    return f"""\
  - repo: {REPOSITORY}
    rev: {rev}
    hooks:
      - id: aibom-scan
"""


def _pinned(commit: str | None) -> str:
    return f"{commit} # {TAG}" if commit else f"{TAG} # a tag can be moved: pin it to its commit"
