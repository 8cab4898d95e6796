"""Rules about compiled Python that a model carries."""

from typing import Any

from ...rule import Rule
from . import acts, file_acts, in_model

RULES: tuple[Rule[Any], ...] = (acts.RULE, file_acts.RULE, in_model.RULE)
