"""`aibom show`, `diff` and `merge` as a user runs them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from aibom.render.changes import UNVERIFIED
from aibom.signatures.components import listed_files
from tests.helpers.command import aibom
from tests.helpers.models import make_keys, write_model

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]


def listing(name: str, *paths: str, **more: Any) -> Json:  # noqa: ANN401 - any section
    """Return a BOM of files."""
    components = [
        {
            "type": "file",
            "bom-ref": f"file:{path}",
            "name": path,
            "hashes": [{"alg": "SHA-256", "content": f"{len(path):064x}"}],
            "properties": [{"name": "aibom:path", "value": path}],
        }
        for path in paths
    ]
    about = {"type": "machine-learning-model", "bom-ref": "subject", "name": name}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "metadata": {"component": about},
        "components": components,
        **more,
    }


@pytest.fixture
def boms(tmp_path: Path) -> Path:
    """A folder with two BOMs."""
    (tmp_path / "a.cdx.json").write_text(json.dumps(listing("one", "config.json", "w")))
    (tmp_path / "b.cdx.json").write_text(json.dumps(listing("two", "config.json")))
    return tmp_path


def test_merge_writes_one_bom_of_two(boms: Path) -> None:
    arguments = ("merge", "a.cdx.json", "b.cdx.json", "--name", "pair")
    ended = aibom(*arguments, "-o", "c.cdx.json", cwd=boms)
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "2 BOMs merged. Signatures over them do not cover the result.\n"
    whole = json.loads((boms / "c.cdx.json").read_bytes())
    assert list(listed_files(whole)) == ["one/config.json", "one/w", "two/config.json"]
    again = aibom(*arguments, cwd=boms, LC_ALL="C", PYTHONHASHSEED="7")
    assert again.out.encode() == (boms / "c.cdx.json").read_bytes()


def test_merge_writes_a_time_only_if_the_environment_has_one(boms: Path) -> None:
    arguments = ("merge", "a.cdx.json", "--name", "x", "--model-version", "2")
    ended = aibom(*arguments, cwd=boms, SOURCE_DATE_EPOCH="1")
    metadata = json.loads(ended.out)["metadata"]
    assert metadata["timestamp"] == "1970-01-01T00:00:01Z"
    assert metadata["component"]["version"] == "2"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("merge", "a.cdx.json"), "Missing option '--name'"),
        (("merge", "--name", "x"), "Missing argument 'BOM...'"),
        (("merge", "a.cdx.json", "--name", ""), "--name is empty: give a text"),
        (("merge", "a.cdx.json", "./a.cdx.json", "--name", "x"), "are the same"),
        (("merge", ".", "--name", "x"), "a folder, expected the file of a BOM"),
        (("merge", "none", "--name", "x"), "the BOM cannot be read: no such file"),
        (("merge", os.devnull, "--name", "x"), "the BOM is a character device, expected a regular"),
    ],
    ids=["no name", "no BOM", "empty name", "same", "folder", "missing", "device"],
)
def test_what_cannot_be_read_is_named(boms: Path, arguments: tuple[str, ...], told: str) -> None:
    ended = aibom(*arguments, cwd=boms)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


def test_diff_passes_equal_boms_and_fails_on_a_severe_change(boms: Path) -> None:
    same = aibom("diff", "a.cdx.json", "a.cdx.json", cwd=boms)
    assert (same.code, same.err) == (0, "")
    assert same.out.splitlines() == [
        f"a.cdx.json -> a.cdx.json: no change. {UNVERIFIED}",
        "PASS: no change at release-blocking or above",
    ]
    changed = json.loads((boms / "a.cdx.json").read_text())
    changed["components"][0]["properties"].append({"name": "aibom:unread", "value": "encrypted"})
    (boms / "c.cdx.json").write_text(json.dumps(changed))
    ended = aibom("diff", "a.cdx.json", "c.cdx.json", cwd=boms)
    assert (ended.code, ended.out.splitlines()[-1]) == (
        1,
        "FAIL: 1 change at release-blocking or above",
    )
    assert aibom("diff", "a.cdx.json", "c.cdx.json", "--fail-on", "never", cwd=boms).code == 0


def test_diff_writes_for_programs_and_for_pull_requests(boms: Path) -> None:
    arguments = ("diff", "a.cdx.json", "b.cdx.json", "--fail-on", "review-required", "--format")
    ended = aibom(*arguments, "json", cwd=boms)
    document = json.loads(ended.out)
    assert (ended.code, document["passed"], document["old"]["name"]) == (1, False, "one")
    assert document["counts"] == {"release-blocking": 0, "review-required": 2, "expected": 0}
    assert aibom(*arguments, "markdown", cwd=boms).out.startswith("# `a.cdx.json` → `b.cdx.json`")


def test_an_attested_bom_and_a_new_bom_of_the_same_bytes_pass(tmp_path: Path) -> None:
    write_model(tmp_path / "model")
    keys = make_keys(tmp_path)
    assert aibom("attest", "model", "--key", keys.private, cwd=tmp_path).code == 0
    assert aibom("bom", "model", "-o", "new.cdx.json", cwd=tmp_path).code == 0
    for sides in (
        ("model/aibom.cdx.json", "new.cdx.json"),
        ("new.cdx.json", "model/aibom.cdx.json"),
    ):
        ended = aibom("diff", *sides, "--fail-on", "review-required", cwd=tmp_path)
        assert (ended.code, "expected[fingerprints-" in ended.out) == (0, True)


def test_diff_of_a_folder_says_which_file(boms: Path) -> None:
    ended = aibom("diff", "a.cdx.json", ".", cwd=boms)
    assert ended.code == 2
    assert "After `aibom verify .`, give aibom.cdx.json." in ended.err


def test_show_is_a_card_for_a_terminal_or_a_page(boms: Path) -> None:
    short = aibom("show", "a.cdx.json", cwd=boms)
    assert (short.code, short.err) == (0, "")
    assert short.out.startswith("identity  ")
    ended = aibom("show", "a.cdx.json", "--full", cwd=boms)
    assert ended.out.startswith("identity\n  type                machine-learning-model\n")
    page = aibom("show", "a.cdx.json", "--format", "markdown", "--evidence", "--all", cwd=boms)
    assert page.code == 0
    assert page.out.startswith("# AI-BOM\n\n## identity\n\n| what | value | of | known as | evi")


def test_show_of_what_is_no_bom_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    ended = aibom("show", "x.json", cwd=tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert "x.json: this is JSON, but no CycloneDX document" in ended.err
