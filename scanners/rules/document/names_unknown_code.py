"""Rule: a document names code of which nothing is known, where few names are to be expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Named
from ...rule import Rule, Severity
from . import judging

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(named: Named) -> Iterator[str]:
    """The reader imports the name, wherever it comes from, and runs it.

    skops asks before it loads such a type, `yaml.safe_load` refuses its tag; others do not ask.

    What to do: find out which library the name is of, and whether you trust it.
    """
    if judging.gravity(named) is judging.Grave.UNKNOWN:
        yield f"{judging.sentence(named)}, which no table knows"


def _named(name: str, by: str) -> Named:
    return Named(key="content.a", name=name, by=by, way="calls")


RULE = Rule(
    id="document-names-unknown-code",
    title="A configuration names unknown code that its reader imports",
    severity=Severity.MEDIUM,
    on=Named,
    check=check,
    refs=("CWE-829",),
    flags=(
        _named("somewhere.Net", "PyYAML"),
        _named("somewhere.Net", "skops"),
        _named("${get_class:net}", "Hydra"),
    ),
    passes=(
        _named("somewhere.Net", "Hydra"),
        _named("sklearn.pipeline.Pipeline", "skops"),
        _named("argparse.Namespace", "PyYAML"),
    ),
)
