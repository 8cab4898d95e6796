"""Rules about licences."""

from . import licence_missing

RULES = (licence_missing.RULE,)
