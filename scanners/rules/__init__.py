"""Every rule, in families. Adding a rule is one file, and one line in its family's package.

A family is imported only if a target holds a fact that it judges: most targets need few of them.
"""

from __future__ import annotations

from importlib import import_module
from sys import modules
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..rule import Rule

    RULES: tuple[Rule[Any], ...]

# Package of the family -> kinds of fact without which none of its rules has anything to say.
FAMILIES: dict[str, frozenset[str]] = {
    "pickle": frozenset(
        {"Import", "Call", "StateSet", "ItemsSet", "ExtensionUse", "Effect", "Conflict"}
    ),
    "keras": frozenset({"Configured", "Reference"}),
    "document": frozenset({"Named"}),
    "r": frozenset({"Named"}),
    "graph": frozenset({"Operation", "Operator"}),
    "compiled": frozenset({"CompiledCode"}),
    "archive": frozenset({"Member", "Expansion", "Conflict"}),
    "identity": frozenset({"Metadata", "Conflict"}),
    "template": frozenset({"TemplateUse"}),
    "provenance": frozenset({"Reference", "Metadata", "Dataset", "Tensor", "Operator"}),
    "source": frozenset({"SourceCode", "Operator"}),
    "declared": frozenset({"Metadata", "Reference"}),
    "layout": frozenset({"Conflict", "Overlap", "Unclaimed", "Impossible"}),
    "reference": frozenset({"Reference"}),
    "licence": frozenset({"Tensor", "Operator", "Licence", "Reference"}),
}


def about(kinds: Collection[str]) -> Iterator[Rule[Any]]:
    """Yield every rule that may have something to say when there are facts of these kinds."""
    for family, judged in FAMILIES.items():
        if not judged.isdisjoint(kinds):
            yield from import_module(f".{family}", __package__).RULES


def named(ids: Collection[str]) -> dict[str, Rule[Any]]:
    """Return the rules of these ids; one that is none of ours is left out.

    Families that judged already come first, so that no other is imported for their findings.
    """
    found: dict[str, Rule[Any]] = {}
    for family in sorted(FAMILIES, key=lambda family: f"{__package__}.{family}" not in modules):
        if len(found) == len({*ids}):
            break
        rules: tuple[Rule[Any], ...] = import_module(f".{family}", __package__).RULES
        found |= {rule.id: rule for rule in rules if rule.id in ids}
    return found


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the one name below
    """Return `RULES`, all of them, made when first asked for."""
    if name != "RULES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = tuple(about({kind for judged in FAMILIES.values() for kind in judged}))
    globals()[name] = found
    return found
