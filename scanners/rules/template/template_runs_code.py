"""Rule: rendering the chat template reaches Python's internals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...facts import TemplateUse
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

# Names that lead from a value to its class, frame or globals. Conversations have no such fields.
INTERNAL = re.compile(
    r"_{2}\w*|_[A-Z]\w*__\w+|mro|subclasses|func_(globals|code|closure)|im_(func|class|self)"
    r"|(gi|cr|ag|tb)_(frame|code)|f_(globals|locals|builtins|back|code)|co_(code|consts|names)"
)


def check(use: TemplateUse) -> Iterator[str]:
    """A chat template is a program that runs for every conversation.

    Where it is rendered without a sandbox, or the sandbox has a hole, a path through Python's
    internal names ends in running any command.

    What to do: do not use this tokenizer or model file. Take the template of the original model,
    and render templates in a sandbox only.
    """
    if use.kind not in {"filter", "test"} and INTERNAL.fullmatch(use.name):
        yield f"{use.template} looks up {use.name!r} ({use.kind})"


RULE = Rule(
    id="template-runs-code",
    title="Rendering the chat template reaches Python's internals",
    severity=Severity.CRITICAL,
    on=TemplateUse,
    check=check,
    refs=("CWE-1336", "CWE-94"),
    flags=(
        TemplateUse(template="chat_template", kind="attribute", name="__class__"),
        TemplateUse(template="chat_template", kind="item", name="__globals__"),
        TemplateUse(template="t", kind="attribute", name="_TemplateReference__context"),
        TemplateUse(template="t", kind="name", name="__import__"),
        TemplateUse(template="t", kind="attribute", name="gi_frame"),
    ),
    passes=(
        TemplateUse(template="chat_template", kind="item", name="role"),
        TemplateUse(template="chat_template", kind="attribute", name="content"),
        TemplateUse(template="chat_template", kind="name", name="messages"),
        TemplateUse(template="chat_template", kind="filter", name="tojson"),
    ),
)
