"""The lineage as a tree, and the tree as a drawing that nothing leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from hypothesis import given
from hypothesis import strategies as st

from aibom.bom import build
from aibom.render.escape import safe
from aibom.render.html.drawing import BOX, WIDTH, counts, fitting
from aibom.render.html.element import block, said
from aibom.render.html.lineage import Node, tree
from aibom.scan import scan_target
from fixtures.safetensors import entry, safetensors
from tests.aibom.render.html.reading import page, part, rows, text_of, texts
from tests.helpers import described
from tests.helpers.outcomes import LICENCE, clean, outcome_of
from tests.helpers.reports import report_of

if TYPE_CHECKING:
    from pathlib import Path


def test_bases_data_and_weights_with_bases_of_their_own_make_a_tree() -> None:
    assert tree(build(described.described("y"))) == Node(
        "model",
        "model",
        below=(
            Node(
                *("base model", "base y", "finetune y", "declared"),
                ("README.md, byte 9, key 'base_model'",),
            ),
            Node("data set", "data y y", "training", "declared", ("README.md, key 'datasets[0]'",)),
            Node(
                "set of weights",
                "model.gguf",
                below=(
                    Node(
                        *("base model", "own y", "", "declared"),
                        ("model.gguf, key 'general.base_model.0.name'",),
                    ),
                ),
            ),
        ),
    )


def test_the_table_says_what_the_drawing_shows() -> None:
    lineage = part(page(described.outcome("y")), "t0-lineage")
    assert texts(lineage, ".//svg/svg/text") == [
        *("model", "model"),
        *("base model · finetune y", "base y"),
        *("data set · training", "data y y"),
        *("set of weights", "model.gguf"),
        *("base model", "own y"),
    ]
    assert [row[:5] for row in rows(lineage, "What the model is said to be made from")] == [
        ["base y", "base model", "finetune y", "model", "declared"],
        ["data y y", "data set", "training", "model", "declared"],
        ["own y", "base model", "", "model.gguf", "declared"],
    ]
    assert texts(lineage, ".//svg/title") == ["What the model is made from"]
    assert texts(lineage, ".//svg/desc") == [
        "One model, 2 base models, 1 data set, 1 set of weights. The table says the same."
    ]


def test_every_box_and_line_lies_within_the_drawing() -> None:
    svg = part(page(described.outcome()), "t0-lineage").find(".//svg")
    assert svg is not None
    height = int(svg.get("height", ""))
    assert svg.get("viewBox") == f"0 0 {WIDTH} {height}"
    boxes = svg.findall("svg")
    for box in boxes:
        x, y, width = (int(box.get(name, "")) for name in ("x", "y", "width"))
        assert 0 < x < x + width < WIDTH
        assert 0 < y < y + BOX < height
    assert [int(box.get("x", "")) for box in boxes] == [1, 25, 25, 25, 49]
    assert [each.get("class") for each in svg.findall("path")].count("head") == 2
    assert [each.get("class") for each in svg.findall("path")].count("edge") == 4


def test_a_model_without_lineage_is_not_said_to_have_none() -> None:
    assert text_of(part(page(clean()), "t0-lineage")) == (
        "Lineage The files name no base model and no data set, which does not mean there is none."
    )


@given(st.text(max_size=90), st.integers(4, 40))
def test_a_name_takes_no_more_room_than_it_has(text: str, letters: int) -> None:
    shown = fitting(text, letters)
    assert sum(2 if east_asian_width(each) in "WF" else 1 for each in shown) <= letters
    kept = shown.removesuffix("…")
    assert safe(text).startswith(kept)
    assert shown == safe(text) or shown.endswith("…")


@given(st.text("a\r\n\t\x1b", max_size=60), st.integers(2, 20))
def test_a_quote_says_where_it_is_cut(text: str, most: int) -> None:
    shown = "".join(block(text, most).itertext())
    assert len(shown) <= most
    assert shown.endswith("…") == (len(text) > most or len(_escaped(text)) > most)


def _escaped(text: str) -> str:
    return "\n".join(map(safe, text.replace("\r\n", "\n").replace("\t", "    ").split("\n")))


@given(st.text(max_size=60), st.integers(1, 20))
def test_what_a_file_says_is_cut_as_if_it_were_escaped_first(text: str, most: int) -> None:
    shown = said(text, most).text or ""
    assert len(shown) <= most
    assert shown == (safe(text) if len(safe(text)) <= most else safe(text)[: most - 1] + "…")


def test_a_report_of_one_file_has_a_lineage_too() -> None:
    report = report_of(LICENCE)
    assert tree(build(report)) == Node("model", "model")
    assert "Lineage" in text_of(page(outcome_of(report)))


def test_what_the_weights_repeat_of_the_whole_is_counted_once(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("---\ndatasets: [squad, wikitext]\n---\n# x\n")
    (tmp_path / "model.safetensors").write_bytes(safetensors({"w": entry(0, 8)}, bytes(8)))
    root = tree(build(scan_target(tmp_path)))
    assert [node.name for node in root.below] == ["squad", "wikitext"]
    assert counts(root) == "2 data sets"
