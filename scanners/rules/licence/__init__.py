"""Rules about licences."""

from . import (
    licence_attribution_missing,
    licence_contradictory,
    licence_copy_missing,
    licence_looser_than_base,
    licence_missing,
    licence_two_agreements,
    licence_unclear,
)

RULES = (
    licence_missing.RULE,
    licence_unclear.RULE,
    licence_contradictory.RULE,
    licence_looser_than_base.RULE,
    licence_copy_missing.RULE,
    licence_two_agreements.RULE,
    licence_attribution_missing.RULE,
)
