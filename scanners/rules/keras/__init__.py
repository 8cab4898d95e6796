"""Rules about what configurations of Keras name."""

from typing import Any

from ...rule import Rule
from . import (
    carries_code,
    external_data,
    loads_nested,
    names_odd_object,
    needs_code,
    opens_file,
    runs_function,
)

RULES: tuple[Rule[Any], ...] = (
    runs_function.RULE,
    names_odd_object.RULE,
    carries_code.RULE,
    loads_nested.RULE,
    opens_file.RULE,
    external_data.RULE,
    needs_code.RULE,
)
