"""JSON documents of a model folder: what each says, and what breaks them."""

import json

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import (
    Conflict,
    Licence,
    Metadata,
    Reason,
    Reference,
    Refers,
    Unread,
)
from aibom.scanners.format import Match, Part
from aibom.scanners.formats.json_text import FORMAT
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.source import BytesSource, Malformed, Span
from tests.helpers.reading import damage, facts, read, recognised


def told(document: object, name: str = "x.json") -> dict[str, str]:
    data = json.dumps(document).encode()
    return {fact.key: fact.value for fact in facts(FORMAT, data, Metadata, name)}


def references(document: object) -> list[tuple[Refers, str, str]]:
    found = facts(FORMAT, json.dumps(document).encode(), Reference)
    return [(fact.kind, fact.key, fact.target) for fact in found]


def templates(document: object) -> dict[str, bytes]:
    parts = [item for item in read(FORMAT, json.dumps(document).encode()) if isinstance(item, Part)]
    assert all(part.formats == ("jinja",) for part in parts)
    return {part.name: part.source.read_at(0, part.source.size) for part in parts}


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"{}", Match.POSSIBLE),
        (b" \n[1]", Match.POSSIBLE),
        (b"\xef\xbb\xbf{}", Match.POSSIBLE),
        (b"", Match.NO),
        (b"\x80\x04}.", Match.NO),
        (b"text", Match.NO),
        (b"{" + bytes(7) + b'{"w": 1}', Match.NO),  # a safetensors header of 123 bytes
        ('{"a": "\u00e9"}'.encode(), Match.POSSIBLE),
    ],
)
def test_is_told_by_its_first_character(data: bytes, match: Match) -> None:
    assert recognised(FORMAT, data) is match


def test_a_configuration_says_what_the_model_is() -> None:
    config = {
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "max_position_embeddings": 2048,
        "tie_word_embeddings": False,
        "quantization_config": {"quant_method": "awq", "bits": 4},
        "license": "mit",
        "unknown": 1,
    }
    assert told(config) == {
        "model_type": "llama",
        "architectures[0]": "LlamaForCausalLM",
        "max_position_embeddings": "2048",
        "tie_word_embeddings": "false",
        "quantization_config.quant_method": "awq",
        "quantization_config.bits": "4",
        "config.unmapped": "1 key: unknown",
    }
    data = json.dumps(config).encode()
    assert facts(FORMAT, data, Licence) == [
        Licence(at=Span(data.index(b'"mit"'), 5), key="license", value="mit")
    ]


def test_a_document_of_no_role_says_nothing() -> None:
    assert read(FORMAT, b'{"license": "mit", "os.system": ["{{ x.__class__ }}"]}') == []


def test_generation_defaults_are_known_by_their_name() -> None:
    assert told({"temperature": 0.7}, "generation_config.json") == {"temperature": "0.7"}


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (
            {"auto_map": {"AutoModel": "modeling_x.X"}},
            [("auto_map.AutoModel", "modeling_x.X")],
        ),
        (
            {"auto_map": {"AutoTokenizer": ["a/b--tok.T", None]}, "tokenizer_class": "T"},
            [("auto_map.AutoTokenizer[0]", "a/b--tok.T")],
        ),
        ({"auto_map": "x.Y"}, [("auto_map", "x.Y")]),
        (
            {"custom_pipelines": {"p": {"impl": "pipe.P", "pt": ["AutoModel"]}}},
            [("custom_pipelines.p.impl", "pipe.P")],
        ),
        (
            {"peft_type": "LORA", "auto_mapping": {"parent_library": "evil.module"}},
            [("auto_mapping.parent_library", "evil.module")],
        ),
        ({"peft_type": "LORA", "auto_mapping": {"parent_library": "transformers.models"}}, []),
        (
            {
                "_class_name": ["pipeline", "Mine"],
                "_diffusers_version": "0.30",
                "unet": ["diffusers", "UNet2DConditionModel"],
                "vae": ["my_vae", "Vae"],
                "_private": ["a", "b"],
            },
            [("_class_name", "pipeline.Mine"), ("vae", "my_vae.Vae")],
        ),
        (
            [
                {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.X"},
                {"idx": 1, "name": "1", "path": "", "type": "evil.Module"},
            ],
            [("[1].type", "evil.Module")],
        ),
        (
            [{"idx": n, "name": "", "path": "", "type": "peft.X"} for n in range(3000)]
            + [{"idx": 3000, "name": "", "path": "", "type": "evil.Module"}],
            [("[3000].type", "evil.Module")],
        ),
        (
            {"in_features": 2, "activation_function": "os.abort"},
            [("activation_function", "os.abort")],
        ),
        ({"activation_function": "torch.nn.modules.activation.Tanh"}, []),
        ({"model_type": "gpt2", "activation_function": "gelu_new"}, []),
        ({"auto_mapping": {"parent_library": "evil"}}, [("auto_mapping.parent_library", "evil")]),
    ],
)
def test_names_the_code_that_loading_would_import(
    document: object, found: list[tuple[str, str]]
) -> None:
    assert references(document) == [(Refers.REMOTE_CODE, *pair) for pair in found]


def test_an_adapter_names_its_base() -> None:
    assert references({"peft_type": "LORA", "base_model_name_or_path": "org/base"}) == [
        (Refers.BASE_MODEL, "base_model_name_or_path", "org/base")
    ]


def test_an_index_names_each_shard_once() -> None:
    weights = {"a": "2.safetensors", "b": "1.safetensors", "c": "2.safetensors", "d": 1}
    assert references({"weight_map": weights, "metadata": {"total_size": 5}}) == [
        (Refers.EXTERNAL_DATA, "weight_map", "1.safetensors"),
        (Refers.EXTERNAL_DATA, "weight_map", "2.safetensors"),
    ]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("{{ a }}", {"chat_template": b"{{ a }}"}),
        ({"x": "1", "y": 2}, {"chat_template.x": b"1"}),
        ([{"name": "tool", "template": "2"}, 3], {"chat_template.tool": b"2"}),
        ("\ud800", {"chat_template": rb"\ud800"}),
        (None, {}),
    ],
    ids=["text", "object", "list", "surrogate", "none"],
)
def test_chat_templates_are_parts(value: object, found: dict[str, bytes]) -> None:
    assert templates({"tokenizer_class": "T", "chat_template": value}) == found


def test_a_repeated_key_is_a_conflict() -> None:
    found = facts(FORMAT, b'{"a": {"x": 1, "x": 2, "x": 3}}', Conflict)
    assert [(fact.kind, fact.detail) for fact in found] == [
        ("duplicate", "the key 'x' stands 3 times in one object")
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_reads_wide_characters_as_python_does(encoding: str) -> None:
    text = '{"model_type": "b\u00e4r", "model_type": "llama"}'
    assert read(FORMAT, text.encode(encoding)) == [
        Conflict(kind="duplicate", detail="the key 'model_type' stands 2 times in one object"),
        Metadata(key="model_type", value="llama"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"{}x",
        b'{"a": \xff}',
        b"{'a': 1}",
        b"[" * 100_000,
        b"[" + b"9" * 5000 + b"]",
        '{"a": 1}'.encode("utf-16") + b"\0",
        '{"a": "'.encode("utf-16-le") + b'\0\xd8"\0}\0',
        b"",
    ],
    ids=["cut", "more", "no-utf8", "quotes", "deep", "digits", "odd", "surrogate", "empty"],
)
def test_refuses(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(FORMAT, data)


def test_the_place_of_an_error_is_in_bytes() -> None:
    with pytest.raises(Malformed) as caught:
        read(FORMAT, '{"ä": }'.encode())
    assert caught.value.offset == 7


def test_refuses_to_hold_what_is_too_long() -> None:
    with pytest.raises(Exceeded):
        read(FORMAT, b"[1, 2, 3]", "x.json", Limits(text=8))


def test_a_long_file_that_promises_no_json_is_left_alone() -> None:
    lines, limits = b'{"text": "x"}\n' * 20, Limits(text=100)
    assert dissect(BytesSource(lines), ("data.jsonl",), Budget(limits)).formats == ()
    named = dissect(BytesSource(lines), ("data.json",), Budget(limits))
    assert [fact.reason for fact in named.facts if isinstance(fact, Unread)] == [Reason.LIMIT]


def test_damage_is_malformed_and_nothing_else() -> None:
    seed = {
        "model_type": "x",
        "auto_map": {"A": ["b.C"]},
        "chat_template": [{"name": "n", "template": "t"}],
        "weight_map": {"w": "f"},
        "_diffusers_version": "1",
        "unet": ["a", "b"],
        "text_config": {"rope_scaling": {"factor": [1, 2.5, None]}},
        "log_history": [{"eval_loss": 1}],
    }
    damage(FORMAT, json.dumps(seed).encode())
    damage(FORMAT, json.dumps({"model": {"vocab": {"a": 1}}}).encode(), name="tokenizer.json")
