"""Rules about archives: where members would go, how far they expand, who reads them otherwise."""

from typing import Any

from ...rule import Rule
from . import (
    archive_bomb,
    archive_link_escape,
    archive_path_escape,
    archive_readers_disagree,
    archive_special_member,
)

RULES: tuple[Rule[Any], ...] = (
    archive_path_escape.RULE,
    archive_link_escape.RULE,
    archive_readers_disagree.RULE,
    archive_bomb.RULE,
    archive_special_member.RULE,
)
