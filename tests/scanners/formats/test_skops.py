"""skops archives: what the nodes of their schema name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aibom.scanners import kits
from aibom.scanners.artifact import Target
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Named
from aibom.scanners.format import Match
from aibom.scanners.formats.skops import FORMAT
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.rule import Severity
from aibom.scanners.source import BytesSource
from tests.helpers.checkout import ROOT
from tests.helpers.reading import damage, recognised
from tests.helpers.zips import archive

kits.load_all()

# Written by skops 0.16.0: `make_pipeline(StandardScaler(), LogisticRegression())`, fitted.
PIPELINE = (ROOT / "tests/data/real/pipeline.skops").read_bytes()


def schema(node: dict[str, Any]) -> bytes:
    model = node_of("sklearn.linear_model._logistic", "LogisticRegression", "ObjectNode")
    content = {"f": node, "coef_": {"__loader__": "NdArrayNode", "file": "1.npy"}}
    return json.dumps({**model, "content": content, "protocol": 2}).encode()


def node_of(module: str, kind: str, loader: str, **more: object) -> dict[str, Any]:
    return {"__module__": module, "__class__": kind, "__loader__": loader, **more}


def findings(data: bytes) -> set[tuple[str, Severity]]:
    artifact = dissect(BytesSource(data), ("m.skops",), Budget(Limits()))
    return {(each.rule, each.severity) for each in judge(Target((artifact,)))}


@pytest.mark.parametrize(
    "node",
    [
        node_of("os", "system", "FunctionNode"),
        node_of("os", "function", "FunctionNode", content="system"),
        node_of("x", "f", "FunctionNode", content={"module_path": "os", "function": "system"}),
        node_of("posix", "system", "TypeNode"),
        node_of("subprocess", "Popen", "ObjectNode", content={}),
        node_of("subprocess", "Popen", "ConstructorFromReduceNode", content={}),
        node_of("os", "system", "ReduceNode", __reduce__={"args": {}}),
        node_of("a", "b", "MethodNode", content={"func": "x", "obj": node_of("os", "system", "")}),
        node_of("a", "b", "PartialNode", content={"func": node_of("os", "system", "FunctionNode")}),
        node_of("a", "call", "OperatorFuncNode", attrs=node_of("builtins", "exec", "TypeNode")),
    ],
)  # fmt: skip
def test_a_node_that_makes_what_runs_code_is_found(node: dict[str, Any]) -> None:
    found = findings(archive({"schema.json": schema(node)}))
    assert ("document-runs-code", Severity.CRITICAL) in found


def test_a_type_that_skops_would_ask_about_is_told_as_unknown() -> None:
    node = node_of("somewhere", "Net", "ObjectNode", content=None)
    found = findings(archive({"schema.json": schema(node)}))
    assert ("document-names-unknown-code", Severity.MEDIUM) in found


def test_a_pipeline_of_skops_itself_has_no_finding_that_matters() -> None:
    artifact = dissect(BytesSource(PIPELINE), ("m.skops",), Budget(Limits()))
    names = {fact.name for _, fact in Target((artifact,)).facts() if isinstance(fact, Named)}
    assert artifact.formats == ("zip", "skops")
    assert artifact.is_complete
    assert "sklearn.linear_model._logistic.LogisticRegression" in names
    assert {severity for _, severity in findings(PIPELINE)} <= {Severity.INFO, Severity.MEDIUM}


def test_is_told_by_its_name_and_its_schema() -> None:
    assert recognised(FORMAT, PIPELINE, "m.skops") is Match.CERTAIN
    assert recognised(FORMAT, PIPELINE, "m.zip") is Match.NO
    assert recognised(FORMAT, archive({"a": b""}), "m.skops") is Match.NO


def test_damage_is_malformed_and_nothing_else() -> None:
    damage(FORMAT, archive({"schema.json": b"{}"}), name="m.skops")
