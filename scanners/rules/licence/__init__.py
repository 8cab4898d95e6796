"""Rules about licences."""

from . import (
    licence_contradictory,
    licence_looser_than_base,
    licence_missing,
    licence_unclear,
)

RULES = (
    licence_missing.RULE,
    licence_unclear.RULE,
    licence_contradictory.RULE,
    licence_looser_than_base.RULE,
)
