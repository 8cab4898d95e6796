"""Metrics are what a card or a trainer's results say, and whether somebody checked them."""

from __future__ import annotations

from aibom.bom.measured import measurements
from aibom.bom.model import Claim, Evidence, Field, Measurement, Status
from aibom.scanners.facts import Metadata, Metric

from .examples import file, report, written


def test_a_result_of_a_card_tells_on_what_it_was_measured() -> None:
    fact = Metric(
        key="k",
        kind="wer",
        value="4.2",
        name="Test WER",
        task="asr",
        dataset="a/b",
        config="en",
        split="test",
        is_verified=True,
    )
    where = "asr, a/b, en, test, Test WER, verified by a third party, as the card says"
    told = Claim(Field.METRIC, "4.2", Status.DECLARED, (Evidence("README.md", key="k"),))
    assert measurements([file("README.md", fact, fact)]) == (
        Measurement("wer", "4.2", where, told),
    )


def test_results_of_a_trainer_are_metrics_but_how_long_it_took_is_none() -> None:
    facts = [
        Metadata(key=key, value="0.5")
        for key in ("eval_accuracy", "perplexity", "eval_runtime", "train_samples", "epoch")
    ]
    found = written(report(file("all_results.json", *facts)))["metadata"]["component"]
    assert found["modelCard"]["quantitativeAnalysis"]["performanceMetrics"] == [
        {"type": "perplexity", "value": "0.5"},
        {"type": "accuracy", "value": "0.5", "slice": "eval"},
    ]
    assert measurements([file("other.json", *facts)]) == ()


def test_a_metric_without_a_kind_keeps_its_name() -> None:
    (found,) = measurements([file("README.md", Metric(key="", kind="", value="1", name="BLEU"))])
    assert (found.kind, found.slice) == ("BLEU", "BLEU")
    (nameless,) = measurements([file("README.md", Metric(key="", kind="", value="1"))])
    assert nameless.kind == "?"


def test_data_that_nobody_named_is_no_part_of_a_metric() -> None:
    fact = Metric(key="k", kind="f1", value="1", task="chat", dataset="unknown", split="test")
    assert [each.slice for each in measurements([file("README.md", fact)])] == ["chat, test"]
