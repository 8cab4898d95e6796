"""Python source among the files of a model; `test_python_source` of the reader has the rest."""

from __future__ import annotations

import pytest

from aibom.scanners import kits
from aibom.scanners.facts import SourceCode
from aibom.scanners.format import Match
from aibom.scanners.formats.python_source import FORMAT, KEPT, LONGEST
from aibom.scanners.limits import Exceeded
from tests.helpers.reading import damage, facts, recognised

kits.load_all()
SOURCE = b"import os\n\nclass A:\n    def __init__(self):\n        os.system('x')\n"


def test_the_fact_says_what_is_called_when() -> None:
    text = SOURCE + b"os.getcwd()\ndef f(): os.popen('y')\n"
    assert facts(FORMAT, text, SourceCode) == [
        SourceCode(
            imports=("os",),
            at_import=("6: os.getcwd()",),
            at_init=("5: os.system('x')",),
            elsewhere=("7: os.popen('y')",),
        )
    ]


@pytest.mark.parametrize(
    ("data", "name", "match"),
    [
        (SOURCE, "a.py", Match.CERTAIN),
        (SOURCE, "A.PYW", Match.CERTAIN),
        (SOURCE, "a.txt", Match.NO),
        (SOURCE + b"\0", "a.py", Match.NO),
    ],
    ids=["py", "pyw", "another name", "a NUL"],
)
def test_tells_by_name_and_by_being_text(data: bytes, name: str, match: Match) -> None:
    assert recognised(FORMAT, data, name) is match


def test_a_flood_of_names_is_cut() -> None:
    text = b"import os\n" + b"".join(b"os.a%d()\n" % n for n in range(2 * KEPT))
    (fact,) = facts(FORMAT, text, SourceCode)
    assert len(fact.at_import) == KEPT


def test_a_source_of_any_length_is_not_parsed() -> None:
    with pytest.raises(Exceeded, match="source"):
        facts(FORMAT, b"#" * (LONGEST + 1), SourceCode)


def test_survives_damage() -> None:
    damage(FORMAT, SOURCE * 4, name="a.py")
