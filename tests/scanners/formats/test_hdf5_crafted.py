"""HDF5 files that no writer makes: nothing is hidden in them, and reading them ends."""

from __future__ import annotations

import pytest

from aibom.scanners import kits
from aibom.scanners.facts import (
    Configured,
    Impossible,
    Reason,
    Reference,
    Tensor,
    Unread,
)
from aibom.scanners.format import Part
from aibom.scanners.formats.hdf5 import FORMAT
from aibom.scanners.hdf5 import file, objects
from aibom.scanners.limits import Exceeded
from aibom.scanners.source import Malformed
from fixtures import hdf5
from fixtures.hdf5 import Builder, message
from tests.helpers.checkout import ROOT
from tests.helpers.reading import facts, read

kits.load_all()
OLD = (ROOT / "tests/data/real/old.h5").read_bytes()
SPACE, TYPE, LINK, EXTERNAL, LAYOUT, FILTERS, ATTRIBUTE = 1, 3, 6, 7, 8, 11, 12
CONTINUATION = 16
CONFIG = b'{"class_name": "function", "module": "os", "config": "system"}'


def unread(data: bytes) -> list[tuple[Reason, str]]:
    return [(each.reason, each.detail) for each in facts(FORMAT, data, Unread)]


def system(data: bytes) -> bool:
    """Whether what `CONFIG` names was found."""
    return [(each.module, each.name) for each in facts(FORMAT, data, Configured)] == [
        ("os", "system")
    ]


def test_a_configuration_is_found_in_every_group_and_under_any_name() -> None:
    made = Builder()
    inner = made.object(message(ATTRIBUTE, hdf5.text("other", CONFIG + b"\0\0")))
    assert system(made.file(made.object(message(LINK, hdf5.link("a", inner)))))
    assert not unread(hdf5.of(message(ATTRIBUTE, hdf5.text("other", b"{no JSON"))))
    assert unread(hdf5.of(message(ATTRIBUTE, hdf5.text("model_config", b"{no JSON")))) != []


def test_a_type_that_stands_elsewhere_is_followed() -> None:
    made = Builder()
    named = made.object(message(TYPE, hdf5.text_type(len(CONFIG))))
    place = b"\x03\x02" + hdf5.number(named)
    shared = hdf5.attribute("training_config", place, hdf5.space(), CONFIG, flags=1)
    assert system(made.file(made.object(message(ATTRIBUTE, shared))))


def test_a_message_that_stands_elsewhere_is_followed() -> None:
    made = Builder()
    holder = made.object(message(ATTRIBUTE, hdf5.text("model_config", CONFIG)))
    shared = message(ATTRIBUTE, b"\x03\x02" + hdf5.number(holder), flags=2)
    assert system(made.file(made.object(shared)))
    assert unread(hdf5.of(message(ATTRIBUTE, b"\x03\x01" + bytes(8), flags=2))) == [
        (Reason.UNSUPPORTED, "HDF5: /: a message in the table of shared messages")
    ]


def test_an_attribute_that_may_be_a_pickle_is_a_part() -> None:
    raw = b"cos\nsystem\n(S'id'\ntR."
    found = read(FORMAT, hdf5.of(message(ATTRIBUTE, hdf5.text("x", raw))))
    (part,) = (each for each in found if isinstance(each, Part))
    assert (part.name, part.source.read_at(0, part.source.size)) == ("(/@x)", raw)


def test_values_that_are_bytes_are_a_part() -> None:
    made = Builder()
    dataset = made.dataset(hdf5.BYTES, (4,), made.contiguous(b"\x80\x04N."))
    found = read(FORMAT, made.file(made.object(message(LINK, hdf5.link("d", dataset)))))
    assert [each.name for each in found if isinstance(each, Part)] == ["/d"]


def pickled(made: Builder) -> bytes:
    """Add a heap with one pickle; return the element of a dataset that is it."""
    heap = b"GCOL\x01\0\0\0" + hdf5.number(64) + hdf5.number(1, 2) + bytes(6) + hdf5.number(4)
    return hdf5.number(4, 4) + hdf5.number(made.add(heap + b"\x80\x04N.")) + hdf5.number(1, 4)


def chunks(made: Builder, element: bytes) -> bytes:
    """Add a tree of two levels with one chunk; return the layout that leads to it."""
    key = hdf5.number(16, 4) + bytes(4 + 16)
    child = made.add(element)
    for level in (b"\0", b"\x01"):
        head = b"TREE\x01" + level + hdf5.number(1, 2) + 2 * hdf5.UNDEFINED
        child = made.add(head + key + hdf5.number(child) + key)
    return b"\x03\x02\x02" + hdf5.number(child) + hdf5.number(1, 4) + hdf5.number(16, 4)


def of_variable(made: Builder, layout: bytes, *more: bytes) -> bytes:
    dataset = made.dataset(hdf5.variable(hdf5.BYTES), (1,), layout, *more)
    return made.file(made.object(message(LINK, hdf5.link("d", dataset))))


@pytest.mark.parametrize("is_chunked", [False, True], ids=["in a run", "in chunks"])
def test_bytes_of_variable_length_are_parts(*, is_chunked: bool) -> None:
    made = Builder()
    element = pickled(made)
    layout = chunks(made, element) if is_chunked else made.contiguous(element)
    (part,) = read(FORMAT, of_variable(made, layout))
    assert isinstance(part, Part)
    assert (part.name, part.source.read_at(0, 4)) == ("/d[0]", b"\x80\x04N.")


def test_bytes_of_variable_length_that_are_packed_or_found_otherwise_are_not_read() -> None:
    made = Builder()
    filters = message(FILTERS, b"\x02\x01\x01\0\0\0\0\0")
    data = of_variable(made, chunks(made, pickled(made)), filters)
    assert unread(data) == [
        (Reason.UNSUPPORTED, "HDF5: /d: bytes of variable length, compressed"),
    ]
    later = of_variable(Builder(), b"\x04\x02" + bytes(20))
    assert unread(later) == [
        (Reason.UNSUPPORTED, "HDF5: /d: bytes of variable length, which some readers unpickle"),
    ]


def test_a_tree_of_chunks_that_leads_in_a_circle_is_malformed() -> None:
    made = Builder()
    at = len(made.data)
    key = bytes(24)
    made.add(b"TREE\x01\x01" + hdf5.number(1, 2) + 2 * hdf5.UNDEFINED + key + hdf5.number(at))
    layout = b"\x03\x02\x02" + hdf5.number(at) + hdf5.number(1, 4) + hdf5.number(16, 4)
    ((reason, detail),) = unread(of_variable(made, layout))
    assert (reason, detail.endswith("a node stands twice")) == (Reason.MALFORMED, True)


def test_a_virtual_dataset_names_its_file() -> None:
    made = Builder()
    raw = b"\0" + hdf5.number(2) + b"/etc/x.h5\0d\0"
    heap = b"GCOL\x01\0\0\0" + hdf5.number(64) + hdf5.number(1, 2) + bytes(6)
    address = made.add(heap + hdf5.number(len(raw)) + raw.ljust(32, b"\0"))
    layout = b"\x04\x03" + hdf5.number(address) + hdf5.number(1, 4)
    dataset = made.dataset(hdf5.FLOAT, (2,), layout)
    data = made.file(made.object(message(LINK, hdf5.link("v", dataset))))
    assert [(each.key, each.target) for each in facts(FORMAT, data, Reference)] == [
        ("/v", "/etc/x.h5")
    ]
    assert unread(data) == [(Reason.UNSUPPORTED, "HDF5: /v: a virtual dataset of 2 sources")]


def test_a_shape_that_no_file_holds_is_impossible() -> None:
    made = Builder()
    layout = b"\x03\x01" + hdf5.UNDEFINED + hdf5.number(0)
    dataset = made.dataset(hdf5.FLOAT, (1 << 40, 1 << 10), layout)
    data = made.file(made.object(message(LINK, hdf5.link("d", dataset))))
    (found,) = facts(FORMAT, data, Impossible)
    assert found.detail == "/d has the shape [1099511627776, 1024]: 4503599627370496 bytes"


def test_bfloat16_is_told_by_what_keras_says_of_it() -> None:
    made = Builder()
    type_ = b"\x10\0\0\0" + hdf5.number(2, 4) + bytes(4)
    says = message(ATTRIBUTE, hdf5.text("dtype", b"bfloat16"))
    dataset = made.dataset(type_, (2,), made.contiguous(bytes(4)), says)
    data = made.file(made.object(message(LINK, hdf5.link("d", dataset))))
    assert [each.dtype for each in facts(FORMAT, data, Tensor)] == ["BF16"]


def test_what_breaks_one_object_does_not_hide_the_next() -> None:
    made = Builder()
    good = made.object(message(ATTRIBUTE, hdf5.text("model_config", CONFIG)))
    links = [message(LINK, hdf5.link("bad", 1 << 40)), message(LINK, hdf5.link("good", good))]
    data = made.file(made.object(*links))
    assert system(data)
    assert [reason for reason, _ in unread(data)] == [Reason.MALFORMED]


@pytest.mark.parametrize(
    ("part", "why"),
    [
        (message(LINK, hdf5.other_link("u", 70, b"x")), "the link 'u' of kind 70"),
        (message(LINK, b"\x02\0"), "a link of version 2"),
        (message(40, b""), "a message of kind 40"),
        (message(ATTRIBUTE, b"\x09" + bytes(8)), "an attribute of version 9"),
        (message(LAYOUT, b"\x09\0"), "a layout of version 9"),
        (message(LAYOUT, b"\x03\x09"), "a layout of kind 9"),
    ],
    ids=["link", "link version", "message", "attribute", "layout version", "layout"],
)
def test_what_is_not_known_is_not_read(part: bytes, why: str) -> None:
    ((reason, detail),) = unread(hdf5.of(part))
    assert reason is Reason.UNSUPPORTED
    assert detail.endswith(why)


def test_a_soft_link_leads_nowhere_else() -> None:
    assert read(FORMAT, hdf5.of(message(LINK, hdf5.other_link("s", 1, b"/x")))) == []


def test_a_header_that_goes_in_a_circle_is_malformed() -> None:
    made = Builder()
    block = made.add(bytes(100))
    again = message(CONTINUATION, hdf5.number(block) + hdf5.number(32))
    made.data[block : block + 4 + len(again)] = b"OCHK" + again
    ((reason, detail),) = unread(made.file(made.object(again)))
    assert reason is Reason.MALFORMED
    assert "its blocks lead in a circle, or are too many" in detail


def test_a_group_that_holds_itself_is_met_once() -> None:
    made = Builder()
    at = len(made.data)
    assert made.object(message(LINK, hdf5.link("again", at))) == at
    assert read(FORMAT, made.file(at)) == []


@pytest.mark.parametrize(
    ("version", "widths"), [(9, b"\x08\x08"), (2, b"\x03\x08"), (2, b"\x08\0")]
)
def test_a_superblock_that_is_none_is_malformed(version: int, widths: bytes) -> None:
    made = Builder()
    with pytest.raises(Malformed):
        read(FORMAT, made.file(made.object(), version=version, widths=widths))


def test_ids_of_a_heap_that_are_too_short_are_malformed() -> None:
    made = Builder()
    sizes = hdf5.number(4, 2) + hdf5.number(512) + hdf5.number(1024) + hdf5.number(32, 2)
    head = b"FRHP\0" + bytes(2 + 2 + 1 + 4 + 12 * 8) + sizes + bytes(2 + 8 + 2)
    heap = made.add(head)
    leaf = made.add(b"BTLF\0\x08" + bytes(13))
    node = hdf5.number(512, 4) + hdf5.number(13, 2) + bytes(4) + hdf5.number(leaf)
    names = made.add(b"BTHD\0\x08" + node + hdf5.number(1, 2) + bytes(8))
    info = message(21, b"\0\0" + hdf5.number(heap) + hdf5.number(names))
    ((reason, detail),) = unread(made.file(made.object(info)))
    assert (reason, detail.endswith("of 0 bytes")) == (Reason.MALFORMED, True)


def test_too_many_axes_are_malformed() -> None:
    shape = b"\x02\xff\0\x01" + bytes(8 * 255)
    ((reason, detail),) = unread(hdf5.of(message(SPACE, shape)))
    assert reason is Reason.MALFORMED
    assert "255 axes, the format allows 32" in detail


def test_too_many_objects_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "MAX_OBJECTS", 3)
    with pytest.raises(Exceeded, match="objects of HDF5"):
        read(FORMAT, OLD)


def test_of_many_troubles_the_first_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "MAX_TROUBLE", 1)
    parts = [message(40, b"")] * 3
    assert [detail for _, detail in unread(hdf5.of(*parts))] == [
        "HDF5: /: a message of kind 40",
        "2 more objects or attributes of HDF5",
    ]


def test_a_value_that_many_attributes_share_is_not_held_many_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = Builder()
    heap = b"GCOL\x01\0\0\0" + hdf5.number(64) + hdf5.number(1, 2) + bytes(6) + hdf5.number(16)
    element = hdf5.number(16, 4) + hdf5.number(made.add(heap + b"x" * 16)) + hdf5.number(1, 4)
    texts = hdf5.variable(hdf5.text_type(1), is_text=True)
    data = made.file(
        made.object(message(ATTRIBUTE, hdf5.attribute("a", texts, hdf5.space(99), element * 99)))
    )
    assert read(FORMAT, data) == []
    monkeypatch.setattr(file, "MAX_VALUES", 98 * 16)
    with pytest.raises(Exceeded, match="bytes of attributes of HDF5"):
        read(FORMAT, data)


def test_structures_that_share_bytes_are_not_read_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = Builder()
    block = made.add(b"OCHK" + bytes(4000))
    place = message(CONTINUATION, hdf5.number(block) + hdf5.number(4000))
    objects_ = [made.object(place) for _ in range(9)]
    links = [message(LINK, hdf5.link(str(number), at)) for number, at in enumerate(objects_)]
    data = made.file(made.object(*links))
    assert read(FORMAT, data) == []
    monkeypatch.setattr(file, "SPARE", 0)
    with pytest.raises(Exceeded, match="read more than twice"):
        read(FORMAT, data)


def test_steps_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "MAX_STEPS", 9)
    with pytest.raises(Exceeded, match="structures of HDF5"):
        read(FORMAT, OLD)
