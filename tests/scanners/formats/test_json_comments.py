"""JSON with comments is an editor's, and never a loader's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Conflict, Reason, Unread
from aibom.scanners.formats import json_comments
from aibom.scanners.formats.json_comments import without_comments
from aibom.scanners.formats.json_roles import ROLES
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource

EDITOR = b"""// Settings of the editor
{
    /* as we like it: */ "editor.rulers": [100,], // "not a text
    "files.exclude": {"**/*.pyc": true, "http://x": "/* no comment */"},
}
"""


def scanned(data: bytes, name: str) -> tuple[tuple[str, ...], list[Reason]]:
    artifact = dissect(BytesSource(data), (name,), Budget(Limits()))
    return artifact.formats, [f.reason for f in artifact.facts if isinstance(f, Unread)]


@pytest.mark.parametrize(
    "name", ["settings.json", ".vscode/launch.json", "tsconfig.json", "a/devcontainer.json"]
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
def test_an_editors_file_is_read_and_says_nothing(name: str, mark: bytes) -> None:
    assert scanned(mark + EDITOR, name) == (("json",), [])
    artifact = dissect(BytesSource(mark + EDITOR), (name,), Budget(Limits()))
    assert (artifact.facts, artifact.parts) == ((), ())


def test_comments_go_and_texts_stay() -> None:
    bare = without_comments(EDITOR.decode(), "settings.json")
    assert json.loads(bare or "") == {
        "editor.rulers": [100],
        "files.exclude": {"**/*.pyc": True, "http://x": "/* no comment */"},
    }


@pytest.mark.parametrize(
    "name",
    sorted(
        {name for role in ROLES.values() for name in role.names}
        | {"config.json", "adapter_config.json", "model_index.json", "vocab.json", "Config.JSON"}
        | {"model.safetensors.index.json", "added_tokens.json", "merges.json", "labels.json"}
    ),
)
def test_what_a_loader_finds_by_its_name_stays_unread(name: str) -> None:
    assert scanned(b'{"a": 1, // no\n "b": 2}', name)[1] == [Reason.MALFORMED]


@pytest.mark.parametrize("sign", sorted({sign for role in ROLES.values() for sign in role.signs}))
def test_what_has_a_key_of_a_loader_stays_unread(sign: str) -> None:
    for text in (
        f'{{"{sign}": 1, // no\n}}',
        f'{{/* "{sign}": 1 */ "a": 1}}',
        json.dumps({sign: 1})[:-1].replace(sign[0], f"\\u{ord(sign[0]):04x}", 1) + "/**/}",
    ):
        assert scanned(text.encode(), "settings.json")[1] == [Reason.MALFORMED]


@pytest.mark.parametrize(
    "text",
    [
        b'{"bos_token": "__class__" // a name of Python\n}',
        b"[1, 2] // a list",
        b'{"a": 1 /* to the end',
        b'{"a": "to the end // }',
        b"// alone",
        b"{a: 1} // no quotes",
        b'{"a": 1} { // two\n}',
        b'{"a": 1 # another comment\n}',
    ],
)
def test_anything_else_stays_unread(text: bytes) -> None:
    assert scanned(text, "settings.json")[1] == [Reason.MALFORMED]


def test_another_name_promises_nothing() -> None:
    assert scanned(EDITOR, "settings.txt") == ((), [])
    assert scanned(b'{"a": 1 // x\n}', "settings.txt") == ((), [])


def test_a_key_that_stands_twice_is_told() -> None:
    data = b'{"a": 1, "a": 2} // twice'
    artifact = dissect(BytesSource(data), ("settings.json",), Budget(Limits()))
    assert [fact.kind for fact in artifact.facts if isinstance(fact, Conflict)] == ["duplicate"]


@pytest.mark.parametrize("text", ["/*", '"', '"\\', ",", "//", ", ", "{,"])
def test_no_text_takes_long(text: str) -> None:
    long = text * (json_comments.MOST // len(text))
    assert without_comments(long, "settings.json") is not None
    assert without_comments(long + text, "settings.json") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON, st.sampled_from(["// x\n", "/* x */", " ", "/**/"]))
def test_comments_between_tokens_change_nothing(document: Any, comment: str) -> None:  # noqa: ANN401 - any JSON
    text = json.dumps(document, separators=(f"{comment},{comment}", f"{comment}:{comment}"))
    bare = without_comments(f"{comment}{text}{comment}", "settings.json")
    assert bare is None or json.loads(bare) == document
