"""Rule: an XML document has its reader fetch a file or an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Reference, Refers
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(reference: Reference) -> Iterator[str]:
    """A reader that does as the document says opens what it names, and puts the content in place.

    So it reads files of whoever loads the model, and sends them on, or calls other machines. PMML
    and its like have no use for it.

    What to do: do not load it with a reader that resolves external entities; ask for a document
    without a DTD.
    """
    if reference.kind is Refers.ENTITY:
        yield f"{reference.key} is taken from {reference.target!r}"


RULE = Rule(
    id="external-entity",
    title="An XML document has its reader fetch a file or an address",
    severity=Severity.HIGH,
    on=Reference,
    check=check,
    refs=("CWE-611",),
    flags=(
        Reference(kind=Refers.ENTITY, key="entity x", target="file:///etc/passwd"),
        Reference(kind=Refers.ENTITY, key="include", target="notes.txt"),
    ),
    passes=(Reference(kind=Refers.EXTERNAL_DATA, key="weight", target="weights.data"),),
)
