"""Options for signatures without a lasting key: who signs, and whom a verifier demands."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..scanners.record import fields, record

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..signatures import Signer, Trust
    from ..signatures.identity import Identity

F = TypeVar("F", bound="Callable[..., Any]")

BY_AUTHORITY = {"authority", "certificate_name"}


def keyless_signing_options(function: F) -> F:
    """Add the options of keyless signing, given to the verb as one `KeylessSigning`."""
    return _grouped(
        function,
        "keyless",
        KeylessSigning,
        click.option(
            "--keyless",
            "is_wanted",
            is_flag=True,
            help="Sign without a key, as the CI job that runs this or as the person who logs in.",
        ),
        click.option(
            "--identity-token",
            "token",
            metavar="FILE",
            help="Who you are: a file, or env://NAME.  [default: SIGSTORE_IDENTITY_TOKEN, then the "
            "CI job's own, then a log-in]",
        ),
        click.option(
            "--login",
            type=click.Choice(["browser", "device", "none"]),
            help="How to log in.  [default: browser, and none without a terminal]",
        ),
        click.option("--staging", is_flag=True, help="Use the public Sigstore's staging twin."),
        click.option(
            "--trust-config", metavar="FILE", help="Use a private Sigstore, by its trust config."
        ),
        click.option(
            "--rekor-version",
            "rekor",
            type=click.IntRange(1, 2),
            help="Version of the transparency log.  [default: the newest that it offers]",
        ),
    )


def identity_options(function: F) -> F:
    """Add the options that say whom to trust, given to the verb as one `Demand`."""
    return _grouped(
        function,
        "demand",
        Demand,
        click.option(
            "--identity", "name", metavar="NAME", help="Who signed keyless: an e-mail or a URI."
        ),
        click.option(
            "--identity-pattern",
            "pattern",
            metavar="REGEX",
            help="The same, as a regular expression that the whole name must match.",
        ),
        click.option("--issuer", metavar="URL", help="Who vouched for the identity."),
        click.option(
            "--github-repository",
            metavar="OWNER/NAME",
            help="Signed keyless by a GitHub Actions run of this repository.",
        ),
        click.option(
            "--github-workflow",
            metavar="PATH",
            help="… by this workflow, such as .github/workflows/release.yml.",
        ),
        click.option("--github-ref", metavar="REF", help="… for this ref, such as refs/tags/v1."),
        click.option("--github-commit", metavar="SHA", help="… for this commit."),
        click.option("--github-event", metavar="EVENT", help="… started by this, such as push."),
        click.option(
            "--github-runner",
            type=click.Choice(["github-hosted", "self-hosted"]),
            help="… on such a runner.",
        ),
        *_instance_options(),
        click.option(
            "--certificate-authority",
            "authority",
            metavar="FILE",
            help="Signed with a certificate of these authorities (PEM) …",
        ),
        click.option(
            "--certificate-name", metavar="NAME", help="… for this e-mail address, host or URI."
        ),
        click.option(
            "--timestamp-authority",
            "timestamps",
            metavar="FILE",
            help="Chain (PEM) of who may vouch for the time of that, or of what a --key signed.",
        ),
    )


def _instance_options() -> tuple[Callable[[Any], Any], ...]:
    """Return the options that say which Sigstore instance must have certified the signer."""
    return (
        click.option(
            "--trusted-root",
            "root",
            metavar="FILE",
            help="Keys and certificates of the Sigstore instance, as trusted_root.json or as a "
            "trust config.  [default: the public one's, as installed]",
        ),
        click.option(
            "--without-log",
            is_flag=True,
            help="That instance keeps no log, as GitHub's for private repositories: its timestamp "
            "is enough.",
        ),
        click.option("--staging", is_flag=True, help="Trust the public Sigstore's staging twin."),
    )


@record
class KeylessSigning:
    """The values of `keyless_signing_options`."""

    is_wanted: bool
    token: str | None
    login: str | None
    staging: bool
    trust_config: str | None
    rekor: int | None

    def check(self, key: str | None) -> None:
        """Raise unless exactly one of key and keyless is wanted, and fits the rest.

        Raises:
            UsageError: As it says.
        """
        rest = (self.token, self.login, self.staging, self.trust_config, self.rekor)
        if key is not None and (self.is_wanted or any(rest)):
            raise click.UsageError("--key excludes --keyless and its options.")
        if key is None and not self.is_wanted:
            raise click.UsageError("Say who signs: --key KEY, or --keyless.")
        if self.staging and self.trust_config:
            raise click.UsageError("--staging and --trust-config exclude one another.")

    def signer(self, path: str) -> Signer:
        """Return the signer of the model at `path`; nobody is asked for a token yet.

        Raises:
            TargetError: The trust config cannot be read, or lies in the model.
            SignatureError: `trust-root`, `keyless-extra`.
        """
        from ..signatures.keyless_signer import Instance, KeylessSigner
        from ..signatures.tokens import token_source

        config = None
        if self.trust_config is not None:
            from ..keyless import read_outside

            config = read_outside(self.trust_config, path, "trust config")
        login = self.login or ("browser" if sys.stdin.isatty() else "none")
        flows: dict[str, Any] = {"browser": "browser", "device": "device"}
        return KeylessSigner(
            Instance(staging=self.staging, config=config, rekor=self.rekor),
            token_source(self.token, flows.get(login)),
        )


@record
class Demand:
    """The values of `identity_options`."""

    name: str | None
    pattern: str | None
    issuer: str | None
    github_repository: str | None
    github_workflow: str | None
    github_ref: str | None
    github_commit: str | None
    github_event: str | None
    github_runner: str | None
    root: str | None
    without_log: bool
    staging: bool
    authority: str | None
    certificate_name: str | None
    timestamps: str | None

    def trust(self, key: str | None, path: str, *, allow_inside: bool) -> Trust | None:
        """Return whom the options say to trust for the model at `path`; None if that is the key.

        Raises:
            UsageError: Nobody is named, or it is said in two ways.
            TargetError: A file cannot be read, or lies in the model.
            SignatureError: `identity-demand`, `trust-root`, `keyless-extra`.
        """
        by_authority = any(getattr(self, name) for name in BY_AUTHORITY)
        by_identity = any(
            getattr(self, name)
            for name in fields(Demand)
            if name not in {*BY_AUTHORITY, "timestamps"}
        )
        ways = sum((bool(key), by_authority, by_identity))
        if ways != 1:
            raise click.UsageError(
                "Say whom you trust, in one way: --key; --identity with --issuer; "
                "--github-repository; or --certificate-authority with --certificate-name."
            )
        if key:
            return None
        from ..keyless import authority_trust, identity_trust

        if by_identity:
            return identity_trust(
                self._identity(),
                path,
                root=self.root,
                staging=self.staging,
                without_log=self.without_log,
                allow_inside=allow_inside,
            )
        if not self.authority or not self.certificate_name:
            raise click.UsageError("--certificate-authority and --certificate-name go together.")
        return authority_trust(
            self.authority,
            self.certificate_name,
            path,
            timestamps=self.timestamps,
            allow_inside=allow_inside,
        )

    def _identity(self) -> Identity:
        from ..signatures.identity import GitHub, Identity

        if self.root and self.staging:
            raise click.UsageError("--trusted-root and --staging exclude one another.")
        if self.without_log and not self.root:
            raise click.UsageError("--without-log goes with --trusted-root, which has no log then.")
        if self.timestamps:
            raise click.UsageError(
                "--timestamp-authority goes with --key or --certificate-authority; a trusted root "
                "names its own."
            )
        return Identity.of(
            name=self.name,
            pattern=self.pattern,
            issuer=self.issuer,
            github=GitHub(
                repository=self.github_repository,
                workflow=self.github_workflow,
                ref=self.github_ref,
                commit=self.github_commit,
                event=self.github_event,
                runner=self.github_runner,
            ),
        )


def _grouped(function: F, parameter: str, group: type[Any], *options: Callable[[F], F]) -> F:
    """Add `options`, whose values the function gets together, as one `group`."""

    @functools.wraps(function)
    def wrapped(*arguments: Any, **values: Any) -> Any:
        values[parameter] = group(**{name: values.pop(name) for name in fields(group)})
        return function(*arguments, **values)

    grouped: Any = wrapped
    for option in reversed(options):
        grouped = option(grouped)
    return grouped  # type: ignore[no-any-return] # the same function, to its caller
