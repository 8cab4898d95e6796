"""Rule: loading the model runs Python code of another repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Reference, Refers
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(reference: Reference) -> Iterator[str]:
    """The code that loading imports is not here: it is fetched from another repository.

    Whoever owns that repository, or takes over its name, decides what runs, today and after you
    have looked. A scan of this folder cannot see that code.

    What to do: copy the code into the model's own repository and name it there, or refuse the
    model.
    """
    if reference.kind is Refers.REMOTE_CODE and "--" in reference.target:
        repository = reference.target.split("--")[0]
        yield f"{reference.key} names code of the repository {repository!r}: {reference.target!r}"


RULE = Rule(
    id="remote-code-elsewhere",
    title="Loading the model runs code of another repository",
    severity=Severity.HIGH,
    on=Reference,
    check=check,
    refs=("CWE-829", "CWE-494"),
    flags=(
        Reference(kind=Refers.REMOTE_CODE, key="auto_map.AutoModel", target="a/b--modeling_x.X"),
    ),
    passes=(
        Reference(kind=Refers.REMOTE_CODE, key="auto_map.AutoModel", target="modeling_x.X"),
        Reference(kind=Refers.DATASET, key="datasets", target="a/b--c"),
    ),
)
