"""One JSON object a line in a file called JSON: read, unless a loader would look for it."""

from __future__ import annotations

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Conflict, Reason, Unread
from aibom.scanners.formats import json_lines
from aibom.scanners.formats.json_lines import rows
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource

RECORDS = b'{"schema_version": 1, "a": [1]}\n\n {"schema_version": 1, "b": {}}\r\n'


def scanned(data: bytes, name: str) -> tuple[tuple[str, ...], list[Reason]]:
    artifact = dissect(BytesSource(data), (name,), Budget(Limits()))
    return artifact.formats, [f.reason for f in artifact.facts if isinstance(f, Unread)]


@pytest.mark.parametrize("name", ["aibom.json", "runs/report.json", "Log.JSON"])
def test_records_are_read_and_say_nothing(name: str) -> None:
    assert scanned(RECORDS, name) == (("json",), [])
    assert dissect(BytesSource(RECORDS), (name,), Budget(Limits())).facts == ()


@pytest.mark.parametrize(
    "name",
    [
        *("config.json", "tokenizer.json", "Tokenizer_Config.json", "generation_config.json"),
        *("model.safetensors.index.json", "params.json", "vocab.json", "modules.json"),
    ],
)
def test_what_a_loader_finds_by_its_name_stays_malformed(name: str) -> None:
    assert scanned(RECORDS, name)[1] == [Reason.MALFORMED]


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": 1}\n{"model_type": "bert"}',
        b'{"a": 1}\n{"auto_map": {}}\n',
        b'{"a": 1}\n{"eos_token": "__class__"}\n',
        b'{"a": 1}\n{"a": \n',
        b'{"a": 1}\n[1]\n',
        b'{"a": 1} {"a": 1}',
        b'{"a":\n1} 2',
        b'{"a": 1}\n{"a": 1} x',
    ],
    ids=["role", "code", "token", "cut", "list", "one line", "spread", "rest"],
)
def test_what_is_not_only_records_stays_malformed(data: bytes) -> None:
    assert scanned(data, "report.json")[1] == [Reason.MALFORMED]


def test_repeated_keys_of_every_line_are_told() -> None:
    data = b'{"a": 1, "a": 2}\n{"a": 1, "a": 2}\n'
    artifact = dissect(BytesSource(data), ("report.json",), Budget(Limits()))
    (conflict,) = (fact for fact in artifact.facts if isinstance(fact, Conflict))
    assert conflict.detail == "the key 'a' stands 3 times in one object"


def test_very_many_lines_are_no_records() -> None:
    assert rows("{}\n" * 2, "x.json") == ("{}", "{}")
    assert rows("{}\n" * (json_lines.MOST + 1), "x.json") == ()
