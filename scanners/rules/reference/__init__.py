"""Rules about what a file names outside itself."""

from typing import Any

from ...rule import Rule
from . import external_data_escape, external_entity

RULES: tuple[Rule[Any], ...] = (external_data_escape.RULE, external_entity.RULE)
