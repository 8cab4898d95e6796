"""What a program reads from files of its own: policies, waivers, baselines, reports."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TypeAlias

from .policy import Policy

if TYPE_CHECKING:
    from .expect import Expectations
    from .report import Report
    from .waiver import Accepted

StrPath: TypeAlias = "str | os.PathLike[str]"


def load_policy(name: StrPath) -> Policy:
    """Return a bundled policy (`baseline`, `release`, `registry-upload`), or the one in a file.

    Raises:
        TargetError: There is none, or it says something that is not understood.
    """
    from .policy_file import policy_named  # noqa: PLC0415 - PyYAML

    return policy_named(os.fspath(name))


def load_accepted(
    *,
    waivers: StrPath | None = None,
    baseline: StrPath | None = None,
    policy: Policy | None = None,
    today: date | None = None,
) -> Accepted:
    """Return what does not count, by a file of waivers, a baseline, or both: see `Policy.apply`.

    The `policy` says for how long a waiver may hold; `today` is the day that they are judged by,
    else this one (UTC).

    Raises:
        TargetError: A file cannot be read, or says something that is not understood.
    """
    from .waiver import Accepted, Baseline  # noqa: PLC0415 - rarely needed
    from .waiver_file import read_baseline, read_waivers  # noqa: PLC0415 - PyYAML

    day = today or datetime.now(UTC).date()
    most = (policy or Policy()).max_days
    return Accepted(
        read_waivers(os.fspath(waivers), today=day, max_days=most) if waivers is not None else (),
        read_baseline(os.fspath(baseline)) if baseline is not None else Baseline(),
        day,
    )


def load_report(path: StrPath) -> Report:
    """Return the report in a JSON file of `aibom scan`, judged again by the rules of this version.

    Nobody vouches for such a file: a model that is to be signed is scanned.

    Raises:
        TargetError: It cannot be read.
        AibomError: It is no report, or one of another version.
    """
    from . import operator_file  # noqa: PLC0415 - rarely needed
    from .report import from_json  # noqa: PLC0415 - rarely needed

    return from_json(operator_file.read(os.fspath(path), "report"))


def load_expectations(policy: StrPath, model: StrPath) -> Expectations:
    """Return what a policy, bundled or in a file, expects of the signed model at `model`.

    Raises:
        TargetError: It cannot be read, lies in the model, or is not understood.
    """
    from .expect_file import read_policy  # noqa: PLC0415 - PyYAML

    return read_policy(policy, model)
