"""Options that several verbs share, and the steps behind them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Self, TypeVar

import click
from click.core import ParameterSource

from ..policy import Policy
from ..scanners.record import record
from ..scanners.rule import Severity
from ..scanners.shapes import is_tuple
from .licensing import LICENCE_OPTIONS, with_licences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from ..cache import Cache
    from ..policy import Verdict
    from ..report import Report
    from ..waiver import Accepted
    from .console import Console

F = TypeVar("F", bound="Callable[..., Any]")
LEVELS = [*(level.name.lower() for level in Severity), "never"]


def refuse_empty(context: click.Context) -> None:
    """Raise if an option has an empty text: a variable that is not set must not demand less.

    Raises:
        UsageError: It names the option.
    """
    for option in context.command.params:
        value = context.params.get(option.name or "")
        if value == "" or (is_tuple(value) and "" in value):
            raise click.UsageError(f"{option.opts[0]} is empty: give a text, or leave it out.")


def target_argument(function: F) -> F:
    """Add the argument PATH: one folder or file."""
    return click.argument("path", type=click.Path(path_type=str, readable=False))(function)


def reading_options(function: F) -> F:
    """Add the options of every verb that parses files."""
    for option in reversed(
        (
            click.option(
                "--config",
                metavar="FILE",
                help="Settings of the project.  [default: aibom.toml or pyproject.toml here]",
            ),
            click.option(
                "--fail-on",
                type=click.Choice(LEVELS, case_sensitive=False),
                help="Lowest severity of a finding that fails.  [default: high, or the policy's]",
            ),
            click.option(
                "--policy",
                metavar="NAME|FILE",
                help="Judge by a policy: baseline, release, registry-upload, or a YAML file.",
            ),
            *LICENCE_OPTIONS,
            click.option("--waivers", metavar="FILE", help="Findings that somebody answers for."),
            click.option(
                "--baseline", metavar="FILE", help="Findings that were there before do not count."
            ),
            click.option(
                "--require-lock",
                is_flag=True,
                help="Refuse to parse unless files, network and processes are shut to the parsers.",
            ),
            click.option(
                "--no-isolation",
                is_flag=True,
                help="Parse in this very process. For systems where nothing else works.",
            ),
            click.option(
                "--jobs",
                type=click.IntRange(min=0),
                default=0,
                help="Files worked on at the same time.  [default: one for each core]",
            ),
            click.option("--sha512", is_flag=True, help="Take SHA-512 digests as well."),
            click.option(
                "--name",
                metavar="TEXT",
                help="The model's name in the results.  [default: that of its folder or file]",
            ),
        )
    ):
        function = option(function)
    return function


def today() -> date:
    """Return the day by which waivers are judged: that of SOURCE_DATE_EPOCH, else today (UTC)."""
    from datetime import UTC, datetime

    from ..attest import timestamp_from

    return (timestamp_from(dict(os.environ)) or datetime.now(UTC)).date()


def cache_option(function: F) -> F:
    """Add the option of verbs that may take from a cache what was read before; signing may not."""
    return click.option(
        "--cache", metavar="DIR", help="Keep what was read in DIR, and do not read it again."
    )(function)


def _discovered(targets: Sequence[str]) -> tuple[Path | None, Path | None]:
    """Look for settings here; where there is no file of the name, nothing is imported for it."""
    if not any(os.path.exists(name) for name in ("aibom.toml", "pyproject.toml")):  # noqa: PTH110 - quicker
        return None, None
    from ..settings import discovered

    return discovered(targets)


def _told(name: str, settings: dict[str, Any], obeyed: dict[str, Any]) -> str:
    """Return a note of the settings that were found, and of those that have to be asked for."""
    left = ", ".join(key.replace("_", "-") for key in settings if key not in obeyed)
    return f"note: settings of {name}" + (
        f", but {left}: only with --config {name}" if left else ""
    )


def _is_first(baseline: str, written: str) -> bool:
    same = os.path.realpath(baseline) == os.path.realpath(written)
    return same and not os.path.lexists(baseline)


@record
class Judging:
    """By what a report is judged."""

    policy: Policy
    accepted: Accepted | None = None

    def of(self, report: Report) -> Verdict:
        """Return the verdict on `report`."""
        return self.policy.apply(report, self.accepted)


@record
class Reading:
    """The values of `reading_options`."""

    fail_on: str | None
    require_lock: bool
    no_isolation: bool
    jobs: int
    sha512: bool
    name: str | None = None
    policy: str | None = None
    waivers: str | None = None
    baseline: str | None = None
    allow_licence: tuple[str, ...] = ()
    review_licence: tuple[str, ...] = ()
    deny_licence: tuple[str, ...] = ()
    cache: str | None = None

    @classmethod
    def of(cls, targets: Sequence[str], console: Console, values: dict[str, Any]) -> Self:
        """Return what the options say, and where they say nothing, the settings of the project.

        Raises:
            TargetError: The settings cannot be read, or say something that is not understood.
        """
        from pathlib import Path

        from ..render.escape import safe

        config = values.pop("config")
        own, ignored = (Path(config), None) if config else _discovered(targets)
        if ignored is not None:
            told = safe(str(ignored))
            console.note(f"note: {told} lies in what is scanned: --config {told}, if it is yours")
        if own is None:
            return cls(**values)
        from ..settings import read_settings, stricter

        context = click.get_current_context()
        unsaid = (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)
        settings = read_settings(own)
        if not config:
            console.note(_told(safe(str(own)), settings, settings := stricter(settings)))
        options = {option.name for option in context.command.params}
        settings = {name: value for name, value in settings.items() if name in options}
        given = {name for name in settings if context.get_parameter_source(name) not in unsaid}
        return cls(**values | {name: settings[name] for name in settings.keys() - given})

    def judging(self, written: str | None = None) -> Judging:
        """Return how to judge. Read it before the scan: a mistake in a file is told at once.

        The baseline that is to be `written` knows nothing if it is not there yet.

        Raises:
            TargetError: A file cannot be read, or says something that is not understood.
        """
        policy = with_licences(
            self._policy(), self.allow_licence, self.review_licence, self.deny_licence
        )
        if not self.waivers and not self.baseline:
            return Judging(policy)
        from ..waiver import Accepted, Baseline
        from ..waiver_file import read_baseline, read_waivers

        day = today()
        waivers = (
            read_waivers(self.waivers, today=day, max_days=policy.max_days) if self.waivers else ()
        )
        baseline = Baseline()
        if self.baseline and not (written and _is_first(self.baseline, written)):
            baseline = read_baseline(self.baseline)
        return Judging(policy, Accepted(waivers, baseline, day))

    def _policy(self) -> Policy:
        level = None if self.fail_on in {None, "never"} else Severity[str(self.fail_on).upper()]
        if self.policy is None:
            return Policy() if self.fail_on is None else Policy(level)
        from ..policy_file import policy_named
        from ..scanners.record import replace

        found = policy_named(self.policy)
        if level is None or (found.fail_on is not None and found.fail_on < level):
            return found  # an option cannot make a policy demand less
        return replace(found, fail_on=level)

    def scan(self, path: str, console: Console, *, fingerprints: bool = False) -> Report:
        """Scan `path` as they say, with a progress bar if it takes long."""
        from ..scan import scan_target

        if self.no_isolation and self.require_lock:
            raise click.UsageError("--no-isolation and --require-lock exclude one another.")
        cache = self._cache(path)
        with console.progress(path, "reading") as progress:
            report = scan_target(
                path,
                name=self.name,
                sandbox=console.sandbox(isolate=not self.no_isolation),
                require_lock=self.require_lock,
                jobs=self.jobs,
                algorithms=("sha256", "sha512") if self.sha512 else ("sha256",),
                progress=progress,
                fingerprints=fingerprints,
                cache=cache,
            )
        if cache is not None and cache.refused:
            console.note(f"note: not kept in the cache: {cache.refused}")
        return report

    def _cache(self, path: str) -> Cache | None:
        if self.cache is None:
            return None
        from ..cache import Cache

        cache = Cache(self.cache)
        cache.refuse_inside(path)
        return cache
