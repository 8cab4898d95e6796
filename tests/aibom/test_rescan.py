"""A second scan holds a signed BOM against the bytes: its signer may have been wrong, or lied."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aibom.bom import build, cyclonedx
from aibom.expect_file import read_values
from aibom.report import Report
from aibom.rescan import Rescan, rescan
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from aibom.scanners import record
from aibom.scanners.rule import Severity
from aibom.signatures import SignatureError
from aibom.verify import verify_target
from tests.helpers.models import WEIGHTS, make_keys, sign_model, write_model

EVIL = b"cos\nsystem\n(S'id'\ntR."

Document = dict[str, Any]
Change = Callable[[Document], object]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    model = write_model(tmp_path_factory.mktemp("models") / "demo")
    (model / "evil.pkl").write_bytes(EVIL)
    return scan_target(model, sandbox=without_isolation())


def document(report: Report, change: Change | None = None, *, older: bool = False) -> Document:
    """Return the BOM of `report` as a signer might have changed it."""
    found: Document = json.loads(json.dumps(cyclonedx.document(build(report))))
    if older:
        (tool,) = found["metadata"]["tools"]["components"]
        tool["version"] = "0.0.1"
        tool["properties"][0]["value"] = "0" * 64
    if change:
        change(found)
    return found


def component(found: Document, name: str) -> Document:
    return next(each for each in found["components"] if each["name"] == name)


def replace(name: str, key: str, value: str) -> Change:
    def act(found: Document) -> None:
        one = component(found, name)
        told = [*one["properties"], *one.get("modelCard", {}).get("properties", [])]
        next(each for each in told if each["name"] == f"aibom:{key}")["value"] = value

    return act


def drop(name: str, key: str) -> Change:
    def act(found: Document) -> None:
        one = component(found, name)
        card = one.get("modelCard", {})
        for place in (one, card):
            place["properties"] = [
                each for each in place.get("properties", []) if each["name"] != f"aibom:{key}"
            ]

    return act


def test_an_honest_bom_says_what_the_bytes_say(report: Report) -> None:
    found = document(report)
    assert rescan(found, report) == Rescan(found, True, ())  # noqa: FBT003 - the same rules


LIES: dict[str, tuple[Change, str]] = {
    "another size": (replace("config.json", "size", "7"), "'config.json': size is ['19']"),
    "another format": (replace("model.safetensors", "format", "gguf"), "format is"),
    "another number of tensors": (
        replace("model.safetensors", "tensor:count", "9"),
        "tensor:count is ['1'], signed ['9']",
    ),
    "a number of tensors left out": (
        drop("model.safetensors", "tensor:count"),
        "tensor:count is ['1'], signed []",
    ),
    "something called unread": (
        lambda it: component(it, "LICENSE")["properties"].append(
            {"name": "aibom:unread", "value": "x"}
        ),
        "unread is [], signed ['x']",
    ),
    "a file that is not there": (
        lambda it: it["components"].append(
            {"properties": [{"name": "aibom:path", "value": "ghost"}]}
        ),
        "'ghost' was not scanned",
    ),
    "a finding left out": (lambda it: it.pop("vulnerabilities"), "the BOM leaves out"),
    "a finding made up": (
        lambda it: it["vulnerabilities"].append({"bom-ref": "finding:0", "id": "x"}),
        "which the bytes do not give",
    ),
    "a finding made milder": (
        lambda it: it["vulnerabilities"][-1]["ratings"][0].update(severity="info"),
        "the bytes give",
    ),
    "another size, of a component within another": (
        lambda it: (
            replace("config.json", "size", "7")(it),
            it.update(components=[{"name": "wrap", "components": it["components"]}]),
        ),
        "'config.json': size is ['19']",
    ),
    "other rules of this version": (
        lambda it: it["metadata"]["tools"]["components"][0]["properties"][0].update(value="0" * 64),
        "the rules of aibom",
    ),
    "a parameter of the model made up": (
        lambda it: it["metadata"]["component"].update(
            modelCard={"modelParameters": {"architectureFamily": "made up"}}
        ),
        "the model: architecture:family is",
    ),
    "a model all unknown": (lambda it: it.update(compositions=[]), "what is known of"),
    "everything left out": (lambda it: it.update(components=[], vulnerabilities=[7]), "leaves out"),
}


@pytest.mark.parametrize(("lie", "told"), LIES.values(), ids=LIES)
def test_tells(lie: Change, told: str, report: Report) -> None:
    with pytest.raises(SignatureError) as caught:
        rescan(document(report, lie), report)
    assert caught.value.code == "rescan-differs"
    assert told in str(caught.value)


def test_names_rule_and_file_of_a_finding(report: Report) -> None:
    with pytest.raises(SignatureError) as caught:
        rescan(document(report, lambda it: it.pop("vulnerabilities")), report)
    assert "leaves out 'critical[pickle-spawns-process]' in 'evil.pkl': \"REDUCE calls" in str(
        caught.value
    )


def test_counts_what_it_does_not_tell(report: Report) -> None:
    def all_sizes(found: Document) -> None:
        for each in found["components"]:
            replace(each["name"], "size", "7")(found)

    with pytest.raises(SignatureError, match=r"and 3 more differences$"):
        rescan(document(report, all_sizes), report)


def test_other_rules_may_find_more(report: Report) -> None:
    mild = [record.replace(each, severity=Severity.MEDIUM) for each in report.findings]

    def less(found: Document) -> None:
        found.pop("vulnerabilities")
        drop("model.safetensors", "tensor:count")(found)

    found = rescan(document(report, less, older=True), record.replace(report, findings=tuple(mild)))
    assert not found.same_rules
    assert {each.split("[")[0] for each in found.new_findings} == {"'medium"}


def test_what_other_rules_find_severe_is_not_passed_over(report: Report) -> None:
    lie = document(report, lambda it: it.pop("vulnerabilities"), older=True)
    with pytest.raises(SignatureError, match=r"leaves out .* are others than the signer's\)$"):
        rescan(lie, report)


def test_other_rules_may_not_find_otherwise(report: Report) -> None:
    lie = replace("model.safetensors", "tensor:count", "9")
    with pytest.raises(SignatureError):
        rescan(document(report, lie, older=True), report)


class TestVerifying:
    @pytest.fixture
    def model(self, tmp_path: Path) -> Path:
        return write_model(tmp_path / "demo")

    def test_scans_again_and_returns_what_it_found(self, model: Path, tmp_path: Path) -> None:
        keys = make_keys(tmp_path)
        sign_model(model, keys)
        scan = lambda: scan_target(model, sandbox=without_isolation())  # noqa: E731
        found = verify_target(model, keys.trust, rescanned=scan).rescan
        assert found is not None
        assert (found.same_rules, found.new_findings) == (True, ())

    @pytest.mark.parametrize("name", [".github/x.pkl", ".gitignore"])
    def test_danger_in_a_file_that_nobody_signed_is_told_and_not_the_signer_blamed(
        self, model: Path, tmp_path: Path, name: str
    ) -> None:
        keys = make_keys(tmp_path)
        sign_model(model, keys)
        (model / name).parent.mkdir(exist_ok=True)
        (model / name).write_bytes(EVIL)
        scan = lambda: scan_target(model, sandbox=without_isolation())  # noqa: E731
        found = verify_target(model, keys.trust, rescanned=scan)
        (told,) = found.warnings
        assert told.startswith(
            f"the BOM leaves out 'critical[pickle-spawns-process]' in {name!r}: "
        )
        assert told.endswith("; the signature does not cover this file")
        assert found.rescan is not None
        assert found.rescan.new_findings == ()
        expected = [read_values({"no-findings": "high"})]
        with pytest.raises(SignatureError, match=r"^today's scan finds 'critical\[pickle-"):
            verify_target(model, keys.trust, expectations=expected, rescanned=scan)

    def test_what_is_gone_or_not_read_where_nobody_signed_is_told(
        self, model: Path, tmp_path: Path
    ) -> None:
        keys = make_keys(tmp_path)
        (model / ".github").mkdir()
        (model / ".github" / "x.pkl").write_bytes(EVIL)
        sign_model(model, keys)
        (model / ".github" / "x.pkl").write_bytes(EVIL[:-1])
        scan = lambda: scan_target(model, sandbox=without_isolation())  # noqa: E731
        told = verify_target(model, keys.trust, rescanned=scan).warnings
        assert any("'.github/x.pkl'" in each and "was not read" in each for each in told)

    def test_expectations_hold_for_what_is_found_today(self, model: Path, tmp_path: Path) -> None:
        """A signer whose rules were older saw nothing; today's rules do."""
        keys = make_keys(tmp_path)
        sign_model(model, keys)
        clean = scan_target(model, sandbox=without_isolation())
        (model / "model.safetensors").write_bytes(EVIL)
        evil = scan_target(model, sandbox=without_isolation())
        (model / "model.safetensors").write_bytes(WEIGHTS)
        mild = tuple(record.replace(it, severity=Severity.MEDIUM) for it in evil.findings)
        seen = record.replace(clean, findings=mild, rules="0" * 64, tool_version="99")
        expected = [read_values({"no-findings": "medium"})]
        with pytest.raises(SignatureError) as caught:
            verify_target(model, keys.trust, expectations=expected, rescanned=lambda: seen)
        assert caught.value.code == "policy-findings"

    def test_a_file_swapped_between_hash_and_scan_is_seen(
        self, model: Path, tmp_path: Path
    ) -> None:
        keys = make_keys(tmp_path)
        sign_model(model, keys)

        def swap_and_scan() -> Report:
            (model / "LICENSE").write_bytes(b"MIT\n")
            return scan_target(model, sandbox=without_isolation())

        with pytest.raises(SignatureError) as caught:
            verify_target(model, keys.trust, rescanned=swap_and_scan)
        assert caught.value.code == "digest-mismatch"
