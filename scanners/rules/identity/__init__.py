"""Rules about what a file is, against what it says it is."""

from typing import Any

from ...rule import Rule
from . import (
    executable_in_model,
    name_content_mismatch,
    name_hides_code,
    polyglot_carries_code,
    polyglot_file,
    private_key_in_model,
    program_as_model,
    runs_at_startup,
)

RULES: tuple[Rule[Any], ...] = (
    name_hides_code.RULE,
    polyglot_carries_code.RULE,
    name_content_mismatch.RULE,
    polyglot_file.RULE,
    program_as_model.RULE,
    executable_in_model.RULE,
    private_key_in_model.RULE,
    runs_at_startup.RULE,
)
