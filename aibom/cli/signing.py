"""Options of the verbs that sign, and the signer that they name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..render.escape import safe
from ..scanners.record import record
from .keyless import KeylessSigning, keyless_signing_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..layout import Outputs
    from ..publish import Published, Wishes
    from ..signatures import Signer
    from .console import Console

F = TypeVar("F", bound="Callable[..., Any]")

KEY = (
    "Private key: a PEM file, env:NAME, pkcs11:…, awskms:…, gcpkms:…, azurekms:… or hv:…. "
    "AIBOM_KEY_PASSWORD or a prompt opens it."
)


def signing_options(function: F) -> F:
    """Add the options of every verb that signs."""
    function = keyless_signing_options(function)
    for option in reversed(
        (
            click.option("--key", metavar="KEY", help=KEY),
            click.option(
                "--certificate",
                metavar="FILE",
                help="Certificate (PEM) for the key; those between it and a root may follow.",
            ),
            click.option(
                "--timestamp-url",
                metavar="URL",
                help="Have this timestamp authority (RFC 3161) vouch for the time.",
            ),
            click.option(
                "--subject",
                "subjects",
                metavar="NAME@sha256:DIGEST",
                multiple=True,
                help="Sign this too, such as an OCI manifest. May be repeated.",
            ),
            click.option(
                "--no-model-signature",
                is_flag=True,
                help="Do not write the OpenSSF signature model.sig, which model_signing verifies.",
            ),
            click.option(
                "--force",
                is_flag=True,
                help="Replace signatures that another signer made, or of another model.",
            ),
        )
    ):
        function = option(function)
    return function


@record
class Signing:
    """The values of `signing_options`."""

    key: str | None
    certificate: str | None
    timestamp_url: str | None
    subjects: tuple[str, ...]
    no_model_signature: bool
    force: bool
    keyless: KeylessSigning

    @property
    def wishes(self) -> Wishes:
        """What else is to be signed, and what may be replaced."""
        from ..expect_file import read_subjects
        from ..publish import Wishes
        from ..signatures import SignatureError
        from ..signatures.names import check_name

        further = read_subjects(self.subjects)
        for name in further:
            try:
                check_name(name)
            except SignatureError as error:
                raise click.UsageError(f"--subject: {error}.") from error
        return Wishes(
            further=further,
            model_signature=not self.no_model_signature,
            force=self.force,
        )

    def look(self, path: str) -> bool:
        """Refuse what cannot sign the model at `path` before long work; say if it must be made now.

        Raises:
            TargetError: The private key lies in the model.
            SignatureError: There is no key, or what keyless needs is not there.
        """
        from ..attest import refuse_key_inside
        from ..signatures import check_address, look_at_key

        self.keyless.check(self.key)
        if self.key is None:
            if self.certificate or self.timestamp_url:
                raise click.UsageError("--certificate and --timestamp-url go with --key.")
            return True
        if self.timestamp_url:
            check_address(self.timestamp_url)
        refuse_key_inside(self.key, path)
        return look_at_key(self.key) or self.certificate is not None

    def prepare(  # noqa: PLR0913 - all but two named
        self,
        console: Console,
        path: str,
        outputs: Outputs,
        *,
        wishes: Wishes,
        name: str | None = None,
        keeps_bom: bool = False,
    ) -> Signer | None:
        """Refuse what cannot be signed before long work; return the signer if it had to be made.

        Raises:
            TargetError: A name cannot be signed, or the private key lies in the model.
            OutputError: The results could not be written.
            SignatureError: The signer cannot be had.
        """
        from ..attest import refuse_names
        from ..publish import look_at_outputs

        made: list[Signer] = []

        def signer() -> Signer:
            if not made:
                made.append(self.signer(console, path))
            return made[0]

        if self.look(path):
            signer()
        target = Path(path)
        if target.exists():  # else there is a better sentence for it
            refuse_names(target, name)
            look_at_outputs(outputs, target, signer, wishes=wishes, name=name, keeps_bom=keeps_bom)
        return made[0] if made else None

    def signer(self, console: Console, path: str) -> Signer:
        """Return who signs the model at `path`, and say what is unwise about it.

        Raises:
            TargetError: A file that says who cannot be read, or lies in the model.
            SignatureError: The key cannot be used, or what keyless needs is not there.
        """
        from ..signatures import is_exposed, signer_from_uri

        if self.key is None:
            signer = self.keyless.signer(path)
        else:
            signer = self._dressed(signer_from_uri(self.key, password_from(console)))
        for warning in signer.warnings:
            console.warn(warning)
        if self.key is not None and is_exposed(self.key):
            shown = safe(self.key)
            console.warn(f"others may read or change the private key: chmod 600 {shown}")
        return signer

    def _dressed(self, signer: Signer) -> Signer:
        """Return the signer with the certificate and the timestamps that were asked for."""
        from ..errors import TargetError
        from ..hashed import read_ours
        from ..signatures import StampedSigner, certified

        if self.certificate is not None:
            pem = read_ours(Path(self.certificate), "certificate", TargetError)
            signer = certified(signer, pem)
        return StampedSigner(signer, self.timestamp_url) if self.timestamp_url else signer


def tell_what_was_written(console: Console, done: Published) -> None:
    """Name the files on standard output, and what became of earlier signatures on the other."""
    for path in done.replaced:
        console.note(f"replaced what was there: {safe(str(path))}")
    for path in done.unchanged:
        console.note(f"already signed, so left as it is: {safe(str(path))}")
    for told in done.lost:
        console.warn(f"{safe(told)}, as it was in the BOM that was replaced")
    console.result("".join(f"{path}\n" for path in done.written))


def password_from(console: Console) -> Callable[[], bytes]:
    """Return how to get the password of an encrypted key: the environment, or a prompt."""
    import os
    import sys

    def ask() -> bytes:
        given = os.environ.get("AIBOM_KEY_PASSWORD")
        if given is None and not sys.stdin.isatty():
            raise click.UsageError(
                "The key is encrypted, or its token wants a PIN: set AIBOM_KEY_PASSWORD."
            )
        if given is None:
            given = click.prompt("Password or PIN of the key", hide_input=True, err=True)
        return given.encode(errors="surrogateescape")  # as it stands in the environment

    del console
    return ask
