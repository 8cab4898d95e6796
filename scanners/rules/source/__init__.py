"""Rules about Python source that a model brings along."""

from typing import Any

from ...rule import Rule
from . import archive_carries_python, source_acts_later, source_acts_on_load, torchscript_acts

RULES: tuple[Rule[Any], ...] = (
    source_acts_on_load.RULE,
    source_acts_later.RULE,
    archive_carries_python.RULE,
    torchscript_acts.RULE,
)
