"""Rule: loading the model as its configuration says runs Python code of the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Reference, Refers
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(reference: Reference) -> Iterator[str]:
    """The model does not run without code that it brings along.

    Loading it with `trust_remote_code=True` (which some servers set on their own) imports that
    code. Many honest models do this; the code is as trustworthy as its author.

    What to do: read the named module as you would read a pull request, and pin the commit. Where
    the library has the architecture built in, remove the entry.
    """
    if reference.kind is Refers.REMOTE_CODE and "--" not in reference.target:
        yield f"{reference.key} names the code {reference.target!r}"


RULE = Rule(
    id="remote-code",
    title="Loading the model runs code that it brings along",
    severity=Severity.MEDIUM,
    on=Reference,
    check=check,
    refs=("CWE-829", "CWE-94"),
    flags=(
        Reference(
            kind=Refers.REMOTE_CODE, key="auto_map.AutoModel", target="modeling_x.XForCausalLM"
        ),
    ),
    passes=(
        Reference(kind=Refers.REMOTE_CODE, key="auto_map.AutoModel", target="a/b--modeling_x.X"),
        Reference(kind=Refers.BASE_MODEL, key="base_model", target="org/name"),
    ),
)
