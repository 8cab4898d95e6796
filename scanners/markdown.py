"""Headings and sections of Markdown, told line by line: https://spec.commonmark.org/0.31.2/.

A library would make a tree of everything, inline marks included, in time that some texts can drive
far beyond their length; here every line is looked at once, and no byte changes on the way. What is
inside of fences, comments, lists and quotes is no heading of the document. A line of HTML that is a
heading counts as one: many cards begin with ``<h1 align="center">``.
"""

from __future__ import annotations

import re

from .patterns import pattern
from .record import field, record
from .source import Span

DEEPEST = 6  # level of a heading
INDENTED = 4  # columns that make a line code
FENCE = re.compile(rb"(`{3,})[^`]*|(~{3,}).*", re.DOTALL)
ITEM = re.compile(rb"(?:[-+*]|[0-9]{1,9}[.)])(?:[ \t]{1,4}|$)")
QUOTE = 1  # an item's text begins in column 2 or later
RULE = re.compile(rb"(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}")
TAG = re.compile(rb"</?([A-Za-z][A-Za-z0-9]*)(?:[ \t/>]|$)")
LONE_TAG = re.compile(rb"</?[A-Za-z][A-Za-z0-9-]*(?:[ \t][^<>]*|/)?>[ \t]*")
VERBATIM_END = re.compile(rb"</(?:pre|script|style|textarea)>", re.IGNORECASE)
BLANK = re.compile(rb"\A\Z")
CLOSED_BY = (  # HTML that ends with a mark of its own, blank lines or not
    (re.compile(rb"<(?:pre|script|style|textarea)(?:[ \t>]|$)", re.IGNORECASE), VERBATIM_END),
    (re.compile(rb"<!--"), re.compile(rb"-->")),
    (re.compile(rb"<\?"), re.compile(rb"\?>")),
    (re.compile(rb"<!\[CDATA\["), re.compile(rb"\]\]>")),
)
BLOCKS = frozenset(  # elements that make everything up to a blank line HTML
    b"address article aside base basefont blockquote body caption center col colgroup dd details"
    b" dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6"
    b" head header hr html iframe legend li link main menu menuitem nav noframes ol optgroup option"
    b" p param search section summary table tbody td tfoot th thead title tr track ul".split()
)
WORDS = 5  # outside of links, images and tags: a paragraph with as many is prose
STOPS = (b".", b"!", b"?", "。".encode())
SENTENCE = 2  # words that are prose if they end like a sentence
LOOKED_AT = 4096  # bytes of a paragraph that are looked at for them
LONGEST = 200  # bytes of a heading that says so; it is looked at for each paragraph below it
DESCRIBES = re.compile(  # headings under which a text says what it is about
    rb"[\W\d]*(?:(?:the )?(?:model|project|general) )?"
    rb"(?:description|details|summary|overview|introduction|about|information|background)\W*"
    rb"|[\W\d]*(?:introduction (?:of|to)|overview of|about)\b.{1,60}",
    re.IGNORECASE,
)
DESCRIBES_ELSEWHERE = pattern(  # Chinese and Japanese
    "(?:模型|モデルの?)?(?:介绍|描述|简介|概述|概要|説明)|模型信息|はじめに"
)
# Scripts without blanks between words: two letters are about one.
UNSPACED = pattern("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
HTML_HEADING = re.compile(rb"<h([1-6])(?:[ \t][^<>]*)?>(.*?)</h\1[ \t]*>[ \t]*", re.IGNORECASE)
ANY_TAG = re.compile(rb"<[^<>]*>")
NOTICE = re.compile(  # what such a paragraph tells of the card, or of today, and not of the model
    rb"\W*(?:(?:disclaimer|note|notice|warning|caution|important|attention|update|news)\b\W*?:"
    rb"|(?:for )?more (?:details|information)\b|please (?:see|refer|note|read|check)\b)",
    re.IGNORECASE,
)
LABEL = re.compile(rb"\W{0,8}(\*\*|__)([^*_\n]{1,80}?)(?::[ \t]*\1|\1[ \t]*:)")
SENTENCE_END = re.compile(rb"[.!?][*_\")']*(?=\s)|\xe3\x80\x82")  # the last: a stop in Chinese
NO_PROSE = re.compile(rb"!?\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])|<[^<>]*>|[|*_`~#]")


@record
class Section:
    """A heading, and the text below it up to the next heading of any level."""

    heading: bytes  # as it is written, without its marks; b"" before the first heading
    above: tuple[bytes, ...]  # the headings that it stands under, outermost first
    at: Span  # of the text, from its first line to its last that are not blank


@record
class Outline:
    """What the lines of a document make up."""

    sections: tuple[Section, ...]  # in order, those without text left out
    opening: Span | None  # the first paragraph of prose that is about the whole


def outline(text: bytes) -> Outline:
    """Return the sections of `text`, and its first paragraph; places count from its start."""
    lines = _Lines(text)
    lines.read()
    stack: list[_Heading] = []
    found: list[Section] = []
    ends = [heading.start for heading in lines.headings[1:]] + [len(text)]
    for heading, end in zip(lines.headings, ends, strict=True):
        while stack and stack[-1].level >= heading.level:
            stack.pop()
        span = _trimmed(text, heading.end, end)
        if span.length:
            found.append(Section(heading.text, tuple(each.text for each in stack), span))
        if heading.level:
            stack.append(heading)
    return Outline(tuple(found), lines.opening)


def _trimmed(text: bytes, start: int, end: int) -> Span:
    """Return the span without blank lines before and behind it."""
    inside = text[start:end]
    first = len(inside) - len(inside.lstrip())
    start += max(inside.rfind(b"\n", 0, first), inside.rfind(b"\r", 0, first)) + 1
    return Span(start, max(0, end - (len(inside) - len(inside.rstrip())) - start))


@record
class _Heading:
    level: int  # 0 is the text before all headings
    text: bytes
    start: int
    end: int


@record(frozen=False)
class _Open:
    """What the line before left open."""

    fence: bytes = b""
    closer: re.Pattern[bytes] | None = None  # of HTML
    nested: int = 0  # columns that a line needs to be inside of a list's item, or `QUOTE`
    is_lazy: bool = False  # this line can go on with a paragraph in there, without the columns
    was_blank: bool = True
    paragraph: Span | None = field(default_factory=lambda: None)


class _Lines:
    """Reads lines in order, and keeps the headings that they make."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._open = _Open()
        self.headings = [_Heading(0, b"", 0, 0)]
        self.opening: Span | None = None

    def read(self) -> None:
        at = 0
        for line in self._text.splitlines(keepends=True):
            self._line(line.rstrip(b"\r\n"), at, at + len(line))
            at += len(line)
        self._end_paragraph()

    def _line(self, line: bytes, start: int, end: int) -> None:
        bare = line.lstrip(b" \t")
        indent = len(line[: len(line) - len(bare)].expandtabs(INDENTED))
        if self._open.closer is BLANK:
            self._html_heading(bare, start, end)
        if self._open.fence or self._open.closer:
            self._inside(bare, indent)
        elif not bare:
            self._end_paragraph()
            self._open.was_blank = True
        else:
            self._full(bare, indent, start, end)
            self._open.was_blank = False

    def _inside(self, bare: bytes, indent: int) -> None:
        """Look for the end of a fence or of HTML."""
        if fence := self._open.fence:
            mark = bare.rstrip(b" \t")
            if indent < INDENTED and mark.startswith(fence) and not mark.strip(fence[:1]):
                self._open.fence = b""
        elif self._open.closer and self._open.closer.search(bare):
            self._open.closer = None

    def _full(self, bare: bytes, indent: int, start: int, end: int) -> None:
        """Take a line that is not blank."""
        before, self._open.nested = self._open.nested, 0
        self._open.is_lazy = bool(before) and not self._open.was_blank
        if indent >= before > QUOTE:
            self._open.nested = before
        elif indent >= INDENTED:
            self._text_line(start, end, may_begin=False)
        elif self._heading(bare, start, end) or self._opens(bare, indent):
            pass
        elif self._open.is_lazy:
            self._open.nested = before  # a paragraph inside goes on at the margin
        else:
            self._text_line(start, end, may_begin=True)

    def _heading(self, bare: bytes, start: int, end: int) -> bool:
        if found := _atx(bare):
            self._end_paragraph()
            self.headings.append(_Heading(*found, start, end))
            return True
        if self._html_heading(bare, start, end):
            self._open.closer = BLANK
            return True
        mark = bare.rstrip(b" \t")
        if (paragraph := self._open.paragraph) and not mark.strip(mark[:1]) and mark[:1] in b"=-":
            text = b" ".join(self._text[paragraph.start : paragraph.end].split())
            level = 1 if mark[:1] == b"=" else 2
            self.headings.append(_Heading(level, text, paragraph.start, end))
            self._open.paragraph = None
            return True
        return False

    def _html_heading(self, bare: bytes, start: int, end: int) -> bool:
        found = HTML_HEADING.fullmatch(bare)
        if not found:
            return False
        self._end_paragraph()
        text = b" ".join(ANY_TAG.sub(b" ", found[2]).replace(b"&amp;", b"&").split())
        self.headings.append(_Heading(int(found[1]), text, start, end))
        return True

    def _opens(self, bare: bytes, indent: int) -> bool:
        """Whether a line begins something that is no paragraph."""
        if fence := FENCE.fullmatch(bare):
            self._open.fence = fence[1] or fence[2]
        elif RULE.fullmatch(bare):
            pass
        elif bare[:1] == b">":
            self._open.nested = QUOTE
        elif item := ITEM.match(bare):
            self._open.nested = indent + len(item[0].expandtabs(INDENTED))
        elif not self._opens_html(bare):
            return False
        self._end_paragraph()
        return True

    def _opens_html(self, bare: bytes) -> bool:
        for opener, closer in CLOSED_BY:
            if found := opener.match(bare):
                self._open.closer = None if closer.search(bare, found.end()) else closer
                return True
        tag = TAG.match(bare)
        alone = not (self._open.paragraph or self._open.is_lazy) and LONE_TAG.fullmatch(bare)
        if alone or (tag and tag[1].lower() in BLOCKS):
            self._open.closer = BLANK
            return True
        return False

    def _text_line(self, start: int, end: int, *, may_begin: bool) -> None:
        if self._open.paragraph:
            start = self._open.paragraph.start
        if self._open.paragraph or may_begin:
            self._open.paragraph = Span(start, end - start)

    def _end_paragraph(self) -> None:
        at, self._open.paragraph = self._open.paragraph, None
        if at and not self.opening and self._is_about_the_whole():
            self.opening = _description(self._text, at)

    def _is_about_the_whole(self) -> bool:
        """Whether this place speaks of all, not of what one heading names, such as limits."""
        _, *headings = self.headings
        if not headings or _describes(headings[-1].text):
            return True
        return len(headings) == 1 and headings[0].level == 1


def _describes(heading: bytes) -> bool:
    """Whether what stands under a heading is about the whole."""
    if len(heading) > LONGEST:
        return False
    text = "".join(each for each in heading.decode("utf-8", "ignore") if each.isalpha())
    return bool(DESCRIBES.fullmatch(heading) or DESCRIBES_ELSEWHERE.fullmatch(text))


def _description(text: bytes, at: Span) -> Span | None:
    """Return what a paragraph says of the whole: nothing, if it is a notice or a labelled value.

    A last sentence that leads into a list is left out, since the list is.
    """
    looked_at = text[at.start : min(at.end, at.start + LOOKED_AT)].rstrip()
    label = LABEL.match(looked_at)
    if NOTICE.match(looked_at) or (label and not _describes(label[2])):
        return None
    if looked_at.rstrip(b"*_ \t").endswith(b":"):
        ends = [found.end() for found in SENTENCE_END.finditer(looked_at)]
        at = Span(at.start, ends[-1]) if ends else Span(at.start, 0)
    prose = NO_PROSE.sub(b" ", looked_at[: at.length])
    words = prose.split()
    count = len(words) + len(UNSPACED.findall(prose.decode("utf-8", "ignore"))) // 2
    is_sentence = bool(words) and words[-1].endswith(STOPS)
    enough = count >= (SENTENCE if is_sentence else WORDS)
    return _trimmed(text, at.start, at.end) if enough else None


def _atx(bare: bytes) -> tuple[int, bytes] | None:
    """Return level and text of a heading that begins with ``#``."""
    rest = bare.lstrip(b"#")
    level = len(bare) - len(rest)
    if not 1 <= level <= DEEPEST or (rest and rest[:1] not in b" \t"):
        return None
    text = rest.strip(b" \t")
    without = text.rstrip(b"#")
    return level, without.rstrip(b" \t") if without[-1:] in (b"", b" ", b"\t") else text
