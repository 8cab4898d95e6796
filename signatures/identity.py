"""Who must have signed: an identity, as the certificate of a keyless signature states it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields

from .certificates import Leaf
from .errors import SignatureError

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
GITHUB = "https://github.com/"

# Numbers of Fulcio's extensions, https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
SIGNER_URI, RUNNER, REPOSITORY, COMMIT, REF, EVENT = "9", "11", "12", "13", "14", "20"


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHub:
    """What a GitHub Actions run must have been; None leaves it open."""

    repository: str | None = None  # OWNER/NAME, or the whole URL of one elsewhere
    workflow: str | None = None  # .github/workflows/x.yml in it, or OWNER/NAME/.github/…
    ref: str | None = None  # refs/heads/main, refs/tags/v1
    commit: str | None = None  # the whole SHA-1 or SHA-256 in hex
    event: str | None = None  # push, release, workflow_dispatch, …
    runner: str | None = None  # github-hosted or self-hosted

    @property
    def is_open(self) -> bool:
        """Whether nothing is demanded."""
        return all(getattr(self, field.name) is None for field in fields(self))

    @property
    def repository_url(self) -> str | None:
        """The repository as certificates spell it."""
        if self.repository is None or "://" in self.repository:
            return self.repository
        return GITHUB + self.repository

    def demands(self) -> Iterator[tuple[str, str, str]]:
        """Yield, of each demand but the workflow, the extension, its name and its value."""
        named = (
            (REPOSITORY, "repository", self.repository_url),
            (REF, "ref", self.ref),
            (COMMIT, "commit", self.commit),
            (EVENT, "event", self.event),
            (RUNNER, "runner", self.runner),
        )
        for number, name, value in named:
            if value is not None:
                yield number, name, value


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who must have signed, and who must have vouched for that.

    Everything is compared exactly, but for `pattern`, a regular expression that must match the
    whole name. A URI is believed if it is certified as one, an e-mail address likewise.
    """

    issuer: str  # URL of the identity provider
    name: str | None = None  # e-mail address or URI
    pattern: re.Pattern[str] | None = None
    github: GitHub = GitHub()

    @classmethod
    def of(
        cls,
        *,
        name: str | None = None,
        pattern: str | None = None,
        issuer: str | None = None,
        github: GitHub | None = None,
    ) -> "Identity":
        """Return the identity that an operator demands; of GitHub, a repository is enough.

        Raises:
            SignatureError: `identity-demand`: too little is said to know whom to trust.
        """
        github = github or GitHub()
        if github.repository is not None:
            issuer = issuer or GITHUB_ISSUER
        if not (name or pattern or github.repository):
            raise SignatureError("identity-demand", "nobody is named who must have signed")
        if not issuer:
            raise SignatureError(
                "identity-demand", "no issuer is named who must have vouched for the signer"
            )
        if github.workflow is not None and github.repository is None:
            raise SignatureError("identity-demand", "a workflow is named without its repository")
        try:
            compiled = re.compile(pattern) if pattern else None
        except (re.error, OverflowError, RecursionError) as error:
            raise SignatureError("identity-demand", f"no regular expression: {error}") from error
        return cls(issuer=issuer, name=name or None, pattern=compiled, github=github)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is unwise about the demand."""
        github = self.github
        said = {"workflow": github.workflow, "ref": github.ref or github.commit}
        unsaid = [what for what, value in said.items() if value is None]
        if self.name or self.pattern or not unsaid:
            return ()
        whole = " and any ".join(unsaid)
        return (f"any {whole} of the repository may have signed: say which, if you can",)

    def check(self, leaf: Leaf) -> None:
        """Raise unless the certificate, whose chain is verified, is this signer's.

        Raises:
            SignatureError: `identity`, `issuer` or `workflow`.
        """
        if len(leaf.names) != 1:
            raise SignatureError(
                "identity", f"the certificate names {len(leaf.names)} signers, expected one"
            )
        leaf.names[0].check()
        found = leaf.names[0].text
        if self.name is not None and found != self.name:
            raise SignatureError("identity", f"signed by {found!r:.300}, expected {self.name!r}")
        if self.pattern is not None and not self.pattern.fullmatch(found):
            raise SignatureError(
                "identity", f"signed by {found!r:.300}, expected {self.pattern.pattern!r} in full"
            )
        if leaf.issuer != self.issuer:
            raise SignatureError(
                "issuer", f"{leaf.issuer!r:.300} vouched for the signer, expected {self.issuer!r}"
            )
        self._check_run(leaf)

    def _check_run(self, leaf: Leaf) -> None:
        for number, name, value in self.github.demands():
            found = leaf.claims.get(number)
            if found != value:
                raise SignatureError("workflow", f"{name} is {found!r:.300}, expected {value!r}")
        if self.github.workflow is not None:
            found = leaf.claims.get(SIGNER_URI, "")
            if found.rpartition("@")[0] != self._workflow_url():
                raise SignatureError(
                    "workflow", f"workflow is {found!r:.300}, expected {self._workflow_url()!r}"
                )

    def _workflow_url(self) -> str:
        path, base = self.github.workflow or "", self.github.repository_url or ""
        if "://" in path:
            return path
        if path.startswith(".github/"):
            return f"{base}/{path}"
        server = "/".join(base.split("/")[:3])
        return f"{server}/{path}"
