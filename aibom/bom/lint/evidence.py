"""Rules about evidence: the places must exist that a claim is said to rest on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...scanners.rule import Severity
from ...scanners.shapes import is_list, is_object
from .rule import LintRule
from .texts import PATH

if TYPE_CHECKING:
    from .document import Document
    from .rule import Told

INDEX = re.compile(r"0|[1-9][0-9]*", re.ASCII)  # RFC 6901, section 4
MAX_INDEX = 9  # digits; no list here is as long
BAD_ESCAPE = re.compile(r"~(?![01])")
MAX_STEPS = 100  # of a pointer; no document that is read is as deep
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)


def pointer_to_nowhere(document: Document) -> Told:
    """A citation says where a value came from; this one is about no value of the document.

    What to do: write the JSON Pointer of the value as it stands in this very document. Whoever
    reorders, merges or cuts a BOM has to rewrite its citations.
    """
    for node in document.texts("pointers"):
        if node.keys == ("citations", "pointers"):
            why = _unresolved(document.root.value, node.value)
            if why:
                yield node, f"{node.value!r:.200}: {why}"


def _unresolved(value: Any, pointer: str) -> str:  # noqa: ANN401 - JSON
    """Return why a pointer leads to nothing, or ""."""
    if pointer and not pointer.startswith("/"):
        return "a JSON Pointer begins with /"
    if BAD_ESCAPE.search(pointer):
        return "~ stands before 0 or 1 only"
    steps = pointer.split("/", MAX_STEPS)[1:]
    for raw in steps:
        step = raw.replace("~1", "/").replace("~0", "~")
        if is_object(value) and step in value:
            value = value[step]
        elif is_list(value) and _is_index(step, len(value)):
            value = value[int(step)]
        else:
            return f"there is no {step!r:.100}"
    return ""


def _is_index(step: str, length: int) -> bool:
    return len(step) <= MAX_INDEX and INDEX.fullmatch(step) is not None and int(step) < length


def evidence_unlisted(document: Document) -> Told:
    """The claim rests on a file that the BOM does not list, so nobody can check that it is the one.

    What to do: list the file with its digest, or correct the location.
    """
    files = set[str]()
    for component in document.components:
        if component.text("type") == "file":
            files.add(component.text("name"))
    for node in document.objects("properties"):
        if node.text("name") == PATH:
            files.add(node.text("value"))
    if not files:
        return  # a BOM of packages, which lists no files
    if document.subject is not None:
        files.add(document.subject.text("name"))
    for node in document.texts("location"):
        if node.keys[0] == "occurrences" and not ADDRESS.match(node.value):
            place = node.value.removeprefix("./")
            if not {place, place.partition("#")[0]} & files:
                yield node, f"{node.value!r:.200} is no file of this BOM"


def _cited(*pointers: str) -> dict[str, Any]:
    return {
        "metadata": {
            "component": {"type": "machine-learning-model", "bom-ref": "m", "name": "m"},
            "tools": {"components": [{"type": "application", "bom-ref": "t", "name": "t"}]},
        },
        "citations": [
            {
                "pointers": list(pointers),
                "timestamp": "2026-01-02T03:04:05Z",
                "attributedTo": "t",
            }
        ],
    }


def _seen_in(*locations: str) -> dict[str, Any]:
    occurrences = [{"location": location} for location in locations]
    return {
        "metadata": {
            "component": {
                "type": "machine-learning-model",
                "name": "m",
                "evidence": {"occurrences": occurrences},
            }
        },
        "components": [{"type": "file", "name": "config.json"}],
    }


RULES = (
    LintRule(
        id="pointer-to-nowhere",
        title="A citation is about no value of the document",
        severity=Severity.HIGH,
        check=pointer_to_nowhere,
        flags=(
            _cited("/metadata/component/version"),
            _cited("metadata"),
            _cited("/citations/1"),
            _cited("/citations/00"),
            _cited("/metadata/component/~2"),
            _cited("/metadata/component/name/x"),
        ),
        passes=(_cited("/metadata/component/name", "/citations/0/pointers/1", ""),),
    ),
    LintRule(
        id="evidence-unlisted",
        title="Evidence lies in a file that is not listed",
        severity=Severity.MEDIUM,
        check=evidence_unlisted,
        flags=(_seen_in("README.md"),),
        passes=(
            _seen_in(
                "config.json", "./config.json", "config.json#/model_type", "https://h.example"
            ),
            {"components": [{"type": "library", "name": "x"}]},
        ),
    ),
)
