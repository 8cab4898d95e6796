"""Calls and changes that no opcode names: by attributes, by rebuilders, by what is given back."""

from __future__ import annotations

import pytest

from aibom.scanners.facts import Call, ItemsSet, StateSet
from aibom.scanners.limits import Exceeded
from aibom.scanners.pickles import state
from aibom.scanners.values import Global, Group, Made, Value
from tests.scanners.pickles.programs import calls, conflicts, facts, read, text

MADE = b"\x80\x04cmodels\nNet\n)\x81"
RUN = b"cmodels\nrun\n"
ONE = Group("tuple", (1,))


def attribute(name: str, value: bytes = RUN) -> bytes:
    return b"}" + text(name) + value + b"s"


def called(program: bytes, op: str) -> list[tuple[Value, Value]]:
    return [(f.callee, f.arguments) for f in facts(program) if isinstance(f, Call) and f.op == op]


# --- Attributes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["__setstate__", "__array_interface__", "__reduce_ex__"])
@pytest.mark.parametrize("slots", [b"", b"N\x86"], ids=["a state", "a state and slots"])
def test_an_attribute_that_is_asked_for_is_set_by_a_call(name: str, slots: bytes) -> None:
    ((callee, arguments),) = called(MADE + attribute(name) + slots + b"b.", "BUILD")
    assert callee == Global("builtins", "setattr")
    assert arguments == Group(
        "tuple", (Made(Global("models", "Net")), name, Global("models", "run"))
    )


@pytest.mark.parametrize("name", ["__class__", "__dict__", "__setstate__"])
def test_a_slot_state_sets_attributes(name: str) -> None:
    assert len(called(MADE + b"N" + attribute(name) + b"\x86b.", "BUILD")) == 1


@pytest.mark.parametrize(
    "program",
    [attribute("__class__"), attribute("__orig_class__"), b"}K\1K\2s", b"K\1", b"N}\x86",
     b"N" + attribute("weights") + b"\x86", b"(K\1K\2K\3t"],
)  # fmt: skip
def test_other_states_call_nothing(program: bytes) -> None:
    assert called(MADE + program + b"b.", "BUILD") == []


@pytest.mark.parametrize(
    ("name", "add", "op"),
    [
        ("append", b"K\1a", "APPEND"), ("append", b"(K\1e", "APPENDS"),
        ("extend", b"(K\1e", "APPENDS"), ("add", b"(K\1\x90", "ADDITEMS"),
    ],
)  # fmt: skip
def test_an_object_adds_items_by_its_own_attribute(name: str, add: bytes, op: str) -> None:
    made = [(Global("models", "run"), ONE)]
    assert called(MADE + attribute(name) + b"b" + add + b".", op) == made
    again = attribute(name) + b"b" + attribute("other", b"N") + b"b"
    assert called(MADE + again + add + b".", op) == made


def test_plain_attributes_add_nothing() -> None:
    assert called(MADE + attribute("append", b"K\1") + b"bK\1a.", "APPEND") == []
    assert called(MADE + attribute("append") + b"bK\1K\2s.", "SETITEM") == []
    assert called(MADE + b"K\1bK\1a.", "APPEND") == []


def test_attributes_are_looked_at_only_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "MAX_LOOKED_AT", 100)
    with pytest.raises(Exceeded):
        list(read(MADE + attribute("other") + b"b" + b"K\1a" * 100 + b"."))


def test_very_many_attributes_are_not_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "FIRST", 4)
    many = b"}(" + b"".join(text(name) + RUN for name in ("a", "b", "c")) + b"ub"
    assert called(MADE + many + many + attribute("append") + b"bK\1a.", "APPEND") == [
        (Global("models", "run"), ONE)
    ]


# --- Rebuilders -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "made"),
    [
        (b"ctorch._tensor\n_rebuild_from_type_v2\n(" + RUN + b"NK\1\x85Nt",
         ("REDUCE", Global("models", "run"), ONE)),
        (b"ctorch._tensor\n_rebuild_from_type\n(" + RUN + b"NK\1\x85Nt",
         ("REDUCE", Global("models", "run"), ONE)),
        (b"cjax._src.array\n_reconstruct_array\n(" + RUN + b"K\1\x85N}t",
         ("REDUCE", Global("models", "run"), ONE)),
        (b"ctorch._utils\n_rebuild_wrapper_subclass\n(" + RUN + b"K\1t",
         ("NEWOBJ", Global("models", "run"), ONE)),
        (b"cpandas.core.indexes.base\n_new_Index\n(" + RUN + b"}t",
         ("NEWOBJ_EX", Global("models", "run"), Group("tuple"))),
        (b"cnumpy.core.multiarray\n_reconstruct\n(" + RUN + b"K\1t",
         ("NEWOBJ", Global("models", "run"), ONE)),
        (b"cdill._dill\n_create_array\n(" + RUN + b"K\1\x85NNt",
         ("REDUCE", Global("models", "run"), ONE)),
        (b"cdill._dill\n_create_array\n(cnumpy._core.multiarray\n_reconstruct\n("
         + RUN + b"K\1tNNt",
         ("NEWOBJ", Global("models", "run"), ONE)),
    ],
    ids=["by type", "by type, version 1", "jax", "wrapper", "index", "array", "dill",
         "array by dill"],
)  # fmt: skip
def test_a_rebuilder_calls_what_it_is_given(
    program: bytes, made: tuple[str, Global, Value]
) -> None:
    op, callee, arguments = made
    found = called(b"\x80\x04" + program + b"R.", op)
    assert found[-1] == (callee, arguments)


def test_an_array_of_dill_is_given_its_state() -> None:
    program = b"\x80\x04cdill._dill\n_create_array\n(" + RUN + b"K\1\x85" + RUN + b"NtR."
    assert [f.state for f in facts(program) if isinstance(f, StateSet)] == [Global("models", "run")]


@pytest.mark.parametrize(
    "program",
    [
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\1t",
        b"cpandas.core.indexes.base\n_new_Index\n(cpandas.core.indexes.base\nIndex\n}t",
        b"cmodels\n_reconstruct\n(" + RUN + b"K\1t",
        b"ctorch._utils\n_rebuild_wrapper_subclass\n)",
        b"ctorch._tensor\n_rebuild_from_type_v2\n(K\1NK\1\x85Nt",
        b"ctorch._tensor\n_rebuild_from_type_v2\n]",
    ],
    ids=["an array", "an index", "another module", "nothing", "a number", "no tuple"],
)
def test_a_rebuilder_of_its_own_classes_is_one_call(program: bytes) -> None:
    assert len(calls(b"\x80\x04" + program + b"R.")) == 1


def test_a_rebuilder_sets_attributes() -> None:
    for start, name in (
        (b"ctorch._tensor\n_rebuild_from_type_v2\n(" + RUN + b"N)", "__setstate__"),
        (b"ctorch._utils\n_rebuild_parameter_with_state\n(NNN", "__array__"),
    ):
        found = called(b"\x80\x04" + start + attribute(name) + b"tR.", "BUILD")
        assert [callee for callee, _ in found] == [Global("builtins", "setattr")]


def test_rebuilders_that_call_one_another_end() -> None:
    rebuild = b"ctorch._tensor\n_rebuild_from_type_v2\n"
    inner = b"(" + RUN + b"N)Nt"
    for _ in range(40):
        inner = b"(" + rebuild + b"N" + inner + b"Nt"
    assert any(
        "rebuilders" in detail for detail in conflicts(b"\x80\x04" + rebuild + inner + b"R.")
    )


# --- What is given back ---------------------------------------------------------------------------

NET = b"cmodels\nNet\n"


@pytest.mark.parametrize(
    "program",
    [
        b"ccopy\ncopy\n" + NET + b"\x85R",
        b"cbuiltins\nmax\n]" + NET + b"a\x85R",
        b"cbuiltins\nnext\ncbuiltins\niter\n]" + NET + b"a\x85R\x85R",
        b"cbuiltins\ngetattr\n" + NET + text("RED") + b"\x86R",
        b"ccollections\nChainMap\n" + NET + b"\x85R",
    ],
    ids=["copied", "the largest", "the next", "an attribute", "behind a mapping"],
)
def test_a_change_of_what_was_given_back_is_one_of_the_import(program: bytes) -> None:
    found = facts(b"\x80\x04" + program + b"}bK\1K\2s.")
    assert [f.target for f in found if isinstance(f, StateSet)] == [Global("models", "Net")]
    assert [f.target for f in found if isinstance(f, ItemsSet)] == [Global("models", "Net")]


def test_items_behind_a_mapping_that_was_given_its_data() -> None:
    program = b"\x80\x04ccollections\nUserDict\n)\x81" + attribute("data", NET) + b"bK\1K\2s."
    found = [fact.target for fact in facts(program) if isinstance(fact, ItemsSet)]
    assert found == [Global("models", "Net")]


def test_what_gives_back_values_of_the_file_changes_nothing_else() -> None:
    found = facts(b"\x80\x04ccollections\nChainMap\n}\x85RK\1K\2s.")
    assert [fact.target for fact in found if isinstance(fact, ItemsSet)] == [
        Made(Global("collections", "ChainMap"))
    ]


def test_an_import_behind_very_many_values_is_not_overlooked() -> None:
    program = b"\x80\x04cbuiltins\nmax\n](" + b"K\1" * 300 + NET + b"e\x85R}b."
    found = [fact.target for fact in facts(program) if isinstance(fact, StateSet)]
    assert found == [Global("<computed>", "<computed>")]
    wrapped = program.replace(b"models\nNet", b"joblib.numpy_pickle\nNumpyArrayWrapper")
    many = wrapped.replace(b"K\1" * 300, b"K\1" * 3000)
    assert any("not made" in detail for detail in conflicts(many))


# --- Persistent ids -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        (b"(" + text("storage") + RUN + text("0") + text("cpu") + b"K\1tQ.", ONE),
        (b"(" + text("storage") + RUN + text("0") + text("cpu") + b"K\1NtQ.", ONE),
        (b"(" + text("reduce_package") + b"K\7" + RUN + b"K\1\x85tQ.", ONE),
        (text("reduce_package") + RUN + b"K\1\x85\x87Q.", ONE),
    ],
    ids=["a storage", "one with a view", "of a package", "of an older package"],
)
def test_a_loader_calls_what_a_persistent_id_names(program: bytes, arguments: Value) -> None:
    expected = [(Global("models", "run"), arguments)]
    assert called(b"\x80\x02" + program, "BINPERSID") == expected


@pytest.mark.parametrize(
    "program",
    [
        b"(" + text("storage") + b"ctorch.cuda\nHalfStorage\n" + text("0") * 2 + b"K\1tQ.",
        b"(" + text("storage") + text("float") + text("0") * 2 + b"K\1tQ.",
        b"(" + text("reduce_package") + b"K\7K\1K\2tQ.",
        b"(" + text("other") + RUN + text("0") * 2 + b"K\1tQ.",
    ],
    ids=["torch's storage", "no class", "no function", "another loader's"],
)
def test_other_persistent_ids_call_nothing(program: bytes) -> None:
    assert called(b"\x80\x02" + program, "BINPERSID") == []
