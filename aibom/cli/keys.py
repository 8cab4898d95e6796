"""`aibom keys`: make a key pair."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from .console import Console


@click.group("keys")
def command() -> None:
    """Make keys. The private one signs; the public one goes to whoever verifies."""


@command.command("generate", short_help="Write a new ECDSA P-256 key pair.")
@click.option(
    "-o",
    "--output",
    "prefix",
    metavar="PREFIX",
    default="aibom",
    show_default=True,
    help="Names the files: PREFIX.key (private) and PREFIX.pub.",
)
@click.option("--encrypt", is_flag=True, help="Ask for a password to encrypt the private key.")
@click.pass_obj
def generate(console: Console, prefix: str, *, encrypt: bool) -> int:
    """Write PREFIX.key, readable by you alone, and PREFIX.pub. Never replaces a file.

    With --encrypt, the password comes from AIBOM_KEY_PASSWORD or from a prompt.
    """
    from ..output import write_atomic
    from ..signatures import generate_keys

    if not Path(prefix).name or Path(prefix).is_dir():
        raise click.UsageError(f"--output {prefix!r} is no prefix for two files' names.")
    private, public = generate_keys(_password() if encrypt else None)
    paths = Path(f"{prefix}.key"), Path(f"{prefix}.pub")
    for path in paths:
        if path.exists():
            raise click.UsageError(f"{path} exists; choose another name with --output.")
    write_atomic(paths[0], private, mode=0o600, exclusive=True)
    write_atomic(paths[1], public, exclusive=True)
    console.note("Keep the .key secret and outside the model's folder; give away the .pub.")
    console.result(f"{paths[0]}\n{paths[1]}\n")
    return 0


def _password() -> bytes:
    given = os.environ.get("AIBOM_KEY_PASSWORD")
    if given is None and not sys.stdin.isatty():
        raise click.UsageError("Nobody can be asked for a password here: set AIBOM_KEY_PASSWORD.")
    if given is None:
        given = click.prompt(
            "Password for the key", hide_input=True, confirmation_prompt=True, err=True
        )
    if not given:
        raise click.UsageError("The password is empty.")
    return given.encode(errors="surrogateescape")  # as it stands in the environment
