"""The derived table: no public gadget is clean, no honest name alarmed, its data are strict."""

from __future__ import annotations

import lzma
from typing import TYPE_CHECKING

import pytest
from picklescan import scanner as picklescan  # type: ignore[import-untyped]

from aibom.scanners import capability, capability_table
from aibom.scanners.capability import Ability, verdict
from aibom.scanners.capability_table import DATA, Entry, TableError, Use, Verdict, lookup
from tests.helpers.checkout import ROOT

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 3_000_000  # all data files together, in the repository and in the wheel
MOST_UNPACKED = 1_100_000  # characters that a look-up reads: some ten milliseconds
LISTS = ROOT / "tests" / "data"


def rows(name: str) -> list[tuple[str, str, str]]:
    lines = (LISTS / name).read_text(encoding="utf-8").splitlines()
    split = (line.split("\t") for line in lines if not line.startswith("#"))
    return [(module, member, rest) for module, member, rest in split]


GADGETS = rows("public_gadgets.tsv")
HONEST = rows("honest_names.tsv")


# Reviewed in the TOML tables: an item getter alone builds a value out of values.
REVIEWED = {("operator", "itemgetter"), ("_operator", "itemgetter")}


def denied_by_picklescan() -> list[tuple[str, str]]:
    names: list[tuple[str, str]] = []
    denied: dict[str, str | set[str]] = vars(picklescan)["_unsafe_globals"]
    for module, members in denied.items():
        listed = [members] if isinstance(members, str) else sorted(members)
        names += [
            (module, member)
            for member in listed
            if member != "*" and (module, member) not in REVIEWED
        ]
    return names


@pytest.mark.parametrize(("module", "name", "where"), GADGETS)
def test_no_public_gadget_is_harmless(module: str, name: str, where: str) -> None:
    assert verdict(module, name, "call").ability is not Ability.HARMLESS, where


@pytest.mark.parametrize(("module", "name"), denied_by_picklescan())
def test_is_never_weaker_than_picklescan(module: str, name: str) -> None:
    assert verdict(module, name, "call").ability is not Ability.HARMLESS


@pytest.mark.parametrize(("module", "name", "use"), HONEST)
def test_no_honest_name_is_dangerous(module: str, name: str, use: str) -> None:
    assert lookup(module, name).verdict(Use(use)).level != "danger"
    assert not verdict(module, name, "call" if use == "call" else "rebuild").is_dangerous
    assert not verdict(module, name).is_dangerous


def test_the_data_stay_within_their_budget() -> None:
    assert sum(path.stat().st_size for path in DATA.iterdir()) <= MOST_BYTES


def test_a_name_is_looked_up_in_one_block_of_the_largest_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    largest = max(DATA.glob("*.cap"), key=lambda path: path.stat().st_size).stem
    unpack, sizes = vars(capability_table)["_unpack"], list[int]()

    def counted(where: str, packed: bytes) -> str:
        text: str = unpack(where, packed)
        sizes.append(len(text))
        return text

    monkeypatch.setattr(capability_table, "_unpack", counted)
    capability_table.read_package.cache_clear()
    vars(capability_table)["_block_text"].cache_clear()
    assert capability_table.lookup.__wrapped__(largest, "BertModel").is_known
    assert len(sizes) == len(("header", "block"))
    assert sum(sizes) <= MOST_UNPACKED


def test_every_file_says_what_it_was_made_of() -> None:
    for package in capability_table.covered_packages().values():
        assert package.versions
        assert all(len(each["digest"]) == 64 for each in package.sources)


def test_an_absent_name_of_a_covered_package_is_unknown() -> None:
    entry = lookup("os", "no_such_name")
    assert (entry.covered, entry.is_known, entry.verdict(Use.CALL).level) == (
        True,
        False,
        "unknown",
    )


def test_an_absent_package_is_not_covered() -> None:
    entry = lookup("no_such_package_at_all", "f")
    assert (entry.covered, entry.verdict(Use.BUILD).level) == (False, "unknown")


@pytest.mark.parametrize(
    ("module", "name", "effect"),
    [
        ("os", "system", "proc"),
        ("tqdm.utils", "os.system", "proc"),
        ("gettext", "os.popen", "proc"),
        ("imaplib", "IMAP4_stream", "proc"),
        ("pickle", "loads", "unpickle"),
        ("importlib.metadata", "EntryPoint.load", "import"),
    ],
)
def test_a_dotted_name_is_followed(module: str, name: str, effect: str) -> None:
    assert effect in lookup(module, name).verdict(Use.CALL).effects


def test_importing_can_do_something() -> None:
    assert "proc" in lookup("antigravity", "webbrowser").import_effects or (
        lookup("antigravity", "fly_x").import_effects
    )


def test_a_native_name_tells_what_its_module_can_reach() -> None:
    entry = lookup("numpy._core.multiarray", "_reconstruct")
    assert entry.native is not None
    assert entry.verdict(Use.CALL).level == "unknown"


def test_a_dangerous_name_has_its_witness() -> None:
    path = capability_table.witness("imaplib", "IMAP4_stream", Use.CALL)
    assert path is not None
    assert path.startswith("proc > imaplib.py:")


def test_the_worst_of_a_rebuild_is_told() -> None:
    clean, bad = Verdict(capability_table.Level.CLEAN), Verdict(capability_table.Level.DANGER)
    entry = Entry(covered=True, kind="class", uses=((Use.NEW, clean), (Use.ADD, bad)))
    assert entry.worst(rebuilt=True) == (Use.ADD, bad)
    assert entry.worst(rebuilt=False) == (Use.ADD, bad)


def test_being_a_key_counts_for_a_rebuild() -> None:
    bad = Verdict(capability_table.Level.DANGER, frozenset({"exec"}))
    entry = Entry(covered=True, kind="class", uses=((Use.HASH, bad),))
    assert entry.worst(rebuilt=True) == (Use.HASH, bad)


@pytest.mark.parametrize(
    ("module", "says"),
    [
        pytest.param("distributed.utils_test", "module distributed.utils_test", id="derived"),
        pytest.param("distributed.utils_test.deeper", "the network", id="a package around it"),
        pytest.param("numexpr.cpuinfo", "", id="reviewed"),
        pytest.param("collections", "", id="only defines"),
        pytest.param("no_such_package", "", id="not analysed"),
    ],
)
def test_knows_which_import_acts_by_itself(module: str, says: str) -> None:
    found = capability.import_acts(module)
    assert says in found if says else found == ""


@pytest.mark.parametrize(
    ("module", "name"),
    [("xml.etree.ElementTree", "iterparse"), ("tokenize", "detect_encoding"), ("json", "load")],
)
def test_a_caller_that_opens_what_it_is_given_is_told_from_one_that_does_not(
    module: str, name: str
) -> None:
    found = capability.verdict(module, name, "call")
    assert found.ability is capability.Ability.CALLBACK
    assert found.may_open is (name == "iterparse")


def test_a_native_name_is_unknown_within_the_bound_of_its_module() -> None:
    found = capability.verdict("torch._C", "no_such_name", "call")
    assert found.ability is capability.Ability.UNKNOWN
    assert "in a module that can reach" in capability.verdict("PIL._imaging", "x").why


def test_what_is_handed_to_unknown_code_is_unknown() -> None:
    found = capability.verdict("configparser", "ConfigParser.read", "call")
    assert (found.ability, found.may_open) == (capability.Ability.UNKNOWN, True)


def packed(text: str) -> bytes:
    content = lzma.compress(text.encode(), lzma.FORMAT_XZ)
    return len(content).to_bytes(4, "little") + content


HEADER = '{"format":%d,"package":"p","sources":[],"aliases":{},"verdicts":[],"blocks":%s}'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"\x16\0\0\0nothing that is packed", "format not supported", id="not packed"),
        pytest.param(packed("{}"), "header of", id="no header"),
        pytest.param(packed(HEADER % (3, "[[1]]")), "header of", id="half a block"),
        pytest.param(packed(HEADER % (3, "[]"))[:-3], "cut off", id="cut off"),
        pytest.param(b"", "cut off", id="empty"),
        pytest.param(packed(HEADER % (1, "[]")), "not a table", id="another format"),
    ],
)
def test_refuses_data_that_are_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    (tmp_path / "p.cap").write_bytes(content)
    monkeypatch.setattr(capability_table, "DATA", tmp_path)
    with pytest.raises(TableError, match=message):
        capability_table.read_package.__wrapped__("p")


def test_refuses_a_block_that_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p.cap").write_bytes(packed(HEADER % (3, '[["p",60]]')) + packed("M p")[4:-1])
    monkeypatch.setattr(capability_table, "DATA", tmp_path)
    package = capability_table.read_package.__wrapped__("p")
    with pytest.raises(TableError, match="cut off"):
        package.block("p")


def test_refuses_to_read_files_that_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capability_table, "DATA", tmp_path)
    with pytest.raises(TableError, match=r"p\.cap"):
        capability_table.read_package.__wrapped__("p")
    with pytest.raises(TableError, match=r"p\.why"):
        capability_table.read_witnesses.__wrapped__("p")


@pytest.mark.parametrize("content", ["", "{}", '{"format": 9, "packages": {}}'])
def test_refuses_an_index_that_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    (tmp_path / "index.json").write_text(content)
    monkeypatch.setattr(capability_table, "DATA", tmp_path)
    with pytest.raises(TableError):
        capability_table.read_index.__wrapped__()
