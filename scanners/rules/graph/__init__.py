"""Rules about what the operators of a graph reach."""

from typing import Any

from ...rule import Rule
from . import calls_python, may_act, needs_operators, runs_code, touches_files, uses_network

RULES: tuple[Rule[Any], ...] = (
    runs_code.RULE,
    touches_files.RULE,
    uses_network.RULE,
    calls_python.RULE,
    may_act.RULE,
    needs_operators.RULE,
)
