"""Pages whose commands are run, one after the other, in a folder such as the page speaks of."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import aibom as public
from aibom.bom.lint import RULES as LINTED
from fixtures.hostile import write_folder
from tests.helpers.checkout import ROOT
from tests.helpers.command import aibom, environment
from tests.helpers.documented import blocks, shown_in_blocks
from tests.helpers.models import write_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Words of a command that asks somebody who is not there: Sigstore, an authority, another program.
SERVICES = (
    *("gh", "cosign"),
    *("--keyless", "--github-repository", "--identity", "--trusted-root", "--timestamp-url"),
    "--certificate-authority",
)
STANDS_FOR = {  # what a page leaves to its reader
    "MODEL": "model",
    "PATH": "model",
    "BOM": "model/aibom.cdx.json",
    "BOM...": "model/aibom.cdx.json",
    "ID": LINTED[0].id,
    "SOURCE_DATE_EPOCH=…": "SOURCE_DATE_EPOCH=1700000000",
}
PASSWORD = {"AIBOM_KEY_PASSWORD": "…"}  # as docs/verify.md writes it
FILE = re.compile(r"`([\w.-]+\.(?:ya?ml|toml))`[^:]*:$")  # in what leads to a file's content


def honest_and_hostile(folder: Path) -> None:
    """Write `model` and `from-a-stranger`."""
    write_model(folder / "model")
    (folder / "from-a-stranger").mkdir()
    write_folder(folder / "from-a-stranger")


def with_its_own_code(folder: Path) -> None:
    """Write a model that brings code along, and what is `good` and `bad`."""
    honest_and_hostile(folder)
    (folder / "model").rename(folder / "good")
    (folder / "from-a-stranger").rename(folder / "bad")
    config = write_model(folder / "model") / "config.json"
    config.write_text('{"model_type": "x", "auto_map": {"AutoModel": "modeling_x.X"}}')
    (folder / "model" / "modeling_x.py").write_text("class X:\n    pass\n")
    _must(folder, "scan", "model", "--write-baseline", "aibom-baseline.json")


def described(folder: Path) -> None:
    """Write models with their BOMs, and those of two releases that differ in a file's name."""
    for name in ("model", "encoder", "decoder"):
        model = write_model(folder / name)
        (model / "config.json").write_text(f'{{"model_type": "{name}"}}')
        _must(folder, "bom", name, "-o", f"{name}/aibom.cdx.json")
    shutil.copy(folder / "model" / "aibom.cdx.json", folder / "released.cdx.json")
    (folder / "model" / ".hidden").rename(folder / "model" / ".other")
    _must(folder, "bom", "model", "-o", "candidate.cdx.json")


def attested(folder: Path) -> None:
    """Write three models of the same weights, of which the base is signed."""
    for name in ("model", "tuned", "base"):
        write_model(folder / name)
    _must(folder, "keys", "generate", "-o", "k")
    _must(folder, "attest", "base", "--key", "k.key")


def _must(folder: Path, *words: str) -> None:
    ended = aibom(*words, cwd=folder)
    assert ended.code == 0, ended.err


PREPARED: dict[str, Callable[[Path], None]] = {
    "README.md": honest_and_hostile,
    "docs/bom.md": honest_and_hostile,
    "docs/boms.md": described,
    "docs/capability.md": honest_and_hostile,
    "docs/desk.md": honest_and_hostile,
    "docs/fingerprints.md": attested,
    "docs/licences.md": honest_and_hostile,
    "docs/lint.md": described,
    "docs/policy.md": with_its_own_code,
    "docs/quick-start.md": honest_and_hostile,
    "docs/reports.md": honest_and_hostile,
    "docs/verify.md": honest_and_hostile,
}


@pytest.mark.slow
@pytest.mark.parametrize("page", PREPARED)
def test_the_commands_of_a_page_end_as_it_says(page: str, tmp_path: Path) -> None:
    PREPARED[page](tmp_path)
    lines = list(runnable_lines(page))
    ends_with = {shown.line: shown.ends_with for shown in shown_in_blocks(page)}
    expected = [f"line {at} ends with {ends_with.get(at, 0)}: {text}" for at, text in lines]
    codes = run_lines([text for _, text in lines], files_of(page), tmp_path)
    assert lines
    ended = zip(lines, codes, strict=False)  # fewer, if the shell ended before its lines did
    assert [f"line {at} ends with {code}: {text}" for (at, text), code in ended] == expected


def test_the_screen_of_the_readme_is_what_is_shown(tmp_path: Path) -> None:
    honest_and_hostile(tmp_path)
    screen = next(each.text for each in blocks("README.md") if each.text.startswith("$ aibom scan"))
    command, *lines = screen.splitlines()
    ended = aibom(*command.split()[2:], cwd=tmp_path)
    shown = iter(ended.out.splitlines())
    assert [line for line in lines if line != "…" and line not in shown] == []


def test_the_program_of_the_readme_runs_and_names_what_is_public(tmp_path: Path) -> None:
    write_model(tmp_path)
    program = next(block.text for block in blocks("README.md") if block.language == "python")
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(), check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    named = re.findall(r"\baibom\.([A-Za-z_]+)\(", (ROOT / "README.md").read_text("utf-8"))
    assert [name for name in named if name not in public.__all__] == []


def test_the_programs_about_the_api_run_one_after_the_other(tmp_path: Path) -> None:
    model = write_model(tmp_path / "model")
    (model / "config.json").write_text('{"auto_map": {"AutoModel": "x.Y"}}')
    (model / "x.py").write_text("")
    answer = ("--reason", "we read every line", "--owner", "me", "--expires", "30d")
    _must(tmp_path, "waive", "model", "--rule", "remote-code", *answer, "-o", "waivers.yaml")
    _must(tmp_path, "keys", "generate", "-o", "release")
    program = "".join(block.text for block in blocks("docs/api.md") if block.language == "python")
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(), check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "waived medium[remote-code] model/config.json: we read every line" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("wrong-material the bundle is not signed with")
    assert {path.name for path in tmp_path.iterdir()} >= {
        "report.html",
        "aibom.sarif",
        "aibom-cache",
    }


def files_of(page: str) -> dict[str, str]:
    """Return the files whose content the page shows after naming them."""
    named = ((FILE.search(block.before), block.text) for block in blocks(page))
    return {found[1]: text for found, text in named if found}


def runnable_lines(page: str) -> Iterator[tuple[int, str]]:
    """Yield the lines, with their numbers, of each block that has a command of ours in it."""
    commands = {shown.line: shown.text for shown in shown_in_blocks(page)}
    for block in blocks(page):
        lines = list(block.lines())
        is_screen = any(text.startswith("$ ") for _, text in lines)
        if block.language or is_screen:
            continue
        if commands.keys().isdisjoint(at for at, _ in lines):
            continue
        for at, line in lines:
            text = " ".join(
                STANDS_FOR.get(each, each) for each in commands.get(at, line).split(" ")
            )
            if text.strip() and not any(word in text.split() for word in SERVICES):
                yield at, text


def run_lines(lines: list[str], files: dict[str, str], folder: Path) -> list[int]:
    """Run the lines in one shell in `folder`, as a reader would; return how each ended.

    A file is there from the first line on that names it.
    """
    places = folder.parent / f"{folder.name}.bin"
    places.mkdir()
    program = places / "aibom"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m aibom "$@"\n')
    program.chmod(0o755)
    script = ""
    for name, text in files.items():
        (places / name).write_text(text)
    for line in lines:
        script += "".join(f"cp '{places / name}' .\n" for name in files if name in line)
        script += f"{line}\necho $? >> '{places / 'codes'}'\n"
    given = environment(**PASSWORD, GITHUB_STEP_SUMMARY=str(places / "summary"))
    given["HOME"] = str(places)
    given["PATH"] = f"{places}:{given['PATH']}"
    subprocess.run(
        ["bash", "-c", script],  # noqa: S607 - the reader's own
        cwd=folder,
        env=given,
        check=False,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    return [int(code) for code in (places / "codes").read_text().split()]
