"""Options for what only the publisher knows of a model, and for the form of its BOM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..attest import Release

CLONE = "git"  # for a commit: the one that the clone at the path stands at

F = TypeVar("F", bound="Callable[..., Any]")


def release_options(function: F) -> F:
    """Add the options --model-version and --commit."""
    for option in reversed(
        (
            click.option(
                "--model-version", metavar="TEXT", help="The model's version, into the BOM."
            ),
            click.option(
                "--commit",
                metavar="SHA",
                help="The commit it was made from, into the BOM; `git` is that of the clone at "
                "PATH, whose files have to be the commit's.",
            ),
        )
    ):
        function = option(function)
    return function


def spec_version_option(function: F) -> F:
    """Add the option --spec-version."""
    return click.option(
        "--spec-version",
        type=click.Choice(["1.6", "1.7"]),
        default="1.7",
        show_default=True,
        help="The version of CycloneDX to write; only 1.7 can cite sources.",
    )(function)


def release_from(model_version: str | None, commit: str | None, path: str = "") -> Release:
    """Return what the options say of the model at `path`.

    Raises:
        TargetError: The version is no text, or the commit is not one in full: an abbreviation
            names another commit some day. Or it is asked of a clone that does not tell it, or
            whose files are others.
    """
    from ..attest import Release
    from ..errors import TargetError
    from ..expect_file import read_commit

    if model_version is not None and not (model_version and model_version.isprintable()):
        raise TargetError(
            f"--model-version is {model_version!r:.80}, expected some printable text."
        )
    if commit == CLONE:
        from ..git_same import clean_commit

        commit = clean_commit(path)
    return Release(model_version or "", "" if commit is None else read_commit(commit))
