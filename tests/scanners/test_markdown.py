"""Headings and sections of Markdown, compared with a reader of the whole language."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from aibom.scanners.markdown import outline
from aibom.scanners.source import Span

LINES = (
    "# One",
    "## Two ##",
    "   ### Three",
    "    # code",
    "####### seven",
    "#none",
    "#",
    "Words and words",
    "more words",
    "===",
    "---",
    "***",
    "```",
    "~~~~",
    "``` text",
    "",
    "",
    "> quote",
    "- item",
    "1. item",
    "  # inside",
    "<!-- # a",
    "b -->",
    "<div>",
    "</div>",
    "<pre>",
    "</pre>",
    "| a | b |",
)


def headings(text: str) -> list[str]:
    """Return the heading that each line of this text, with a marked line after each, is under."""
    found = outline(text.encode()).sections
    return [section.heading.decode() for section in found]


def reference(text: str) -> list[str]:
    """Return the headings at the top level, by the reader of the language."""
    tokens = MarkdownIt("commonmark").parse(text)
    return [
        " ".join(tokens[number + 1].content.split())
        for number, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0
    ]


@pytest.mark.parametrize(
    "text",
    [
        "# a\nx\n## b ##\ny\n### c #d#\nz\n",
        "a\n===\nx\n\nb\nc\n---\ny\n",
        "x\n\n---\n\n# a\ny\n",
        "```\n# no\n```\n# a\nx\n",
        "````\n```\n# no\n````\n# a\nx\n",
        "~~~\n# no\n```\n# no\n~~~\n# a\nx\n",
        "    # code\n# a\nx\n",
        "words\n    # still words\n===\nx\n",
        "<!-- # no\n\n# no -->\n# a\nx\n",
        "<!-- one line -->\n# a\nx\n",
        "<div>\n# no\n\n# a\nx\n</div>\n",
        "<pre>\n\n# no\n</pre>\n# a\nx\n",
        "> quote\nlazy\n---\n# a\nx\n",
        "- item\n---\n# a\nx\n",
        "- item\n\n  # nested\n\n# a\nx\n",
        "1. item\n   ```\n   # no\n   ```\n# a\nx\n",
        "# a\r\nx\r\n## b\r\ny\r\n",
        "#\tTab\nx\n",
        "# a \\#\nx\n",
        "`` # no\n# a\nx\n",
    ],
)
def test_finds_the_headings_that_a_reader_of_the_language_finds(text: str) -> None:
    assert [each for each in headings(text) if each] == reference(text)


@given(st.lists(st.sampled_from([line for line in LINES if line[:1] != " "]), max_size=9))
def test_lines_at_the_margin_make_the_same_headings_to_both(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    ours = {section.heading.decode() for section in outline(text.encode()).sections}
    assert ours - {""} <= set(reference(text))


@given(st.lists(st.sampled_from(LINES), max_size=9))
def test_every_section_is_text_of_the_document_in_order(lines: list[str]) -> None:
    text = "\n".join(lines).encode()
    found = outline(text).sections
    at = 0
    for section in found:
        assert section.at.start >= at
        inside = text[section.at.start : section.at.end]
        assert inside
        assert inside.strip(b"\r\n") == inside
        at = section.at.end


@given(st.binary(max_size=200))
def test_any_bytes_have_an_outline(data: bytes) -> None:
    found = outline(data)
    assert all(section.at.length > 0 and section.at.end <= len(data) for section in found.sections)


def test_a_section_ends_where_the_next_begins_and_knows_what_is_above() -> None:
    text = b"a\n# b\n\n  c\n\n## d\n### e\nf\n## g\n h \n\n# i\n"
    assert [(s.heading, s.above, text[s.at.start : s.at.end]) for s in outline(text).sections] == [
        (b"", (), b"a"),
        (b"b", (), b"  c"),
        (b"e", (b"b", b"d"), b"f"),
        (b"g", (b"b",), b" h"),
    ]


def test_a_line_of_html_that_is_a_heading_is_one() -> None:
    text = (
        b'<h1 align="center">A <i>tiny</i> model</h1>\n\na\n\n'
        b"<div>\n  <h2>Uses &amp; limits</h2>\n  <p>b</p>\n</div>\n\n<h2>no end\n"
    )
    assert [(s.heading, s.above, text[s.at.start : s.at.end]) for s in outline(text).sections] == [
        (b"A tiny model", (), b"a\n\n<div>"),
        (b"Uses & limits", (b"A tiny model",), b"  <p>b</p>\n</div>\n\n<h2>no end"),
    ]


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        (b"# a\nThis is one of them.\n", b"This is one of them."),
        (b"too short\n\n- an item of a list it is\n\nThese are the\nfive words.", None),
        (
            b"# Title\n\nA tiny model.\n\n## Limitations\n\nIt cannot count to ten.",
            b"A tiny model.",
        ),
        (b"# Title\n\n## Limitations\n\nIt cannot count to ten.", b""),
        (b"## Limitations\n\nIt cannot count to ten.", b""),
        (b"# a\n# Outputs\n\nThis is the list of outputs.", b""),
        (b"# a\n## Uses\n### **Model Description**\n\nThis is a model to test.", None),
        (b"v1.0\n\nTwo words.", None),
        (b"![a b c d e](f)\n<img a b c d e>\n\n[A](b) has five words all right\n", None),
        (b"<!-- a b c d e f -->\n> a b c d e f\n", b""),
        (b"one two three four five\n===\n", b""),
        (b"## 1. Introduction\n\nThis is a model to test.", None),
        (b"## 1. Introduction of Deepseek\n\nThis is a model to test.", None),
        ("# 模型\n\n## 🎉 模型介绍\n\n本模型是一个用于中文文本生成的模型。".encode(), None),
        ("## 使用限制\n\n本模型不能用于医疗用途。".encode(), b""),
        (b"# a\n\n**Resources and other technical papers**:\n\n* b\n\nA tiny model.", None),
        (b"# a\n\n**Model developer**: The people of this house.\n\nA tiny model.", None),
        (
            b"# a\n\n**Model Description:** This is a model.\n\nb",
            b"**Model Description:** This is a model.",
        ),
        (b"# a\n\nDisclaimer: This card was written by somebody else.\n\nA tiny model.", None),
        (b"# a\n\n**More details please refer to our Github.**\n\nA tiny model.", None),
        (b"# a\n\nA tiny model. It reaches\nthe following:\n- 1", b"A tiny model."),
        (b"# a\n\nThe people who made it write of it:\n\n> b\n\nA tiny model.", None),
    ],
)
def test_the_opening_is_the_first_paragraph_of_prose(text: bytes, prose: bytes | None) -> None:
    expected = text.rpartition(b"\n\n")[2].strip() if prose is None else prose
    at = outline(text).opening or Span(0, 0)
    assert text[at.start : at.end] == expected


@pytest.mark.parametrize(
    "piece",
    [b"# " + b"#" * 500, b"<!--", b"[[[[", b"> " * 50, b"- - ", b"`" * 50, b"<a " * 50, b"![]"],
)
def test_marks_without_end_hold_no_sections(piece: bytes) -> None:
    text = piece * (500_000 // len(piece))
    assert all(section.heading == b"" for section in outline(text).sections)


def test_a_long_heading_above_many_paragraphs_is_read_soon() -> None:
    text = b"# " + "模".encode() * 150_000 + b"\n" + b"a\n\n" * 150_000
    start = time.perf_counter()
    assert outline(text).opening is None
    assert time.perf_counter() - start < 20  # seconds; read for each paragraph, it takes minutes
