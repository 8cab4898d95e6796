"""What a result may replace, as users meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aibom.cli import run
from aibom.cli.replacing import LABELS
from aibom.render import FORMS
from fixtures.hostile import calling_pickle
from tests.helpers.models import write_model

if TYPE_CHECKING:
    from pathlib import Path

WEIGHTS = "demo/model.safetensors"
EXPORT = ("export", "a.cdx.json", "--to", "spdx3", "-o")
WAIVE = ("waive", "evil", "--rule=x", "--reason=for a test", "--owner=me", "--expires=9d")
MERGE = ("merge", "a.cdx.json", "b.cdx.json", "--name", "x", "-o")


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """A folder with a model, one that does harm, and a file of somebody's, which is current."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    write_model(tmp_path / "demo")
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "model.pkl").write_bytes(calling_pickle("posix", "system"))
    (tmp_path / "README.md").write_text("# Mine\n")
    for folder in ("demo", "evil"):
        assert run(["bom", folder, "-o", f"{folder[0]}.cdx.json"]) in {0, 1}
    (tmp_path / "d.cdx.json").rename(tmp_path / "a.cdx.json")
    (tmp_path / "e.cdx.json").rename(tmp_path / "b.cdx.json")
    capsys.readouterr()
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        ("bom", "demo", "-o", WEIGHTS),
        ("scan", "demo", "evil", "-o", f"html={WEIGHTS}"),
        ("scan", "demo", "--write-baseline", WEIGHTS),
        ("weights", "demo", "-o", WEIGHTS),
        ("scan", ".", "-o", f"text={WEIGHTS}"),
    ],
    ids=" ".join,
)
def test_a_file_of_what_is_read_is_never_replaced(
    here: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    before = (here / WEIGHTS).read_bytes()
    assert run(list(command)) == 2
    said = capsys.readouterr()
    assert (said.out, (here / WEIGHTS).read_bytes() == before) == ("", True)
    assert f"'{WEIGHTS}' is a file of what is read, and it is no " in said.err
    assert said.err.endswith("that aibom wrote. Name another file.\n")


@pytest.mark.parametrize(
    "command",
    [
        (*EXPORT, "a.cdx.json"),
        (*MERGE, "b.cdx.json"),
        (*MERGE, "./demo/../b.cdx.json"),
        ("bom", "b.cdx.json", "-o", "b.cdx.json"),
        ("weights", "demo", "--against", WEIGHTS, "-o", WEIGHTS),
    ],
    ids=" ".join,
)
def test_a_document_never_goes_where_it_was_made_from(
    here: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    before = (here / command[-1]).read_bytes()
    assert run(list(command)) == 2
    assert (here / command[-1]).read_bytes() == before
    told = f"{command[-1]!r} is what is read, and a result would replace it. Name another file.\n"
    assert capsys.readouterr().err.endswith(told)


@pytest.mark.parametrize("form", LABELS)
def test_somebodys_own_file_is_not_lost(
    here: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    commands = {
        "bom": ["bom", "demo", "-o", "README.md"],
        "spdx3": [*EXPORT, "README.md"],
        "baseline": ["scan", "demo", "--write-baseline", "README.md"],
        "fingerprints": ["weights", "demo", "-o", "README.md"],
    }
    assert run(commands.get(form, ["scan", "demo", "-o", f"{form}=README.md"])) == 2
    assert (here / "README.md").read_text() == "# Mine\n"
    assert capsys.readouterr().err == (
        f"error: 'README.md': a file is there, and it is no {LABELS[form]} that aibom wrote. Move "
        "it elsewhere, or name another.\n"
    )


@pytest.mark.parametrize("targets", [["demo"], ["evil"], ["demo", "evil"]], ids=" ".join)
@pytest.mark.usefixtures("here")
def test_what_aibom_wrote_is_written_anew_in_the_same_form(targets: list[str]) -> None:
    reports = [each for form in FORMS for each in ("-o", f"{form}={form}.out")]
    again = ["scan", *targets, *reports, "--write-baseline", "demo/baseline.json"]
    first = run(again)
    assert first == int("evil" in targets)
    assert run(again) == first


@pytest.mark.parametrize(
    "command",
    [
        ["bom", "demo", "-o", "demo/aibom.cdx.json"],
        ["bom", "demo", "--spec-version", "1.6", "--fingerprints", "x.tensors.json"],
        [*MERGE, "whole.cdx.json"],
        [*EXPORT, "a.spdx.json"],
        ["weights", "demo", "-o", "demo.json"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("here")
def test_so_is_every_other_document(command: list[str]) -> None:
    assert [run(command), run(command)] == [0, 0]


def test_a_report_in_another_form_stays(here: Path) -> None:
    assert run(["scan", "demo", "-o", "json=out"]) == 0
    before = (here / "out").read_bytes()
    assert [run(["scan", "demo", "-o", f"{form}=out"]) for form in FORMS if form != "json"] == [
        2
    ] * 6
    assert (here / "out").read_bytes() == before


def test_an_empty_file_is_filled_and_a_link_to_nowhere_stays(here: Path) -> None:
    (here / "empty.html").touch()
    (here / "link.html").symlink_to("nowhere")
    assert run(["scan", "demo", "-o", "html=empty.html"]) == 0
    assert run(["scan", "demo", "-o", "html=link.html"]) == 2
    assert ((here / "empty.html").stat().st_size > 0, (here / "link.html").is_symlink()) == (
        True,
        True,
    )


@pytest.mark.usefixtures("here")
def test_a_variable_that_is_not_set_is_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scan", "demo", "--write-baseline", ""]) == 2
    told = "error: the file for the baseline has no name: it is empty.\n"
    assert capsys.readouterr().err.endswith(told)


@pytest.mark.usefixtures("here")
def test_two_results_have_two_places(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scan", "demo", "-o", "json=x", "--write-baseline", "./x"]) == 2
    assert "'./x' is named for two results: give each its own file.\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        ["bom", "demo", "-q"],
        ["merge", "a.cdx.json", "b.cdx.json", "--name", "x", "-q"],
        ["export", "a.cdx.json", "--to", "spdx3"],
    ],
    ids=" ".join,
)
def test_a_hyphen_is_standard_output_where_nothing_else_goes_there(
    here: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert run(command) == 0
    plain = capsys.readouterr().out
    assert run([*command, "-o", "-"]) == 0
    assert (capsys.readouterr().out, (here / "-").exists()) == (plain, False)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (
            ["scan", "demo", "-o", "json=-"],
            "--output json=-: standard output has the form that --format names. Give --format ",
        ),
        (
            ["scan", "demo", "--write-baseline", "-"],
            "the baseline cannot go to standard output, where the results are. Name a file.\n",
        ),
        (
            [*WAIVE, "-o", "-"],
            "waivers are added to a file: --output names it, and - is none.\n",
        ),
        (
            ["weights", "demo", "-o", "-"],
            "the file of fingerprints cannot go to standard output, where the results are. Name ",
        ),
    ],
    ids=" ".join,
)
def test_a_hyphen_is_refused_elsewhere(
    here: Path, capsys: pytest.CaptureFixture[str], command: list[str], why: str
) -> None:
    assert run(command) == 2
    said = capsys.readouterr()
    assert (said.out, (here / "-").exists()) == ("", False)
    assert f"error: {why}" in said.err
