"""Every rule, in the order of its family. Adding a rule is one file and one line here."""

from typing import Any

from ..rule import Rule
from . import pickle

RULES: tuple[Rule[Any], ...] = (*pickle.RULES,)
