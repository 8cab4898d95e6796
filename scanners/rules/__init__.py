"""Every rule, in the order of its family. Adding a rule is one file and one line here."""

from typing import Any

from ..rule import Rule
from . import archive, identity, layout, licence, pickle, provenance, reference, template

RULES: tuple[Rule[Any], ...] = (
    *pickle.RULES,
    *archive.RULES,
    *identity.RULES,
    *template.RULES,
    *provenance.RULES,
    *layout.RULES,
    *reference.RULES,
    *licence.RULES,
)
