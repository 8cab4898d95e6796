"""Whatever files say, the page keeps the shape that we gave it, and shows the words as words."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from aibom.render import html
from aibom.render.escape import cut, safe
from tests.aibom.render.html.reading import page, parsed, shapes, text_of
from tests.helpers import described
from tests.helpers.outcomes import HOSTILE, everything

ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "a", "header", "nav", "main", "footer"),
    *("section", "article", "h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "dl", "div", "dt", "dd"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td", "code", "span", "strong", "br"),
    *("figure", "figcaption", "blockquote", "svg", "path", "rect", "text", "desc"),
}
ATTRIBUTES = {  # of any element -> what they may hold
    "lang": "en",
    "charset": "utf-8",
    "http-equiv": "Content-Security-Policy",
    "content": r"[-\w '/+=;,]+",
    "name": r"[a-z-]+",
    "href": r"#(report|t\d+(-[a-z]+)?)",
    "id": r"[a-z0-9-]+",
    "class": r"[a-z -]+",
    "role": "group|img",
    "tabindex": "0|-1",
    "scope": "col|row",
    "colspan": r"\d",
    "aria-label": "Contents",
    "aria-labelledby": r"[a-z0-9 -]+",
    "aria-hidden": "true",
    "viewBox": r"0 0 \d+ \d+",
    "fill-rule": "evenodd",
    "d": r"[-\d. MmHhVvLlAaZz]+",
    **dict.fromkeys(("x", "y", "rx", "width", "height"), r"\d+"),
}
MARKUP = st.text(
    "<>&\"'`=/!-;: \n\r\t\x00\x07\x1b\x7f\x85\xa0\xad\u200b\u2028\u202e\u2066\ufeff\ufffe\ud800"
    "aZ09\u05d0\u0645\u4e2d\u0301\U0001f600\U000e0041\U0010ffff",
    max_size=60,
)
NAMES = MARKUP.map(lambda text: text.replace("\ud800", ""))  # readers escape lone surrogates
UNSAFE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe"
    r"\ud800-\udfff\U000e0000-\U000e0fff\U0010ffff]"
)


def assert_ours(text: str) -> None:
    """Assert that a page holds only elements, attributes and values of ours, and is printable."""
    assert UNSAFE.findall(text) == []
    for tag, attributes in shapes(parsed(text)):
        assert tag in ELEMENTS
        for name, value in attributes:
            assert re.fullmatch(ATTRIBUTES[name], value), (tag, name, value)


@settings(deadline=None, max_examples=60)
@given(said=MARKUP)
def test_findings_stay_words(said: str) -> None:
    assert_ours(html.document([everything(said)]))


@settings(deadline=None, max_examples=60)
@given(said=NAMES, path=MARKUP)
def test_a_model_card_stays_words(said: str, path: str) -> None:
    assert_ours(html.document([described.outcome(said, path)]))


@settings(deadline=None, max_examples=60)
@given(said=st.text("<>&\"'`=/!-;: aZ09\u05d0\u0645\u4e2d\u0301", min_size=1).filter(str.strip))
def test_words_change_nothing_in_the_shape_of_a_page(said: str) -> None:
    plain = described.outcome("z" * len(said))
    assert shapes(page(described.outcome(said))) == shapes(page(plain))


def test_the_words_are_all_there() -> None:
    hostile = HOSTILE.replace("\ud800", "")
    shown = text_of(page(described.outcome(hostile)))
    escaped = " ".join(safe(hostile).split())
    assert shown.count(escaped) >= 10
    assert "<img src=x onerror=alert(1)>" in shown


def test_what_is_cut_says_so() -> None:
    long = "a" * 1_000
    assert cut(f"base {long}", 300) in text_of(page(described.outcome(long)))
