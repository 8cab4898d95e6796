"""What is broken, missing or locked less is told, with what helps."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from aibom import doctor
from aibom.doctor import MODULES, SHUT, TRIAL, Check, State, examine, exit_code
from aibom.errors import Exit
from aibom.report import Isolation
from aibom.scanners import capability_table
from tests.helpers.checkout import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def named(name: str, *targets: str) -> Check:
    (check,) = (check for check in examine(targets) if check.name == name)
    return check


def test_every_package_that_is_always_needed_is_imported() -> None:
    names = {re.split(r"[\[>=<]", each)[0] for each in PROJECT["dependencies"]}
    assert set(MODULES) == names
    check = named("packages")
    assert (check.state, check.detail.split(", ")[1]) == (
        State.OK,
        f"click {metadata.version('click')}",
    )


def test_a_package_that_cannot_be_imported_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODULES, "jinja2", "jinja2.nowhere")
    check = named("packages")
    assert (check.state, check.exit_code) == (State.BROKEN, Exit.USAGE)
    assert check.do == "pip install --force-reinstall jinja2"


def test_a_package_without_metadata_is_of_unknown_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "MODULES", {"no-such-package": "json"})
    assert named("packages").detail == "no-such-package of unknown version"


def test_every_extra_of_the_project_is_told() -> None:
    told = {check.name for check in examine() if check.name.startswith("extra ")}
    installed = metadata.metadata("aibom").get_all("Provides-Extra")
    assert told == {f"extra {name}" for name in installed or []}
    assert {"extra sigstore", "extra policy"} <= told


def test_what_an_extra_lacks_is_told_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def requires(package: str) -> list[str] | None:
        lines = {
            "aibom": [
                "click>=8",
                "click[deep]>=8; extra == 'fine'",
                "no-such-a[x]; extra == 'fine'",
                "no-such-b>=1; extra == 'gone'",
                "no-such-c; python_version < '3' and extra == 'fine'",
            ],
            "click": ["jinja2; extra == 'deep'"],
        }
        return lines.get(package)

    monkeypatch.setattr(metadata, "requires", requires)
    monkeypatch.setattr(doctor, "_names_of_extras", lambda: ["fine", "gone"])
    fine, gone = (check for check in examine() if check.name.startswith("extra "))
    versions = f"click {metadata.version('click')}, jinja2 {metadata.version('jinja2')}"
    assert fine.detail == f"{versions}; without no-such-a"
    assert (gone.state, gone.detail, gone.do) == (
        State.MISSING,
        "without no-such-b",
        "pip install 'aibom[gone]'",
    )


def test_a_checkout_that_is_not_installed_has_no_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "metadata", unknown)
    assert [check for check in examine() if check.name.startswith("extra ")] == []


@pytest.mark.parametrize(
    ("trial", "why"),
    [(TRIAL[:-1], "JSON: JSON at byte"), (b"\x80\x04N.", "it was read as something else")],
    ids=["cut short", "a pickle"],
)
def test_a_trial_that_fails_is_broken(
    monkeypatch: pytest.MonkeyPatch, trial: bytes, why: str
) -> None:
    monkeypatch.setattr(doctor, "TRIAL", trial)
    checks = examine()
    (check,) = (check for check in checks if check.name == "isolation")
    assert (check.state, why in check.detail) == (State.BROKEN, True)
    assert exit_code(checks) is Exit.INCOMPLETE


@pytest.mark.parametrize(
    ("isolation", "state", "detail"),
    [
        (
            Isolation("locked", SHUT, ("seccomp",)),
            State.OK,
            "files, network, processes are shut to parsers, by seccomp",
        ),
        (
            Isolation("locked", ("files",), ("sandbox",)),
            State.NOTE,
            "not shut to parsers: network, processes; locked by sandbox",
        ),
        (
            Isolation("locked"),
            State.NOTE,
            "not shut to parsers: files, network, processes; locked by nothing",
        ),
    ],
    ids=["in whole", "in part", "not at all"],
)
def test_the_lock_is_told_as_it_was_tried(isolation: Isolation, state: State, detail: str) -> None:
    check = doctor.locked(isolation)
    assert (check.state, check.detail, bool(check.do)) == (state, detail, state is not State.OK)


def test_tables_that_cannot_be_read_are_broken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(capability_table, "DATA", tmp_path)
    for cached in (capability_table.read_index, capability_table.lookup):
        getattr(cached, "cache_clear", int)()
    try:
        checks = examine()
    finally:
        monkeypatch.undo()
        for cached in (capability_table.read_index, capability_table.lookup):
            getattr(cached, "cache_clear", int)()
    (check,) = (check for check in checks if check.name == "rules")
    assert (check.state, check.do) == (State.BROKEN, "install aibom again")


def test_settings_are_told_as_they_are_obeyed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert named("settings").detail.startswith("no aibom.toml")
    place = tmp_path / "aibom.toml"
    place.write_text("")
    assert named("settings").detail == "aibom.toml: nothing is set"
    place.write_text('fail-on = "low"\njobs = 2\n')
    assert named("settings").detail == "aibom.toml: fail-on = low, jobs = 2"
    place.write_text('jobs = 2\nbaseline = "b.json"\n')
    found = named("settings")
    assert (found.state, found.do) == (State.NOTE, "--config aibom.toml, if it is yours")
    assert found.detail == (
        "aibom.toml: jobs = 2; not obeyed, since it was only found: baseline = b.json"
    )
    inside = named("settings", ".")
    assert (inside.state, inside.do) == (State.NOTE, "--config aibom.toml, if it is yours")
    place.write_text("jbos = 2\n")
    broken = named("settings")
    assert (broken.state, broken.exit_code) == (State.BROKEN, Exit.USAGE)
    assert "Did you mean 'jobs'?" in broken.detail


def test_variables_that_colour_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "NO_COLOR is set" in named("terminal").detail


def test_what_has_to_be_mended_first_decides_the_exit_code() -> None:
    fine = Check("a", State.OK, "")
    settings = Check("b", State.BROKEN, "", "", Exit.USAGE)
    trial = Check("c", State.BROKEN, "", "", Exit.INCOMPLETE)
    assert [exit_code(each) for each in ([fine], [fine, trial], [trial, settings])] == [0, 3, 2]
