"""Requirements of pip, as the `packaging` library reads them, too."""

import pytest
from packaging.requirements import Requirement

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Metadata
from aibom.scanners.format import Match
from aibom.scanners.formats import requirements
from aibom.scanners.formats.requirements import FORMAT, LONGEST
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource, Malformed
from tests.helpers.checkout import ROOT
from tests.helpers.reading import damage, facts, read, recognised

TEXT = """# é
torch==2.1 ; python_version > "3.8"  # why

transformers[sentencepiece]>=4.40,<5 \\
    --hash=sha256:00 \\
    --hash=sha256:11
-r more.txt
--extra-index-url https://example.com/simple
git+https://example.com/x.git@main#egg=x
./local/wheel.whl
last""".encode()


def test_tells_each_requirement_and_option_and_where() -> None:
    found = facts(FORMAT, TEXT, Metadata, "requirements.txt")
    assert [(fact.key, fact.value) for fact in found] == [
        ("requirements[0]", 'torch==2.1 ; python_version > "3.8"'),
        ("requirements[1]", "transformers[sentencepiece]>=4.40,<5"),
        ("requirements[2]", "-r more.txt"),
        ("requirements[3]", "--extra-index-url https://example.com/simple"),
        ("requirements[4]", "git+https://example.com/x.git@main#egg=x"),
        ("requirements[5]", "./local/wheel.whl"),
        ("requirements[6]", "last"),
    ]
    for fact in found:
        line = TEXT[fact.at.start : fact.at.end].decode()
        assert line.startswith(fact.value)
        assert line.endswith("\n") or fact is found[-1]


def test_agrees_with_packaging_on_the_lock_of_this_project() -> None:
    data = (ROOT / "requirements.lock").read_bytes()
    found = facts(FORMAT, data, Metadata, "requirements.txt")
    assert len(found) == data.count(b"==")
    assert all(Requirement(fact.value).specifier for fact in found)


def test_a_mark_of_byte_order_is_stepped_over() -> None:
    (found,) = facts(FORMAT, b"\xef\xbb\xbftorch \\", Metadata, "requirements.txt")
    assert (found.value, found.at.start, found.at.length) == ("torch", 3, 7)


@pytest.mark.parametrize(
    ("data", "name", "match"),
    [
        (TEXT, "requirements.txt", Match.POSSIBLE),
        (TEXT, "requirements-dev.txt", Match.POSSIBLE),
        (TEXT, "my_requirements.txt", Match.POSSIBLE),
        (TEXT, "license.txt", Match.NO),
        (TEXT, "requirementstxt", Match.NO),
        (TEXT + b"\0", "requirements.txt", Match.NO),
        (b"a" * (LONGEST + 1), "requirements.txt", Match.NO),
    ],
    ids=["plain", "behind", "before", "another name", "no suffix", "binary", "long"],
)
def test_is_told_by_its_name(data: bytes, name: str, match: Match) -> None:
    assert recognised(FORMAT, data, name) is match


@pytest.mark.parametrize(
    "data", [b"{}\n", b"torch\n\xff\n", b"a\n*b\n"], ids=["JSON", "raw", "list"]
)
def test_another_text_of_that_name_is_left_alone(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(FORMAT, data, "requirements.txt")
    artifact = dissect(BytesSource(data), ("requirements.txt",), Budget(Limits()))
    assert "requirements" not in artifact.formats
    assert artifact.is_complete


def test_says_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "MAX_LINES", 1)
    assert [fact.key for fact in facts(FORMAT, b"a\nb\nc\n", Metadata, "requirements.txt")] == [
        "requirements[0]",
        "requirements.cut",
    ]


def test_damage_is_malformed_and_nothing_else() -> None:
    damage(FORMAT, TEXT, name="requirements.txt")
