"""A stranger's JSON is read with all that is odd about it, and refused where it asks too much."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aibom import bom
from aibom.bom.lint import document, lint, read
from aibom.bom.lint.rule import MOST
from aibom.errors import BomError
from tests.aibom.bom.examples import small
from tests.helpers.checkout import ROOT

HEAD = '"bomFormat": "CycloneDX", "specVersion": "1.6"'
SMALL = (ROOT / "tests" / "aibom" / "bom" / "small.cdx.json").read_bytes()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe{", "no JSON"),
        (b"\xef\xbb\xbf{}", "no JSON"),
        (b" <?xml version='1.0'?>", "this is XML"),
        (b"\xef\xbb\xbf<bom/>", "this is XML"),
        (b"[]", "it lacks bomFormat"),
        (b'{"bomFormat": "SPDX"}', "it lacks bomFormat"),
        (b'{"bomFormat": "CycloneDX", "specVersion": "1.1"}', r"'1.1', expected 1.2, .* or 1.7"),
        (b'{"bomFormat": "CycloneDX", "specVersion": ["1.7"]}', "expected"),
        (f"{{{HEAD}, 'a': 1}}".encode(), "no JSON"),
        (f'{{{HEAD}, "a": NaN}}'.encode(), "NaN is no JSON number"),
        (f'{{{HEAD}, "a": {"1" * 101}}}'.encode(), "a number of 101 characters"),
        (f'{{{HEAD}, "a": 1.{"1" * 100}}}'.encode(), "a number of 102 characters"),
        (f'{{{HEAD}, "{"a" * 1001}": 1}}'.encode(), "a key of 1001 characters"),
        (f'{{{HEAD}, "a": {"[" * 60}{"]" * 60}}}'.encode(), "deeper than 60 levels"),
        (f'{{{HEAD}, "a": [{"1," * 2_000_000}1]}}'.encode(), "more than 2000000 values"),
    ],
    ids=[
        *("nothing", "not utf-8", "byte order mark", "xml", "marked xml", "a list"),
        *("another format", "an old version", "a version that is a list", "other quotes"),
        *(
            "not a number",
            "a long integer",
            "a long fraction",
            "a long key",
            "too deep",
            "too many",
        ),
    ],
)
def test_refuses(data: bytes, why: str) -> None:
    with pytest.raises(BomError, match=why):
        read(data)


def test_refuses_more_bytes_than_any_bom_has() -> None:
    with pytest.raises(BomError, match="the limit is 67108864"):
        read(bytes(64 << 20) + b" ")


def test_a_bom_as_deep_as_is_allowed_is_judged_whole() -> None:
    component = {"type": "file", "name": "x", "version": "unknown"}
    for _ in range(28):
        component = {"type": "file", "name": "x", "components": [component]}  # type: ignore[dict-item]
    text = json.dumps(component)
    problems = lint(f'{{{HEAD}, "components": [{text}]}}'.encode()).problems
    places = {each.rule: each.pointer for each in problems}
    assert places["placeholder"] == "/components/0" * 29 + "/version"
    assert "schema-invalid" not in places


def test_of_a_million_problems_the_first_are_told() -> None:
    items = ",".join(['{"a": 1, "a": 2, "bom-ref": "x"}'] * (MOST * 2))
    linted = lint(f'{{{HEAD}, "components": [{items}]}}'.encode())
    assert linted.cut == ("schema-invalid", "key-twice", "reference-twice")
    assert [each.rule for each in linted.problems].count("key-twice") == MOST


def test_the_least_severe_comes_first_and_each_problem_once() -> None:
    linted = lint(f'{{{HEAD}, "components": [{{"name": "unknown"}}]}}'.encode())
    severities = [each.severity for each in linted.problems]
    assert severities == sorted(severities)
    assert len(set(linted.problems)) == len(linted.problems)
    assert (linted.version, linted.cut) == ("1.6", ())


def test_pointers_are_escaped() -> None:
    root = document.Node({"a/b": [{"~": 1}]})
    last = list(document.walk(root))[-1]
    assert (last.value, last.pointer, last.key, last.keys) == (1, "/a~1b/0/~0", "~", ("a/b", "~"))


def test_half_a_character_is_told_wherever_it_stands() -> None:
    half = "pkg:generic/\ud800"
    component = {"type": "file", "name": half, "purl": half, "bom-ref": half, "version": half}
    component |= {"licenses": [{"expression": half}], "swhid": [half]}  # type: ignore[dict-item]
    text = json.dumps(component)
    rules = {each.rule for each in lint(f'{{{HEAD}, "components": [{text}]}}'.encode()).problems}
    assert {"hidden-characters", "purl-malformed", "licence-expression-malformed"} <= rules


def test_what_aibom_writes_has_no_problem() -> None:
    assert lint(SMALL).problems == ()
    assert lint(bom.to_json(bom.build(small()))).problems == ()


# --- Damage ---------------------------------------------------------------------------------------

odd = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@settings(max_examples=200)
@given(st.integers(0, 10_000), odd)
def test_a_value_of_another_type_anywhere_is_told_and_never_a_crash(at: int, value: object) -> None:
    tree = json.loads(SMALL)
    root = document.Node(tree)
    places = [
        (node.above.value, node.step)
        for node in document.walk(root)
        if node.above is not None and node.pointer not in {"/bomFormat", "/specVersion"}
    ]
    holder, step = places[at % len(places)]
    holder[step] = value
    linted = lint(json.dumps(tree).encode())
    assert all(each.message and each.pointer[:1] in {"", "/"} for each in linted.problems)


@settings(max_examples=200)
@given(st.integers(0, len(SMALL) - 1), st.binary(max_size=3))
def test_changed_bytes_are_refused_or_judged(at: int, instead: bytes) -> None:
    try:
        lint(SMALL[:at] + instead + SMALL[at + 1 :])
    except BomError as error:
        assert str(error)  # noqa: PT017 - either is right
