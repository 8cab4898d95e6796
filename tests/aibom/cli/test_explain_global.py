"""`aibom explain-global` says what a name can reach, by which way, and what is not known."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from aibom.cli.explain_global import command


def explained(name: str) -> str:
    result = CliRunner().invoke(command, [name])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("imaplib.IMAP4_stream", "called (REDUCE): DANGEROUS, can reach: starts programs"),
        ("imaplib.IMAP4_stream", "    starts programs, by way of\n      imaplib.py, line "),
        ("imaplib.IMAP4_stream", "      subprocess.py, line "),
        ("imaplib.IMAP4_stream", "made by NEWOBJ, "),
        ("statistics.NormalDist", "all uses: no known capability"),
        ("xml.etree.ElementTree.iterparse", "judged when called: callback: calls or changes"),
        ("numpy.load", "judged when called: unpickle: loads another pickle"),
        ("datetime.timezone", "no known capability"),
        ("functools.reduce", "can reach: calls an argument"),
        ("importlib.metadata.EntryPoint.load", "imports a chosen module"),
        ("no_such_package.f", "its package was not analysed: nothing is known of it"),
        ("os.no_such_name", "no such name is listed of these: nothing is known of it"),
        ("os.sytem", "nothing is known of it. Did you mean 'os.system'?"),
        ("oss.system", "nothing is known of it. Did you mean 'os.system'?"),
        ("pickel.laods", "nothing is known of it. Did you mean 'pickle.loads'?"),
        ("imaplib.IMAP4.logni", "nothing is known of it. Did you mean 'imaplib.IMAP4.login'?"),
        ("os.system", "judged when called: process"),
        ("antigravity.geohash", "importing its module can reach"),
    ],
)
def test_says_what_is_known(name: str, sentence: str) -> None:
    assert sentence in explained(name)


def test_never_says_safe() -> None:
    assert "safe" not in explained("collections.OrderedDict")


def test_makes_hostile_names_visible() -> None:
    assert "\x1b[2J" not in explained("a.\x1b[2J")


@pytest.mark.parametrize("name", ["", "name", ".", "a."])
def test_asks_for_a_full_name(name: str) -> None:
    result = CliRunner().invoke(command, [name])
    assert result.exit_code == 2
    assert "no full name" in result.output
