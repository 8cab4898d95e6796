"""Rule: the chat template puts together the name of what it looks up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import TemplateUse
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(use: TemplateUse) -> Iterator[str]:
    """A name that is put together from pieces hides from whoever reads the template.

    An honest template looks up fields by their names. One that builds them can reach Python's
    internals, and through them run commands, without showing it.

    What to do: read the template where it builds the name; if you cannot tell why it does, use the
    template of the original model.
    """
    if use.kind == "computed":
        what = f"by the filter {use.name!r}" if use.name else "in brackets"
        yield f"{use.template} looks up a name that it computes, {what}"


RULE = Rule(
    id="template-computes-names",
    title="The chat template computes the names that it looks up",
    severity=Severity.HIGH,
    on=TemplateUse,
    check=check,
    refs=("CWE-1336",),
    flags=(
        TemplateUse(template="chat_template", kind="computed", name="attr"),
        TemplateUse(template="chat_template", kind="computed", name=""),
    ),
    passes=(TemplateUse(template="chat_template", kind="item", name="role"),),
)
