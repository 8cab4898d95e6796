"""Reports built by code, and the strict validator as it comes."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from aibom import bom
from aibom.report import Isolation, Report
from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.facts import (
    Licence,
    Metadata,
    Reason,
    Reference,
    Refers,
    Tensor,
    Unread,
)
from aibom.scanners.rule import Finding, Severity
from aibom.scanners.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aibom.scanners.facts import Fact

RULES_DIGEST = "5e" * 32


def file(name: str, *facts: Fact, parts: tuple[Artifact, ...] = (), formats: str = "") -> Artifact:
    """Return a file whose content is its name; `formats` are ids with spaces between."""
    content = name.encode()
    digests = (("sha256", sha256(content).hexdigest()),)
    return Artifact((name,), len(content), digests, tuple(formats.split()), facts, parts)


def part(name: str, *facts: Fact) -> Artifact:
    """Return a member of a file, which has its outer path only once `inside` gave it one."""
    return Artifact(("", name), 1, facts=facts)


def link(name: str) -> Artifact:
    return Artifact((name,), 0, facts=(Reference(kind=Refers.LINK, key="", target="elsewhere"),))


def fifo(name: str) -> Artifact:
    return Artifact((name,), 0, facts=(unread(Reason.NOT_A_FILE, "a FIFO: not opened"),))


def unread(reason: Reason, detail: str) -> Unread:
    return Unread(reason=reason, detail=detail)


def report(
    *artifacts: Artifact, findings: Iterable[Finding] = (), name: str = "m", is_folder: bool = True
) -> Report:
    isolation = Isolation("locked", ("files", "network", "processes"), ("seccomp",))
    target = Target(artifacts)
    known = tuple(findings)
    return Report(name, is_folder, target, known, isolation, "0.1.0", rules=RULES_DIGEST)


def small() -> Report:
    """Return a report with one of everything."""
    member = ("model.pt", "archive/data.pkl")
    data = Artifact(member, 7, facts=(unread(Reason.ENCRYPTED, "the member is encrypted"),))
    return report(
        file(
            "config.json",
            Metadata(key="model_type", value="llama", at=Span(4, 21)),
            Metadata(key="architectures[0]", value="LlamaForCausalLM"),
            Metadata(key="vocab_size", value="32000"),
            formats="a-config",
        ),
        file("README.md", Licence(key="license", value="APACHE-2.0"), formats="a-card"),
        file("LICENSE", Licence(key="LICENSE", value="Apache License\nVersion 2.0")),
        file(
            "weights/model.safetensors",
            Tensor(name="a", dtype="F32", shape=(2, 3), at=Span(100, 24)),
            Tensor(name="b", dtype="BF16", shape=(), at=Span(124, 2)),
            Licence(key="license", value="llama3.1", at=Span(8, 10)),
            Metadata(key="format", value="pt"),
            formats="a-weight-file",
        ),
        file("model.pt", Tensor(name="a", dtype="F32", shape=(9,)), parts=(data,)),
        file("notes.bin"),
        link("latest"),
        fifo("pipe"),
        file(".gitattributes"),
        findings=[
            Finding("spawns", Severity.CRITICAL, "calls 'id'", member, Span(2, 30)),
            Finding("has-no-card", Severity.LOW, "nothing says what it is", (), Span(0, 0)),
        ],
    )


def written(given: Report) -> dict[str, Any]:
    """Return the document that is written for a report."""
    document: dict[str, Any] = json.loads(bom.to_json(bom.build(given)))
    return document


def faults(raw: bytes, version: str = "1.7") -> list[str]:
    """Return what cyclonedx-python-lib has against a whole document."""
    errors: Any = bom.validate.load(version).validate_str(raw.decode(), all_errors=True)
    return [error.data.message for error in errors or ()]


def properties(component: dict[str, Any]) -> dict[str, list[str]]:
    """Return the values of each property of a component, by its name without our prefix."""
    found: dict[str, list[str]] = {}
    for each in component.get("properties", []):
        found.setdefault(each["name"].removeprefix("aibom:"), []).append(each["value"])
    return found


def card(component: dict[str, Any]) -> dict[str, list[str]]:
    """Return the values of each property of a component's model card."""
    return properties(component.get("modelCard", {}))
