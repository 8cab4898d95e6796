"""What people say that they measured: the results of a model card, and those of a trainer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..scanners.facts import Metadata, Metric
from ..scanners.placeholders import is_placeholder
from .claims import claim, own_name
from .model import Field, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..scanners.artifact import Artifact

RESULTS = frozenset({"all_results.json", "eval_results.json", "train_results.json"})
# What transformers' Trainer.save_metrics writes beside results: how long it all took.
NO_RESULT = re.compile(r".*(?:runtime|_per_second|samples|epoch|total_flos|_mem_.*)")
KEY = re.compile(r"(train|eval|test|predict)_(\w+)")


def measurements(artifacts: Iterable[Artifact]) -> tuple[Measurement, ...]:
    """Return each result once, in a fixed order."""
    found = {each for artifact in artifacts for each in _measurements(artifact)}
    return tuple(sorted(found, key=lambda m: (m.slice, m.kind, m.value, repr(m.claim.evidence))))


def _measurements(artifact: Artifact) -> Iterator[Measurement]:
    is_results = own_name(artifact) in RESULTS
    for fact in artifact.facts:
        if isinstance(fact, Metric):
            kind = fact.kind or fact.name or "?"
            told = claim(Field.METRIC, fact, fact.value, artifact)
            yield Measurement(kind, fact.value, _slice(fact), told)
        elif is_results and isinstance(fact, Metadata) and not NO_RESULT.fullmatch(fact.key):
            split, kind = found.groups() if (found := KEY.fullmatch(fact.key)) else ("", fact.key)
            told = claim(Field.METRIC, fact, fact.value, artifact)
            yield Measurement(kind, fact.value, split, told)


def _slice(metric: Metric) -> str:
    """Return what was measured on, for people: task, dataset, configuration, split."""
    named = metric.name if metric.name not in {"", metric.kind} else ""
    dataset = "" if is_placeholder(metric.dataset) else metric.dataset
    said = [metric.task, dataset, metric.config, metric.split, named]
    verified = ["verified by a third party, as the card says"] if metric.is_verified else []
    return ", ".join([*filter(None, said), *verified])
