"""Configurations of Keras: what is named, carried, opened and loaded, by every version."""

from __future__ import annotations

import base64
import json
import marshal
from typing import TYPE_CHECKING, Any

import pytest

from aibom.scanners import keras_config
from aibom.scanners.facts import (
    CompiledCode,
    Configured,
    Conflict,
    Fact,
    Metadata,
    Reason,
    Unread,
)
from aibom.scanners.format import Part
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = Span(7, 9)


def read(document: object) -> list[Fact | Part]:
    decoded = json.loads(json.dumps(document))  # in which no value stands twice
    return list(keras_config.facts(decoded, lambda _: AT, Budget(Limits())))


def named(document: object) -> list[tuple[str, str, str, str, int]]:
    found = (each for each in read(document) if isinstance(each, Configured))
    return [(each.kind, each.key, each.module, each.name, each.count) for each in found]


def layer(name: str, module: str | None = "keras.layers", /, **config: object) -> dict[str, Any]:
    made = {"class_name": name, "config": config}
    return made if module is None else {"module": module, **made, "registered_name": None}


def test_names_every_object_once_with_its_first_place() -> None:
    inner = layer("Dense", units=4, activation="relu")
    model = layer("Sequential", "keras", name="s", layers=[inner, inner])
    assert read(model) == [
        Metadata(at=AT, key="class_name", value="Sequential"),
        Metadata(at=AT, key="config.name", value="s"),
        Configured(at=AT, loader="keras", kind="class", key="", module="keras", name="Sequential"),
        Configured(
            at=AT,
            loader="keras",
            kind="class",
            key="config.layers[0]",
            module="keras.layers",
            name="Dense",
            count=2,
        ),
    ]


@pytest.mark.parametrize(
    "document",
    [
        {"a": [{"b": "FOUND"}]},
        {"class_name": "Model", "config": [], "compile_config": {"loss": "FOUND"}},
        layer("Bidirectional", layer=layer("TimeDistributed", layer="FOUND")),
        layer("Lambda", function="FOUND"),
        layer("Lambda", arguments={"x": "FOUND"}),
        {"class_name": "__slice__", "config": {"start": "FOUND"}},
    ],
    ids=["anywhere", "losses", "wrappers", "lambda", "arguments", "values"],
)
def test_a_function_is_found_at_any_depth(document: dict[str, Any]) -> None:
    function = json.dumps({"module": "os", "class_name": "function", "config": "system"})
    found = named(json.loads(json.dumps(document).replace('"FOUND"', function)))
    assert next(each for each in found if each[0] == "function")[2:] == ("os", "system", 1)


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (
            {"class_name": "__typespec__", "config": [], "module": "m", "spec_name": "S"},
            ("class", "", "m", "S", 1),
        ),
        (
            layer("TFOpLambda", None, function="io.write_file"),
            ("function", "config.function", "tensorflow", "io.write_file", 1),
        ),
        (
            layer("ClassMethod", None, cls_symbol="io.gfile.GFile", method_name="read"),
            ("function", "config", "tensorflow", "io.gfile.GFile.read", 1),
        ),
        (
            layer("TensorFlowOpLayer", None, node_def={"op": "ReadFile"}),
            ("function", "config.node_def", "tensorflow.raw_ops", "ReadFile", 1),
        ),
        (
            layer("TFSMLayer", filepath="https://a.b/c"),
            ("nested", "config.filepath", "keras.layers", "https://a.b/c", 1),
        ),
        (
            layer("StringLookup", vocabulary="/etc/passwd"),
            ("file", "config.vocabulary", "keras.layers", "/etc/passwd", 1),
        ),
        (
            layer("Lambda", None, function="system", function_type="function", module="os"),
            ("function", "config.function", "os", "system", 1),
        ),
        (
            {"modelTopology": {"model_config": layer("Dense", None)}},
            ("class", "modelTopology.model_config", "", "Dense", 1),
        ),
    ],
)
def test_tells_what_a_layer_does_with_its_fields(
    document: dict[str, Any], found: tuple[str, str, str, str, int]
) -> None:
    assert named(document)[-1] == found


@pytest.mark.parametrize(
    "document",
    [
        {"layers": [{"class_name": "function", "module": "m", "config": "f"}]},
        {"x": {"class_name": "function", "module": "m", "config": "f", "inbound_nodes": []}},
    ],
    ids=["layers", "nodes"],
)
def test_a_function_where_a_layer_belongs_is_told_apart(document: dict[str, Any]) -> None:
    ((kind, _, *rest),) = named(document)
    assert (kind, rest) == ("layer", ["m", "f", 1])


def test_values_and_words_in_a_vocabulary_are_no_objects() -> None:
    tensor = {"class_name": "__tensor__", "config": {"value": [1], "dtype": "float32"}}
    found = named(layer("StringLookup", vocabulary=["a", "/b"], weights=tensor))
    assert found == [("class", "", "keras.layers", "StringLookup", 1)]


# --- Code -----------------------------------------------------------------------------------------

CODE = marshal.dumps(compile("import os; os.system('id')", "a.py", "exec"))  # never loaded
TEXT = base64.encodebytes(CODE).decode()


def lambdas() -> Iterator[Any]:
    yield layer("Lambda", function={"class_name": "__lambda__", "config": {"code": TEXT}})
    yield layer("Lambda", output_shape={"class_name": "__lambda__", "config": {"value": TEXT}})
    yield layer("Lambda", None, function=[TEXT, None, None], function_type="lambda")
    yield layer("Lambda", None, mask=TEXT, mask_type="lambda")
    yield layer("Custom>MyLambda", None, function=[TEXT, None, None])
    yield layer("Lambda", None, function=[CODE.decode("latin-1"), None, None])
    yield layer("Lambda", None, function=["!!" + TEXT, None, None])
    yield {"any": {"where": TEXT}}


@pytest.mark.parametrize("document", list(lambdas()))
def test_byte_code_is_read_however_it_is_carried(document: dict[str, Any]) -> None:
    found = read(document)
    (told,) = (each for each in found if isinstance(each, CompiledCode))
    assert (told.at, told.carrier, told.calls) == (AT, "keras", ("os.system('id')",))
    assert [each.kind for each in found if isinstance(each, Configured)].count("code") == 1


def test_code_that_is_none_is_told_and_not_read() -> None:
    document = {"class_name": "__lambda__", "config": {"code": "AAAA"}}
    found = read(document)
    assert [each.reason for each in found if isinstance(each, Unread)] == [Reason.MALFORMED]
    assert named(document) == [("code", "config.code", "", "", 1)]
    assert named({"class_name": "__lambda__", "config": {"code": 1}})[0][0] == "code"


def test_a_long_word_that_only_looks_like_code_is_none() -> None:
    assert read({"class_name": "Dense", "config": {"name": "Yw" + "x" * 99}})[-1] == Configured(
        at=AT, loader="keras", kind="class", key="", name="Dense"
    )


def test_a_pickle_of_pytorch_is_a_part() -> None:
    encoded = base64.b64encode(b"\x80\x04N.").decode()
    document = layer("TorchModuleWrapper", "keras.layers", module=encoded)
    (part,) = (each for each in read(document) if isinstance(each, Part))
    assert (part.name, part.source.read_at(0, 4)) == ("(config.module)", b"\x80\x04N.")
    assert named(document)[-1][0] == "nested"


def test_a_value_that_is_in_itself_is_met_once() -> None:
    document: dict[str, Any] = {"class_name": "Model", "config": {}}
    document["config"]["again"] = document
    (_, found) = keras_config.facts(document, lambda _: AT, Budget(Limits()))
    assert found == Configured(at=AT, loader="keras", kind="class", key="", name="Model")


# --- Texts ----------------------------------------------------------------------------------------


def test_a_text_is_read_at_its_place_and_named() -> None:
    text = '{"class_name": "function", "config": "f", "config": "g"}'
    assert list(keras_config.read(text, AT, Budget(Limits()), "/@c")) == [
        Conflict(at=AT, kind="duplicate", detail="the key 'config' stands 2 times in one object"),
        Metadata(at=AT, key="class_name", value="function"),
        Configured(at=AT, loader="keras", kind="function", key="/@c", name="g"),
    ]


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"a": ' + "9" * 5000 + "}"])
def test_a_text_that_is_no_json_is_not_read(text: str) -> None:
    (found,) = keras_config.read(text, AT, Budget(Limits()), "here")
    assert isinstance(found, Unread)
    assert (found.at, found.reason) == (AT, Reason.MALFORMED)
    assert found.detail.startswith("here: no JSON: ")
    assert list(keras_config.read(text, AT, Budget(Limits()), must=False)) == []


def test_more_names_than_any_model_has_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras_config, "MAX_NAMED", 2)
    with pytest.raises(Exceeded, match="objects that a configuration names"):
        read([layer(f"A{number}") for number in range(3)])


def test_more_code_than_any_model_has_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras_config, "MAX_CODES", 1)
    with pytest.raises(Exceeded, match="lambdas of a configuration"):
        read([next(lambdas())] * 2)
