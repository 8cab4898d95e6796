"""Rule: the chat template loads another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import TemplateUse
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(use: TemplateUse) -> Iterator[str]:
    """A chat template stands for itself; one that includes another reads a file of its choice.

    What to do: find out which file it means, and why; chat templates of known models include none.
    """
    if use.kind == "include":
        yield f"{use.template} includes {use.name or 'a template whose name it computes'!r}"


RULE = Rule(
    id="template-includes",
    title="The chat template loads another template",
    severity=Severity.MEDIUM,
    on=TemplateUse,
    check=check,
    refs=("CWE-829",),
    flags=(TemplateUse(template="chat_template", kind="include", name="/etc/passwd"),),
    passes=(TemplateUse(template="chat_template", kind="name", name="messages"),),
)
