"""Rules about objects of R that evaluate themselves."""

from typing import Any

from ...rule import Rule
from . import promise_acts, promise_inside, runs_at_start

RULES: tuple[Rule[Any], ...] = (promise_acts.RULE, runs_at_start.RULE, promise_inside.RULE)
