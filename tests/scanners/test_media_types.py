"""The table of media types says what the formats say."""

import re

from aibom.scanners.formats import FORMATS
from aibom.scanners.media_types import MEDIA_TYPES, MODELS


def test_the_table_has_every_format_with_its_media_type() -> None:
    assert {each.id: each.media_type for each in FORMATS} == MEDIA_TYPES


def test_the_table_has_every_format_that_is_a_model() -> None:
    assert {each.id for each in FORMATS if each.model} == MODELS


def test_every_media_type_is_one_that_a_bill_of_materials_may_hold() -> None:
    assert [
        t for t in MEDIA_TYPES.values() if not re.fullmatch(r"[-+a-z0-9.]+/[-+a-z0-9.]+", t)
    ] == []
