"""Rules about licences: a machine must be able to tell which one is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...scanners.licences.expression import NotAnExpression, known, parse
from ...scanners.rule import Severity
from .rule import LintRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Document, Node
    from .rule import Told

# Keys of lists of licences, in components, services and evidence.
CHOICES = "licenses"


def _expressions(document: Document) -> Iterator[Node]:
    yield from (node for node in document.texts("expression") if node.keys[0] == CHOICES)


def licence_expression_malformed(document: Document) -> Told:
    """Readers that judge licences cannot take it apart, and treat it as none.

    What to do: join ids of the SPDX list, and `LicenseRef-…` for others, by AND, OR and WITH.
    """
    for node in _expressions(document):
        try:
            parse(node.value)
        except NotAnExpression as error:
            yield node, f"{node.value!r:.200} is no licence expression: {error}"


def licence_detail_elsewhere(document: Document) -> Told:
    """Details are given of a licence that the expression does not hold.

    What to do: write in `licenseIdentifier` what stands in `expression`, to the letter.
    """
    for node in document.texts("licenseIdentifier"):
        above = node.owner.owner if node.owner else None
        expression = above.text("expression") if above else ""
        if expression and node.value not in expression:
            yield node, f"{node.value!r:.200} is no part of {expression!r:.200}"


def licence_id_as_name(document: Document) -> Told:
    """A name is free text, so readers do not know that this is the licence of the SPDX list.

    What to do: write it as `id`.
    """
    for licence in document.objects("license"):
        listed = known().get(licence.text("name").lower(), "+")
        if not listed.startswith("+"):
            yield licence.child("name"), f"{licence.text('name')!r} is the id {listed}"


def licence_reference_as_name(document: Document) -> Told:
    """A `LicenseRef-…` means something in an expression only; as a name it is free text.

    What to do: write it as `expression`.
    """
    for licence in document.objects("license"):
        if licence.text("name").startswith(("LicenseRef-", "DocumentRef-")):
            yield licence.child("name"), f"{licence.text('name')!r:.200} belongs into an expression"


def _with(*choices: dict[str, Any]) -> dict[str, Any]:
    return {"components": [{"type": "file", "name": "x", "licenses": list(choices)}]}


RULES = (
    LintRule(
        id="licence-expression-malformed",
        title="A licence expression cannot be read",
        severity=Severity.HIGH,
        check=licence_expression_malformed,
        flags=(
            _with({"expression": "Apache 2.0"}),
            _with({"expression": "MIT AND"}),
            _with({"expression": "llama3.1"}),
        ),
        passes=(
            _with({"expression": "Apache-2.0 OR (MIT AND LicenseRef-scancode-llama-2)"}),
            _with({"expression": "GPL-2.0-only WITH Classpath-exception-2.0"}),
        ),
    ),
    LintRule(
        id="licence-detail-elsewhere",
        title="Details of a licence that its expression does not hold",
        severity=Severity.MEDIUM,
        check=licence_detail_elsewhere,
        flags=(
            _with(
                {"expression": "MIT", "expressionDetails": [{"licenseIdentifier": "Apache-2.0"}]}
            ),
        ),
        passes=(_with({"expression": "MIT", "expressionDetails": [{"licenseIdentifier": "MIT"}]}),),
    ),
    LintRule(
        id="licence-id-as-name",
        title="A licence of the SPDX list is written as free text",
        severity=Severity.LOW,
        check=licence_id_as_name,
        flags=(_with({"license": {"name": "apache-2.0"}}),),
        passes=(_with({"license": {"id": "Apache-2.0"}}), _with({"license": {"name": "llama3.1"}})),
    ),
    LintRule(
        id="licence-reference-as-name",
        title="A licence reference is written as free text",
        severity=Severity.LOW,
        check=licence_reference_as_name,
        flags=(_with({"license": {"name": "LicenseRef-scancode-llama-2"}}),),
        passes=(_with({"expression": "LicenseRef-scancode-llama-2"}),),
    ),
)
