"""What the rules about declarations say of whole folders, read from their bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

import gguf
import numpy as np
import pytest
from safetensors.numpy import save

from aibom.scanners import kits
from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.declared.architectures import layers, part_of_names, same_family, table
from aibom.scanners.declared.models import models
from aibom.scanners.declared.quantisation import FILE_TYPES, bits, labels, of_file_type
from aibom.scanners.declared.sizes import rounded, sizes
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Metadata, Reason, Tensor, Unread
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.rules.declared import RULES
from aibom.scanners.source import BytesSource

if TYPE_CHECKING:
    from pathlib import Path

kits.load_all()
Shapes: TypeAlias = dict[str, tuple[int, ...]]
IDS = {rule.id for rule in RULES}
BERT: Shapes = {
    f"bert.encoder.layer.{n}.attention.self.{x}.weight": (4, 4) for n in range(4) for x in "qkv"
}
LLAMA: Shapes = {
    f"model.layers.{n}.self_attn.{x}_proj.weight": (4, 4) for n in range(4) for x in "qkv"
}


def read(name: str, data: bytes | dict[str, Any]) -> Artifact:
    raw = json.dumps(data).encode() if isinstance(data, dict) else data
    return dissect(BytesSource(raw), (name,), Budget(Limits()))


def weights(shapes: Shapes, dtype: str = "float32") -> bytes:
    return save({name: np.zeros(shape, dtype) for name, shape in shapes.items()})


def findings(*artifacts: Artifact) -> list[tuple[str, str, str]]:
    found = judge(Target(artifacts))
    return [(f.rule, f.path[0], f.message) for f in found if f.rule in IDS]


def test_a_folder_that_is_what_it_says_needs_no_word() -> None:
    config = {
        "model_type": "bert",
        "num_hidden_layers": 4,
        "torch_dtype": "float32",
        "max_position_embeddings": 8,
    }
    places: Shapes = {"bert.embeddings.position_embeddings.weight": (8, 4)}
    folder = read("config.json", config), read("model.safetensors", weights(BERT | places))
    assert findings(*folder) == []


def test_everything_that_a_configuration_gets_wrong_is_told() -> None:
    config = {
        "model_type": "llama",
        "num_hidden_layers": 12,
        "dtype": "bfloat16",
        "n_positions": 512,
    }
    places: Shapes = {"bert.embeddings.position_embeddings.weight": (8, 4)}
    folder = read("config.json", config), read("model.safetensors", weights(BERT | places))
    assert findings(*folder) == [
        (
            "dtype-differs",
            "model.safetensors",
            "dtype of config.json says bfloat16, the weights are F32",
        ),
        (
            "architecture-differs",
            "model.safetensors",
            "config.json says 'llama', but no tensor is called like 'layers.#.self_attn.'",
        ),
        (
            "context-length-differs",
            "model.safetensors",
            "n_positions is 512, the weights have 8 positions",
        ),
        (
            "layer-count-differs",
            "model.safetensors",
            "num_hidden_layers is 12, the weights have 4 layers",
        ),
    ]


INDEX = {
    "metadata": {"total_size": 12 * 64},
    "weight_map": {
        name: f"model-0000{1 + (at > 5)}-of-00002.safetensors" for at, name in enumerate(LLAMA)
    },
}


def shards(**changes: Shapes) -> list[Artifact]:
    halves = {"1": dict([*LLAMA.items()][:6]), "2": dict([*LLAMA.items()][6:])}
    for number, more in changes.items():
        halves[number[1]] = halves.get(number[1], {}) | more
    return [
        read(f"model-0000{number}-of-00002.safetensors", weights(shapes))
        for number, shapes in halves.items()
    ]


def test_shards_are_held_against_their_index() -> None:
    index = read("model.safetensors.index.json", INDEX)
    assert findings(index, *shards()) == []
    assert findings(index, *shards()[:1]) == [
        (
            "shards-differ-from-index",
            "model.safetensors.index.json",
            "1 of 2 files are not here: 'model-00002-of-00002.safetensors'",
        )
    ]
    assert findings(index, *shards(_2={"more": (2,)})) == [
        (
            "shards-differ-from-index",
            "model-00002-of-00002.safetensors",
            "'model.safetensors.index.json' says 6 tensors, the file holds 7 tensors",
        )
    ]
    assert [(path, said) for _, path, said in findings(index, *shards(_3={"x": (2,)}))] == [
        (
            "model-00003-of-00002.safetensors",
            "'model.safetensors.index.json' does not name this file",
        )
    ]


def test_a_size_that_no_shards_have_is_told() -> None:
    index = read("model.safetensors.index.json", INDEX | {"metadata": {"total_size": 99}})
    assert [said for *_, said in findings(index, *shards())] == [
        "total_size is 99, the tensors of all files take 768 bytes"
    ]


def test_shards_count_as_one_set_of_weights() -> None:
    config = read("config.json", {"model_type": "llama", "num_hidden_layers": 4})
    assert findings(config, *shards()) == []
    (model,) = models(Target((config, *shards())))
    assert [(w.name, w.is_whole, len(w.tensors)) for w in model.weights] == [
        ("model.safetensors", True, 12)
    ]
    assert findings(config, *shards()[:1]) == []


def test_what_was_not_read_to_the_end_is_not_judged() -> None:
    config = read("config.json", {"model_type": "llama", "num_hidden_layers": 12})
    cut = Artifact(
        ("model.safetensors",),
        8,
        formats=("safetensors",),
        facts=(
            Tensor(name="model.layers.0.self_attn.q", dtype="F32", shape=(2,)),
            Unread(reason=Reason.MALFORMED, detail="cut"),
        ),
    )
    assert findings(config, cut) == []


def quantised(path: Path, kind: gguf.GGMLQuantizationType, **told: Any) -> Artifact:  # noqa: ANN401 - values of GGUF
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(2)
    writer.add_context_length(4096)
    for key, value in told.items():
        getattr(writer, f"add_{key}")(value)
    for layer in range(2):
        rows = np.ones((256, 512), np.float32)
        writer.add_tensor(f"blk.{layer}.attn_q.weight", gguf.quantize(rows, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return read(path.name, path.read_bytes())


def test_a_gguf_file_that_is_what_it_says_needs_no_word(tmp_path: Path) -> None:
    file = quantised(
        tmp_path / "tiny-0.3M-Q8_0.gguf",
        gguf.GGMLQuantizationType.Q8_0,
        file_type=gguf.LlamaFileType.MOSTLY_Q8_0,
        size_label="0.3M",
        name="Tiny",
    )
    config = read("config.json", {"model_type": "mistral", "max_position_embeddings": 4096})
    assert findings(file, config) == []


def test_a_gguf_file_that_is_another_is_told_what_it_holds(tmp_path: Path) -> None:
    file = quantised(
        tmp_path / "qwen-Q8_0.gguf",
        gguf.GGMLQuantizationType.Q4_0,
        file_type=gguf.LlamaFileType.MOSTLY_Q4_0,
        size_label="7B",
    )
    config = read("config.json", {"model_type": "qwen2", "max_position_embeddings": 32768})
    assert findings(file, config) == [
        (
            "architecture-differs",
            "qwen-Q8_0.gguf",
            "config.json says 'qwen2', general.architecture 'llama'",
        ),
        (
            "context-length-differs",
            "qwen-Q8_0.gguf",
            "max_position_embeddings of config.json is 32768, llama.context_length is 4096",
        ),
        (
            "parameter-count-differs",
            "qwen-Q8_0.gguf",
            "general.size_label says 7B, the weights hold 262144 parameters",
        ),
        (
            "quantisation-differs",
            "qwen-Q8_0.gguf",
            "the name says Q8_0, general.file_type says Q4_0",
        ),
        (
            "quantisation-differs",
            "qwen-Q8_0.gguf",
            "the name says Q8_0, the weights take 4.5 bits for each number",
        ),
    ]


def test_our_table_of_file_types_is_that_of_the_reference_reader() -> None:
    theirs = {
        each.value: each.name.removeprefix("MOSTLY_").removeprefix("ALL_").removesuffix("_MOE")
        for each in gguf.LlamaFileType
    }
    assert {number: theirs.get(number) for number in FILE_TYPES} == FILE_TYPES
    assert [label for label in FILE_TYPES.values() if not bits(label)] == []


def test_families_of_gguf_are_those_of_the_reference_reader() -> None:
    known = set(gguf.MODEL_ARCH_NAMES.values())
    assert sorted({*table()["gguf"]} - known) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Llama-2-7b-hf", ["7b"]),
        ("Mixtral 8x7B", ["8x7B"]),
        ("Qwen2.5-0.5B-Instruct", ["0.5B"]),
        ("opt-125m", ["125m"]),
        ("Qwen3-30B-A3B", ["30B"]),
        ("gemma-3n-E4B", []),
        ("laion2B-s34B-b79K", []),
        ("phi-3-mini-128k", []),
        ("ViT-B-32", []),
        ("v1.7Beta", []),
    ],
)
def test_finds_sizes_in_names(text: str, expected: list[str]) -> None:
    assert [size.text for size in sizes(text)] == expected


def test_a_name_rounds() -> None:
    (seven,) = sizes("7B")
    assert [seven.fits(n, n) for n in (6_738_415_616, 7_248_023_552, 7_615_616_512)] == [True] * 3
    (eight,) = sizes("8x7B")
    assert eight.fits(46_702_792_704, 46_702_792_704)
    assert [rounded(n) for n in (12, 1_500_000, 6_738_415_616)] == ["12", "1.5M", "6.74B"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("llama-7b.Q4_K_M.gguf", ["Q4_K_M"]),
        ("m-UD-IQ2_XXS.gguf", ["IQ2_XXS"]),
        ("m-q8_0.gguf", ["q8_0"]),
        ("m-q4.gguf", ["q4"]),
        ("m-TQ1_0.gguf", ["TQ1_0"]),
        ("m-MXFP4.gguf", ["MXFP4"]),
        ("m-bf16.gguf", ["bf16"]),
        ("m-fp16.gguf", ["fp16"]),
        ("qwq-32b.gguf", []),
        ("m.gguf", []),
    ],
)
def test_finds_labels_in_names(name: str, expected: list[str]) -> None:
    assert list(labels(name)) == expected


def test_labels_promise_bits() -> None:
    found = [bits(each) for each in ("Q4_K_M", "IQ1_S", "TQ2_0", "MXFP4", "bf16", "F32", "great")]
    assert found == [4, 1, 2, 4, 16, 32, 0]
    assert [of_file_type(each) for each in ("15", "1039", "7777", "x", "")] == [
        "Q4_K_M",
        "Q4_K_M",
        "",
        "",
        "",
    ]


def test_layers_are_counted_in_each_stack() -> None:
    names = [
        "encoder.layers.0.self_attn.q",
        "encoder.layers.5.self_attn.q",
        "vision.blocks.1.attn.q",
        "decoder.layers.9.mlp.up",
        "h.99999.attn.q",
        "0.attention.q",
    ]
    assert layers(names) == {"encoder.layers": 6, "vision.blocks": 2}


def test_layers_of_hybrids_count_whether_they_have_attention_or_not() -> None:
    assert layers(["model.layers.4.self_attn.q", "model.layers.7.mamba.a"]) == {"model.layers": 8}


@pytest.mark.parametrize(
    "said",
    [
        {"num_hidden_layers": 6, "text_config": {"num_hidden_layers": 4}},
        {"num_hidden_layers": 8, "n_recurrent_loops": 2},
        {"num_hidden_layers": 8, "L_cycles": 2},
    ],
    ids=["a part inside", "loops", "cycles"],
)
def test_layers_that_are_used_again_or_counted_elsewhere_are_no_difference(
    said: dict[str, Any],
) -> None:
    config = read("config.json", {"model_type": "x", **said})
    assert findings(config, read("model.safetensors", weights(LLAMA))) == []


def test_families_that_are_not_known_are_not_compared() -> None:
    asked = [("llama", "mistral"), ("llama", "qwen2"), ("llama", "x"), ("x", "llama")]
    assert [same_family(*each) for each in asked] == [True, False, None, None]
    assert part_of_names("x") is None


def test_a_card_names_the_model_that_its_weights_are() -> None:
    card = read("README.md", b"---\nmodel_name: Mistral-7B-v0.1-tuned\n---\n")
    config = read("config.json", {"model_type": "mistral", "num_local_experts": 8})
    small = read("model.safetensors", weights(LLAMA))
    assert [said for *_, said in findings(card, small)] == [
        "model_name of the card says 7B, the weights hold 192 parameters"
    ]
    assert [said for *_, said in findings(card, small, config)] == [
        "model_name of the card says 7B, the weights hold 192 parameters"
    ]


def test_packed_weights_hold_up_to_as_many_parameters_as_fit() -> None:
    packed = Tensor(name="l.qweight", dtype="I32", shape=(8, 64))
    file = Artifact(("model.safetensors",), 8, formats=("safetensors",), facts=(packed,))
    card = read("README.md", b"---\nmodel_name: Ours 7B\n---\n")
    found = [said for *_, said in findings(card, file)]
    assert found == ["model_name of the card says 7B, the weights hold 512 to 8192 parameters"]


def test_the_weights_of_a_lora_in_gguf_are_a_part() -> None:
    facts = (
        Metadata(key="general.size_label", value="7B"),
        Tensor(name="blk.0.attn_q.weight.lora_a", dtype="F32", shape=(2, 2)),
    )
    assert findings(Artifact(("a.gguf",), 8, formats=("gguf",), facts=facts)) == []
