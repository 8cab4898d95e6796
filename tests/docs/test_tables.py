"""Tables of pages that people write, held against the code they are about."""

from __future__ import annotations

import re

import pytest
import yaml

from aibom.cli import SECTIONS
from aibom.errors import Exit
from aibom.expect_file import READERS as EXPECTED
from aibom.policy_file import BUNDLED, READERS, RULE_READERS
from aibom.render import FORMS
from aibom.render.words import OWN
from aibom.scanners.rules import RULES
from aibom.settings import READERS as SETTINGS
from tests.helpers.checkout import ROOT
from tests.helpers.documented import PAGES, blocks

ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))


def section(page: str, title: str) -> str:
    """Return the part of `page` below the heading `title`."""
    parts = re.split(r"(?m)^#+ ", (ROOT / page).read_text("utf-8"))
    return next(part for part in parts if part.startswith(f"{title}\n"))


def first_cells(text: str) -> list[str]:
    """Return what stands as code in the first cell of each row."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| ")]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def block_keys(page: str, begins: str) -> list[str]:
    """Return the keys of the block on `page` whose text begins so."""
    text = next(block.text for block in blocks(page) if block.text.startswith(begins))
    return re.findall(r"(?m)^[\s-]*([a-z0-9-]+)(?::| =)", text)


def test_the_keys_of_a_policy() -> None:
    shown = first_cells(section("docs/policy.md", "Policies"))
    assert sorted(shown) == sorted({*READERS, "name", "rules"})
    assert all(f"`{name}`" in section("docs/policy.md", "Policies") for name in BUNDLED)


def test_the_keys_of_a_rule_of_ones_own() -> None:
    assert sorted(block_keys("docs/policy.md", "rules:")) == sorted({*RULE_READERS, "rules"})


def test_the_settings_of_a_project() -> None:
    shown = block_keys("docs/policy.md", 'policy = "release"')
    assert [key for key in shown if key not in SETTINGS] == []
    pages = "".join(page.read_text("utf-8") for page in (ROOT / "docs").glob("*.md"))
    assert [key for key in SETTINGS if f"{key} = " not in pages and f"`{key}`" not in pages] == []


def test_what_verifying_expects() -> None:
    shown = block_keys("docs/verify.md", "# policy.yaml")
    assert [key for key in shown if key not in EXPECTED] == []
    page = (ROOT / "docs" / "verify.md").read_text("utf-8")
    assert [key for key in EXPECTED if key not in page] == []


@pytest.mark.parametrize("part", ["inputs", "outputs"])
def test_the_inputs_and_outputs_of_the_action(part: str) -> None:
    text = section("docs/action.md", part.capitalize())
    shown = first_cells(text) if part == "inputs" else re.findall(r"`([a-z-]+)`(?=,|\.| \()", text)
    states = {"pass", "fail", "incomplete", "not-verified"}
    assert sorted({*shown} - states) == sorted(ACTION[part])


def test_the_forms_of_a_report() -> None:
    assert first_cells(section("docs/reports.md", "Reports")) == list(FORMS)


@pytest.mark.parametrize("page", PAGES)
def test_the_severities_of_rules(page: str) -> None:
    known = {rule.id: rule.severity for rule in RULES}
    known |= {each.id: each.severity for each in OWN.values()}
    rows = re.findall(
        r"(?m)^\| `([a-z-]+)` \| (info|low|medium|high|critical) \|",
        (ROOT / page).read_text("utf-8"),
    )
    told = {name: severity for name, severity in rows if name in known}
    assert told == {name: known[name].name.lower() for name in told}


def test_the_readme_names_every_section_of_verbs() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    assert [title for title in SECTIONS if f"| **{title.lower()}** |" not in page] == []


@pytest.mark.parametrize("page", ["README.md", "docs/exit-codes.md"])
def test_the_exit_codes(page: str) -> None:
    rows = re.findall(r"(?m)^\| ([0-9, ]+) \|", (ROOT / page).read_text("utf-8"))
    shown = {int(code) for row in rows for code in row.split(",")}
    assert {int(code) for code in Exit} - {Exit.INTERRUPTED} <= shown
