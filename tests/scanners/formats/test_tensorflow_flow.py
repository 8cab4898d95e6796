"""Which texts reach a node that reads or writes files, however they get there."""

from __future__ import annotations

import pytest

from aibom.scanners import kits
from aibom.scanners.facts import Operation
from aibom.scanners.formats.tensorflow import FORMATS
from fixtures.onnx import field
from fixtures.tensorflow import (
    asset,
    const,
    entry,
    func,
    function,
    graph,
    node,
    packed,
    saved_model,
    text,
)
from tests.helpers.reading import facts

kits.load_all()

SAVED_MODEL, META_GRAPH, GRAPH, *_ = FORMATS
SECRET = const("p", "/etc/passwd")


def reached(of: bytes, *more: bytes) -> tuple[tuple[str, ...], tuple[str, ...], bool, bool]:
    """Return what reaches the only operation of a SavedModel: texts, assets, fed, computed."""
    (found,) = facts(SAVED_MODEL, saved_model(of, *more), Operation)
    return found.given, found.assets, found.is_fed, found.is_computed


@pytest.mark.parametrize(
    "nodes",
    [
        (SECRET, node("r", "ReadFile", "p")),
        (SECRET, node("r", "ReadFile", "p:0", "^x")),
        (node("p", "Const", value=packed("/etc/passwd")), node("r", "ReadFile", "p")),
        (SECRET, node("i", "Identity", "p"), node("e", "Squeeze", "i:0"),
         node("r", "ReadFile", "e")),
        (SECRET, node("v", "VarHandleOp"), node("a", "AssignVariableOp", "v", "p"),
         node("g", "ReadVariableOp", "v"), node("r", "ReadFile", "g")),
        (const("d", "/etc"), const("n", "passwd"),
         node("j", "StringJoin", "d", "n", separator=text("/")), node("r", "ReadFile", "j")),
        (SECRET, node("t", "TensorSliceDataset", "p"), node("m", "MapDataset", "t", f=func("f"))),
        (SECRET, node("c", "PartitionedCall", "p", f=func("f"))),
        (SECRET, node("c", "f", "p")),
        (SECRET, node("c", "If", "x", "p", then_branch=func("f"), else_branch=func("f"))),
        (node("c", "StatefulPartitionedCall", f=func("g")), node("r", "ReadFile", "c")),
    ],
    ids=[
        "a constant", "an output and an order", "all texts in one run", "handed on", "a variable",
        "joined", "elements of a dataset", "an argument", "called by its name", "a branch",
        "what a function gives back",
    ],
)  # fmt: skip
def test_a_constant_name_is_found(nodes: tuple[bytes, ...]) -> None:
    reader = function("f", ["a"], node("r", "ReadFile", "a"))
    giver = function("g", [], const("k", "/etc/passwd"), returns=["k:output:0"])
    functions = [giver] if b"\x01r\x12\x08ReadFile" in b"".join(nodes) else [reader, giver]
    assert reached(graph(*nodes, functions=functions)) == (("/etc/passwd",), (), False, False)


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ((node("r", "ReadFile", "x"),), ((), (), True, False)),
        ((node("r", "ReadFile"),), ((), (), False, False)),
        ((node("m", "StringUpper", "x"), node("r", "ReadFile", "m")), ((), (), False, True)),
        ((node("r", "ReadFile", "nowhere"),), ((), (), False, True)),
        ((const("k", "/x/"), node("j", "StringJoin", "k", "x"), node("r", "ReadFile", "j")),
         (("/x/…",), (), True, False)),
        ((const("k", "a"), node("d", "PlaceholderWithDefault", "k"), node("r", "SaveV2", "d")),
         (("a",), (), True, False)),
        ((node("i", "Identity", "i"), node("r", "ReadFile", "i")), ((), (), False, False)),
        ((node("r", "PrintV2", "x", output_stream=text("file:///x")),),
         (("file:///x",), (), False, False)),
    ],
    ids=["fed", "nothing", "computed", "an input that is none", "partly fed", "a default",
         "itself", "an attribute"],
)  # fmt: skip
def test_what_is_not_told_is_said(
    nodes: tuple[bytes, ...], expected: tuple[tuple[str, ...], tuple[str, ...], bool, bool]
) -> None:
    assert reached(graph(*nodes)) == expected


def test_a_file_that_the_model_brings_along_is_told_as_such() -> None:
    by_loader = graph(node("p", "Placeholder"), node("r", "ReadFile", "p"))
    assert reached(by_loader, field(6, asset("p", "v.txt"))) == ((), ("v.txt",), False, False)
    of = graph(functions=[function("f", ["a", "b"], node("r", "ReadFile", "b"))])
    objects = field(1, field(5, field(1, 0))) + field(2, entry("f", field(2, 0)))
    more = field(6, asset("p", "v.txt")), field(7, objects)
    assert reached(of, *more) == ((), ("v.txt",), False, False)


def test_a_constant_that_is_fed_while_initialising_only_holds_afterwards() -> None:
    """C++ and Python feed assets to the initialisers; what runs later sees the constant."""
    of = const("p", "/etc/passwd")
    fed = field(6, asset("p", "passwd"))
    table = node("t", "InitializeTableFromTextFileV2", "x", "p")
    assert reached(graph(of, table), fed) == ((), ("passwd",), False, False)
    assert reached(graph(of, table), field(6, asset("p", "v.txt")))[0] == ("/etc/passwd",)
    assert reached(graph(of, node("r", "ReadFile", "p")), fed)[0] == ("/etc/passwd",)


def test_an_asset_of_a_collection_counts() -> None:
    of = graph(const("p", "/train/v.txt"), node("t", "InitializeTableFromTextFileV2", "x", "p"))
    any_ = field(2, asset("p", "v.txt"))
    collection = field(4, entry("saved_model_assets", field(5, field(1, any_))))
    assert reached(of, collection) == ((), ("v.txt",), False, False)


def test_a_plain_graph_has_no_assets() -> None:
    of = graph(SECRET, node("r", "ReadFile", "p"))
    data = field(2, of) + field(6, asset("p", "passwd"))
    (found,) = facts(META_GRAPH, data, Operation)
    assert (found.given, found.assets) == (("/etc/passwd",), ())


def test_more_than_can_be_followed_is_computed() -> None:
    consts = [const(f"k{n}", f"n{n}") for n in range(100)]
    pack = node("k", "Pack", *[f"k{n}" for n in range(100)])
    given, _, _, is_computed = reached(graph(*consts, pack, node("r", "ReadFile", "k")))
    assert (len(given), is_computed) == (16, True)
    long = [node(f"i{n}", "Identity", f"i{n + 1}") for n in range(3000)]
    assert reached(graph(*long, const("i3000", "/x"), node("r", "ReadFile", "i0")))[3]
    names = [f"k{n % 2}" for n in range(12)]
    joins = [node("j", "StringJoin", *["q"] * 12), node("q", "Pack", *names)]
    given, _, _, is_computed = reached(graph(*consts, *joins, node("r", "ReadFile", "j")))
    assert (len(given), is_computed) == (16, True)


def test_joins_within_joins_end() -> None:
    joins = [node(f"j{n}", "StringJoin", f"j{n + 1}") for n in range(100)]
    of = graph(*joins, const("j100", "x"), node("r", "ReadFile", "j0"))
    assert reached(of)[3]
