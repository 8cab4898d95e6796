"""Networks of Caffe as text, and their Python layers."""

from __future__ import annotations

import pytest

from aibom.scanners.artifact import Target
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Named, Unread
from aibom.scanners.format import Match
from aibom.scanners.formats import prototxt
from aibom.scanners.formats.prototxt import FORMAT
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.source import BytesSource, Malformed, Span
from tests.helpers.reading import damage, facts, read, recognised

PYTHON = b"""name: "n"  # a { remark
layer { name: 'data' type: "Input" input_param { shape: { dim: 1 dim: 3 } } top: "data" }
layer {
  type: "Python"
  python_param { module: "os" layer: "sys" "tem" param_str: "i\\x64" }
}
"""


def rules(text: bytes, name: str = "net.prototxt") -> set[str]:
    artifact = dissect(BytesSource(text), (name,), Budget(Limits()))
    return {finding.rule for finding in judge(Target((artifact,)))}


def test_tells_a_python_layer_with_what_it_is_given_and_where() -> None:
    start = PYTHON.index(b"{ module")
    assert facts(FORMAT, PYTHON, Named, "net.prototxt") == [
        Named(
            at=Span(start, PYTHON.index(b"}\n}") + 1 - start),
            key="python_param",
            name="os.system",
            by="Caffe",
            way="calls",
            texts=("id",),
            files=("os.py", "os/__init__.py"),
        )
    ]
    assert "document-runs-code" in rules(PYTHON)


@pytest.mark.parametrize(
    "text",
    [
        b'layer<python_param<module:"os",layer:"system";>>',
        b"layers { python_param: { layer: 'system' module: '\\157s' } }",
        b'layer{#}\npython_param#{\n{module#"\n:"os"layer:"system"}}',
    ],
)
def test_every_way_to_write_it_is_read(text: bytes) -> None:
    assert [fact.name for fact in facts(FORMAT, text, Named)] == ["os.system"]


def test_a_layer_of_ones_own_is_unknown_code_and_a_plain_network_is_nothing() -> None:
    own = b'layer { type: "Python" python_param { module: "rpn.layer" layer: "RPN" } }'
    assert rules(own) == {"document-names-unknown-code"}
    assert rules(b'layer { name: "os.system" type: "ReLU" bottom: "a" top: "b" }') == set()


@pytest.mark.parametrize(
    "text",
    [b"layer { a: 1", b"layer } a: 1", b"layer { > }", b"layer { a: 'x", b"layer {" * 101],
    ids=["open", "closed", "other mark", "text", "depth"],
)
def test_what_is_no_network_is_malformed(text: bytes) -> None:
    with pytest.raises(Malformed):
        read(FORMAT, text, "net.prototxt")


def test_what_breaks_off_behind_a_python_layer_is_not_clean() -> None:
    assert [type(fact) for fact in read(FORMAT, PYTHON + b"}", "net.prototxt")] == [Named, Unread]


def test_length_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prototxt, "LONGEST", 9)
    with pytest.raises(Exceeded):
        read(FORMAT, PYTHON, "net.prototxt")


@pytest.mark.parametrize(
    ("data", "name", "match"),
    [
        (PYTHON, "", Match.POSSIBLE),
        (b"base_lr: 0.1", "solver.prototxt", Match.POSSIBLE),
        (b"base_lr: 0.1", "solver", Match.NO),
        (b'node { name: "a" }\nlayer { }', "graph.pbtxt", Match.NO),
        (b"layer {\0", "net.prototxt", Match.NO),
    ],
)
def test_is_told_by_its_name_or_by_a_layer(data: bytes, name: str, match: Match) -> None:
    assert recognised(FORMAT, data, name) is match


def test_damage_is_malformed_and_nothing_else() -> None:
    damage(FORMAT, PYTHON, name="net.prototxt")
