"""Rules about Python that a document names for its reader."""

from typing import Any

from ...rule import Rule
from . import brings_code, names_capable_code, names_unknown_code, reaches_out, runs_code

RULES: tuple[Rule[Any], ...] = (
    runs_code.RULE,
    reaches_out.RULE,
    brings_code.RULE,
    names_unknown_code.RULE,
    names_capable_code.RULE,
)
