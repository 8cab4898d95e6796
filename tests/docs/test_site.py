"""The pages that are written from the code, and what the built site is checked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml

from aibom.cli import VERBS, group
from aibom.render.words import OWN
from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.facts import Call, Metadata, Reference, Refers, Unclaimed
from aibom.scanners.formats import FORMATS
from aibom.scanners.rules import RULES
from aibom.scanners.source import Span
from aibom.scanners.values import Global, Group
from tests.helpers.checkout import ROOT
from tools.site import check, format_page, rule_pages, verb_pages
from tools.site.__main__ import write_site
from tools.site.example import lines
from tools.site.pages import for_the_site, plain

if TYPE_CHECKING:
    from aibom.scanners.rule import Rule

RULE_PAGES = rule_pages.pages()
VERB_PAGES = verb_pages.pages()
CONFIG = yaml.safe_load((ROOT / "tools" / "site" / "mkdocs.yml").read_text("utf-8"))


def in_navigation(entry: str | list[Any] | dict[str, Any]) -> set[str]:
    """Return the pages below an entry of the navigation."""
    if isinstance(entry, str):
        return {entry}
    below = entry.values() if isinstance(entry, dict) else entry
    return {page for each in below for page in in_navigation(each)}


def test_every_page_of_docs_is_in_the_navigation(tmp_path: Path) -> None:
    write_site(tmp_path / "pages")
    named = in_navigation(CONFIG["nav"])
    written = {str(each.relative_to(tmp_path / "pages")) for each in tmp_path.rglob("*.md")}
    reached = {"rules", "commands", "adr"}  # folders whose pages a list leads to
    left_out = {each for each in written - named if each.split("/")[0] not in reached}
    assert left_out == set(), "name it in tools/site/mkdocs.yml"
    assert named <= written


def test_nothing_of_the_site_is_fetched_from_elsewhere() -> None:
    assert CONFIG["theme"]["font"] is False
    assert CONFIG["extra"]["polyfills"] == ["assets/iframe-worker.js"]
    assert not [each for each in CONFIG["extra_css"] if "//" in each]


def test_there_is_a_page_for_each_rule_and_the_list_has_them_all() -> None:
    ids = {*(rule.id for rule in RULES), *OWN}
    assert {*RULE_PAGES} == {"rules/index.md", *(f"rules/{name}.md" for name in ids)}
    listed = RULE_PAGES["rules/index.md"]
    assert [name for name in ids if f"[`{name}`]({name}.md)" not in listed] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_page_of_a_rule_shows_what_it_flags_and_says(rule: Rule[Any]) -> None:
    page = RULE_PAGES[f"rules/{rule.id}.md"]
    flagged = page.partition("### Flagged")[2].partition("### Passes")[0]
    assert "\n".join(lines(rule.flags[0])) in flagged
    assert all(found.message in flagged for found in rule.judge(rule.flags[0], ("file",)))
    if rule.passes:
        assert "\n".join(lines(rule.passes[0])) in page.partition("### Passes")[2]


def test_an_example_is_told_by_its_fields_that_matter() -> None:
    call = Call(callee=Global("posix", "system"), arguments=Group("tuple", ("id",)))
    gap = Unclaimed(at=Span(8, 65))
    code = Reference(kind=Refers.REMOTE_CODE, key="auto_map", target="x.X")
    inner = Artifact(("m.zip", "a"), 1, formats=("pickle",), facts=(call, gap))
    outer = Artifact(("m.zip",), 9, facts=(code,), parts=(inner,))
    assert list(lines(Target((outer,)))) == [
        "m.zip, 9 bytes",
        "    Reference  kind: remote-code, key: 'auto_map', target: 'x.X'",
        "    m.zip > a (pickle), 1 bytes",
        "        Call  callee: posix.system, arguments: ('id',)",
        "        Unclaimed  at: byte 8, 65 bytes",
    ]


def test_a_long_example_is_cut_and_says_so() -> None:
    facts = tuple(Metadata(key=str(number), value="\x1b") for number in range(18))
    told = list(lines(Artifact(("m",), 1, facts=facts)))
    assert (len(told), told[-1]) == (18, "    … and 2 more")
    assert "\x1b" not in "".join(told)


@pytest.mark.parametrize("verb", VERBS)
def test_the_page_of_a_verb_has_its_options(verb: str) -> None:
    page = VERB_PAGES[f"commands/{verb}.md"]
    context = click.Context(group)
    command = group.get_command(context, verb)
    assert command is not None
    told = [option.get_help_record(context) for option in command.params]
    assert [each for each in told if each and each[1] and f"`{each[0]}`" not in page] == []
    assert f"[`aibom {verb}`]({verb}.md)" in VERB_PAGES["commands/index.md"]


def test_the_page_of_exit_codes_names_every_verb() -> None:
    page = (ROOT / "docs" / "exit-codes.md").read_text("utf-8")
    assert [verb for verb in VERBS if f"`{verb}" not in page] == []


def test_the_page_of_formats_says_what_is_not_read() -> None:
    page = format_page.page()
    read, _, rest = page.partition("## Known, not read yet")
    unread, _, programs = rest.partition("## Native programs")
    assert [each.id for each in FORMATS if f"| `{each.id}` | [" not in page] == []
    assert [
        ("`gguf`" in part, "`parquet`" in part, "`elf`" in part)
        for part in (read, unread, programs)
    ] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


@pytest.mark.parametrize(
    ("text", "place", "made"),
    [
        ("[a](b.md#c)", "x.md", "[a](b.md#c)"),
        ("[a](../x.md)", "adr/y.md", "[a](../x.md)"),
        ("[a](https://b.c/d)", "x.md", "[a](https://b.c/d)"),
        ("[a](../SECURITY.md)", "x.md", "[a](security.md)"),
        ("[a](../../SECURITY.md)", "adr/x.md", "[a](../security.md)"),
        ("[a](../tests/b.py)", "x.md", '<span title="tests/b.py">a</span>'),
        ("[a](../../b.py)", "adr/x.md", '<span title="b.py">a</span>'),
    ],
    ids=["page", "up", "elsewhere", "security", "security from below", "file", "file from below"],
)
def test_a_link_is_one_that_the_site_can_follow(text: str, place: str, made: str) -> None:
    assert for_the_site(text, Path(place)) == made


def test_a_text_is_shown_as_it_is() -> None:
    assert plain("a_b <c> `d_e` *f* [g] |") == r"a\_b \<c\> `d_e` \*f\* \[g\] \|"


class TestCheck:
    def problems(self, folder: Path, page: str, html: str, css: str = "") -> list[str]:
        pages, site = folder / "pages", folder / "site"
        pages.mkdir()
        site.mkdir()
        (pages / "a.md").write_text(page)
        (site / "a.html").write_text(html)
        (site / "b.html").write_text("<article><h1 id=there>b</h1></article>")
        (site / "s.css").write_text(css)
        return sorted(check.problems(pages, site))

    def test_nothing_is_said_of_a_good_page(self, tmp_path: Path) -> None:
        html = '<article><h1>A</h1><a href="b.html#there">b</a><a href="https://c.d">c</a></article><li>'
        assert self.problems(tmp_path, "# A", html, "a{}") == []

    def test_what_a_browser_would_fetch_is_told(self, tmp_path: Path) -> None:
        html = '<script src="https://x.y/z.js"></script><article></article>'
        css = "@import '//f.g/h.css'; a{background:url(https://a.b/c)}"
        assert self.problems(tmp_path, "", html, css) == [
            "a.html: fetches https://x.y/z.js",
            "s.css: fetches @import '//f.g/h.css';",
            "s.css: fetches url(https://a.b/c",
        ]

    def test_a_link_to_nowhere_is_told(self, tmp_path: Path) -> None:
        html = '<article><a href="c.html">c</a><a href="b.html#no">b</a></article>'
        assert self.problems(tmp_path, "", html) == [
            "a.html: b.html#no leads to no place on its page",
            "a.html: c.html leads nowhere",
        ]

    def test_a_list_that_only_github_shows_is_told(self, tmp_path: Path) -> None:
        html = "<article><p>words - one - two</p></article>"
        assert self.problems(tmp_path, "words\n- one\n- two\n", html) == [
            "a.html: 0 of <li>, GitHub shows 2"
        ]
