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

# A text alone may be a mark of the conversation, such as __media__: only Python's names count.
PYTHON = re.compile(
    r"__(class|init|globals|builtins|import|subclasses|subclasshook|base|bases|mro|dict|getattr"
    r"|getattribute|getitem|call|self|module|code|closure|func|wrapped|loader|spec|reduce|reduce_ex"
    r"|new|init_subclass|class_getitem|set_name|del|enter|exit|annotations|defaults|kwdefaults"
    r"|objclass|weakref|slots|path|file|traceback|context|cause|dir|format|get|set)__"
)


def check(use: TemplateUse) -> Iterator[str]:
    """A chat template is a program that runs for every conversation.

    Where it is rendered without a sandbox, or the sandbox has a hole, a path through Python's
    internal names ends in running any command.

    What to do: do not use this tokenizer or model file. Take the template of the original model,
    and render templates in a sandbox only.
    """
    if use.kind == "text" and PYTHON.fullmatch(use.name):
        yield f"{use.template} holds the name {use.name!r} as a text"
    elif use.kind not in {"filter", "test", "text"} and INTERNAL.fullmatch(use.name):
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
        TemplateUse(template="t", kind="text", name="__class__"),
    ),
    passes=(
        TemplateUse(template="chat_template", kind="item", name="role"),
        TemplateUse(template="chat_template", kind="attribute", name="content"),
        TemplateUse(template="chat_template", kind="name", name="messages"),
        TemplateUse(template="chat_template", kind="filter", name="tojson"),
        TemplateUse(template="chat_template", kind="text", name="__media__"),
    ),
)
