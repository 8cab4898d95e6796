"""Whatever the facts: the BOM is valid, and the same for the same report on any machine."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aibom import bom
from aibom.report import Ignored, Isolation, Report
from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.facts import (
    Conflict,
    Dataset,
    Direction,
    Fact,
    Licence,
    Metadata,
    Metric,
    Operator,
    Passage,
    Port,
    Reason,
    Reference,
    Refers,
    Role,
    Tensor,
    Unread,
)
from aibom.scanners.formats import FORMATS
from aibom.scanners.record import replace
from aibom.scanners.rule import Finding, Severity
from aibom.scanners.rules import RULES
from aibom.scanners.source import Span

from .examples import faults, report, small

if TYPE_CHECKING:
    from random import Random

T = TypeVar("T")

ROOT = Path(__file__).parents[3]

words = st.text(max_size=12)
names = st.sampled_from(
    [
        *("config.json", "README.md", "LICENSE", ".gitignore", "aibom.cdx.json", "a/b.pt", "\\xff"),
        *(
            "adapter_config.json",
            "tokenizer_config.json",
            "all_results.json",
            "mergekit_config.yml",
        ),
        *("m-00001-of-00002.safetensors", "m-00002-of-00002.safetensors", "a/config.json"),
        *("modeling.py", "m.index.json", "model.sig.asc", "preprocessor_config.json", "a/m.gguf"),
    ]
) | st.text(min_size=1, max_size=8)
spans = st.builds(Span, st.integers(0, 2**64), st.integers(0, 2**64))
keys = (
    st.sampled_from(
        [
            *("model_type", "general.architecture", "x.context_length", "license", "architectures"),
            *(
                "tags[0]",
                "base_model_relation",
                "id2label.7",
                "quantization_config.bits",
                "hub.commit",
            ),
            *(
                "general.repo_url",
                "general.base_model.0.name",
                "transformers_version",
                "library_name",
            ),
            *("co2_eq_emissions", "front-matter.unmapped", "tokenizer_class", "merge_method"),
            *("peft_type", "requirements[0]", "eval_accuracy", "general.file_type"),
        ]
    )
    | words
)
values = (
    st.sampled_from(
        [
            *(
                "mit",
                "llama",
                "other",
                "sft",
                "grpo",
                "XForCausalLM",
                "4",
                "torch==2",
                "isc or mit",
            ),
            *("https://huggingface.co/a/b", "0" * 40, "a/b", "https://a.b/c?d#e", "7 keys"),
        ]
    )
    | words
)
headings = st.sampled_from(["Limitations", "Ethics", "Uses", "Environmental impact"]) | words

facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(
        Tensor,
        at=spans,
        name=words | st.sampled_from(["l.qweight", "l.scales", "l.weight"]),
        dtype=words | st.sampled_from(["F32", "I32", "U8"]),
        shape=st.tuples(st.integers(-1, 2**65), st.just(2)),
        storage=st.sampled_from(["", "0"]),
        offset=st.integers(0, 9),
    ),
    st.builds(Metadata, at=spans, key=keys, value=values),
    st.builds(Licence, at=spans, key=keys, value=values),
    st.builds(Unread, at=spans, reason=st.sampled_from(Reason), detail=words),
    st.builds(
        Reference,
        at=spans,
        kind=st.sampled_from(Refers),
        key=keys | st.sampled_from(["weight_map", "auto_map.X", "base_model_name_or_path"]),
        target=values | names | st.sampled_from(["modeling.X", "a/b--c.X"]),
    ),
    st.builds(Conflict, kind=words, detail=words),
    st.builds(
        Dataset,
        at=spans,
        key=keys,
        name=values,
        role=st.sampled_from(Role),
        config=words,
        split=words,
    ),
    st.builds(Metric, at=spans, key=keys, kind=words, value=words, name=words, dataset=words),
    st.builds(Passage, at=spans, heading=headings, above=st.tuples(words), text=words),
    st.builds(
        Port,
        direction=st.sampled_from(Direction),
        name=words,
        dtype=words,
        shape=st.tuples(words),
        is_ranked=st.booleans(),
    ),
    st.builds(Operator, at=spans, domain=words, name=words, count=st.integers(0, 2**64)),
)
formats = st.lists(st.sampled_from([*(each.id for each in FORMATS), "odd"]), max_size=2)
digests = st.binary(min_size=32, max_size=32).map(lambda each: (("sha256", each.hex()),))


@st.composite
def artifacts(draw: st.DrawFn, path: tuple[str, ...] = (), depth: int = 2) -> Artifact:
    own = (*path, draw(names))
    parts = st.lists(artifacts(own, depth - 1), max_size=2) if depth else st.just([])
    return Artifact(
        own,
        draw(st.integers(0, 2**64)),
        () if path else draw(digests | st.just(())),
        tuple(draw(formats)),
        tuple(draw(st.lists(facts, max_size=4))),
        tuple(draw(parts)),
    )


MOMENT = datetime(2026, 1, 2, 3, 4, 5, 999, UTC)
findings = st.builds(
    Finding,
    rule=st.sampled_from([*(rule.id for rule in RULES), "odd"]),
    severity=st.sampled_from(Severity),
    message=words,
    path=st.lists(names, max_size=3).map(tuple),
    at=spans,
)
reports = st.builds(
    Report,
    name=words,
    is_folder=st.booleans(),
    target=st.lists(artifacts(), max_size=5).map(lambda each: Target(tuple(each))),
    findings=st.lists(findings, max_size=3).map(tuple),
    isolation=st.just(Isolation("none")),
    tool_version=words,
    rules=words,
)


@settings(max_examples=60)
@given(reports, st.sampled_from(["1.6", "1.7"]), st.sampled_from([None, MOMENT]))
def test_any_report_gives_a_bom_that_is_strictly_valid_as_a_whole(
    given_: Report, version: str, moment: datetime | None
) -> None:
    raw = bom.to_json(bom.build(given_), moment, version)
    assert faults(raw, version) == []
    bom.parse(raw)


@settings(max_examples=60)
@given(reports, st.randoms(use_true_random=False))
def test_no_order_matters_where_it_has_no_meaning(given_: Report, random: Random) -> None:
    mixed = [replace(each, facts=shuffled(random, each.facts)) for each in given_.artifacts]
    target = Target(shuffled(random, tuple(mixed)))
    again = replace(given_, target=target, findings=shuffled(random, given_.findings))
    assert bom.to_json(bom.build(again)) == bom.to_json(bom.build(given_))


def shuffled(random: Random, items: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(random.sample(items, len(items)))


def test_the_machine_leaves_no_trace() -> None:
    here = small()
    there = replace(here, isolation=Isolation("none"), ignored=(Ignored(".git", "history"),))
    assert bom.to_json(bom.build(here)) == bom.to_json(bom.build(there))


PROGRAM = """
import locale, sys
locale.setlocale(locale.LC_ALL, "")
from aibom import bom
from tests.aibom.bom.examples import small
sys.stdout.buffer.write(bom.to_json(bom.build(small())))
"""


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8"},
        {"PYTHONHASHSEED": "3", "PYTHONOPTIMIZE": "2", "SOURCE_DATE_EPOCH": "1"},
    ],
    ids=["east and ASCII", "west and UTF-8", "optimised"],
)
def test_another_process_writes_the_same_bytes(environment: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | environment | {"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        check=True,
    )
    assert done.stdout == bom.to_json(bom.build(small()))


def test_the_time_is_the_one_that_is_given() -> None:
    given_ = bom.build(report())
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=14)))
    raw = bom.to_json(given_, MOMENT)
    assert bom.parse(raw)["metadata"]["timestamp"] == "2026-01-02T03:04:05Z"
    assert bom.to_json(given_, elsewhere) == raw
    assert faults(raw) == []


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        bom.to_json(bom.build(report()), datetime(2026, 1, 2))  # noqa: DTZ001 - the point


def test_another_content_has_another_serial_number() -> None:
    one, two = (bom.parse(bom.to_json(bom.build(report(name=name)))) for name in "ab")
    assert one["serialNumber"] != two["serialNumber"]
    assert one | {"serialNumber": "", "metadata": ""} == two | {"serialNumber": "", "metadata": ""}
