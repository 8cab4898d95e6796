"""Whatever a file says, no document becomes more than its renderer wrote."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from aibom.render import FORMS, renderer
from tests.helpers.outcomes import HOSTILE, everything

MARKUP = st.text(
    "<>&\"'`|*_[]()!#-=~\\/:;%@{}.aZ09\n\r\t\x00\x07\x1b\x9b\u202e\u2066\ufeff\ud800", max_size=60
)
UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
COMMAND = re.compile(r"::(error|warning|notice) file=[^:,]+,line=1,title=[^:,]+::.+")


class Tags(HTMLParser):
    """Collects the tags and attributes of a document."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(f"{tag} {name}" for name, _ in attrs)}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("hostile", [HOSTILE, HOSTILE * 50], ids=["once", "long"])
def test_no_control_character_comes_through(form: str, hostile: str) -> None:
    text = renderer(form)([everything(hostile)])
    assert UNSAFE.findall(text) == []
    assert len(text) > 100


@given(hostile=MARKUP)
def test_markdown_stays_what_it_is(hostile: str) -> None:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table"])
    tags = Tags()
    tags.feed(parser.render(renderer("markdown")([everything(hostile)])))
    assert tags.found <= {
        *("h2", "h3", "p", "code", "strong", "details", "summary"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }


@given(hostile=MARKUP)
def test_markdown_tables_keep_their_cells(hostile: str) -> None:
    parser = MarkdownIt("commonmark").enable(["table"])
    tokens = [t.type for t in parser.parse(renderer("markdown")([everything(hostile)]))]
    findings, unread, waived = 2 * 4, 2 * 2, 1 * 4
    assert tokens.count("table_open") == 3
    assert tokens.count("td_open") == findings + unread + waived


@given(hostile=MARKUP)
def test_junit_is_well_formed_and_counts_right(hostile: str) -> None:
    text = renderer("junit")([everything(hostile)])
    (suite,) = ET.fromstring(text)  # noqa: S314 - our own
    (waived,) = suite.findall("*/system-out")
    assert (waived.text or "").startswith("waived medium[remote-code] ")
    assert [suite.get(key) for key in ("tests", "failures", "errors")] == ["5", "2", "2"]


@given(hostile=MARKUP)
def test_every_line_for_the_runner_is_a_command_of_ours(hostile: str) -> None:
    lines = renderer("github")([everything(hostile)]).splitlines()
    assert len(lines) == 5
    assert [line for line in lines if not COMMAND.fullmatch(line)] == []


@given(hostile=MARKUP)
def test_json_says_what_was_there(hostile: str) -> None:
    told = json.loads(renderer("json")([everything(hostile)]))
    assert {each["path"][0] for each in told["findings"]} == {
        f"tokenizer {hostile}",
        "b/tokenizer_config.json",
        "config.json",
    }
