"""A folder that fills every row of the profile; the formats' own libraries write its weights."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import gguf
import numpy as np
from onnx import TensorProto, helper, numpy_helper

from tests.helpers.checkout import ROOT

if TYPE_CHECKING:
    from pathlib import Path

COMMIT = "0e9e39f249a16976918f6564b8830bc894c89659"
README = """---
license: llama3.1
language: [en, de]
pipeline_tag: text-generation
library_name: transformers
base_model: meta-llama/Llama-3.1-8B
base_model_relation: finetune
datasets: [tatsu-lab/alpaca]
tags: [sft, trl]
co2_eq_emissions:
  emissions: 12.3
  source: CodeCarbon
unheard_of: 1
model-index:
- name: demo
  results:
  - task: {type: text-generation}
    dataset: {name: MMLU, type: cais/mmlu, split: test}
    metrics:
    - {type: accuracy, value: 0.71}
---
# Demo

A model that shows every field.

## Uses

### Direct Use

Chat in two languages.

### Out-of-Scope Use

Medicine.

## Bias, Risks, and Limitations

It cannot count.

## Ethical considerations

It may offend.

## Environmental Impact

A small oven for an hour.
"""
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "auto_map": {"AutoModel": "modeling_demo.Demo", "AutoConfig": "other/code--conf.Config"},
    "hidden_size": 8,
    "max_position_embeddings": 128,
    "model_type": "llama",
    "num_attention_heads": 2,
    "num_hidden_layers": 1,
    "num_key_value_heads": 1,
    "rope_theta": 10000.0,
    "torch_dtype": "bfloat16",
    "transformers_version": "4.44.0",
    "vocab_size": 32,
    "_name_or_path": "somebody/else",
}
TEMPLATE = "{% for m in messages %}{{ m.content }}{% endfor %}"


def write(folder: Path) -> Path:
    """Write the model into `folder`, which is made, and return it."""
    folder.mkdir(parents=True)
    _texts(folder)
    _shards(folder)
    _graph(folder / "model.onnx")
    _gguf(folder / "model-q8_0.gguf")
    return folder


def _texts(folder: Path) -> None:
    (folder / "README.md").write_text(README, encoding="utf-8")
    (folder / "LICENSE").write_bytes((ROOT / "LICENSE").read_bytes())
    (folder / "modeling_demo.py").write_text("class Demo:\n    pass\n", encoding="utf-8")
    (folder / "weights.sig").write_bytes(b"\x01\x02")
    _json(folder / "config.json", CONFIG)
    _json(folder / "generation_config.json", {"temperature": 0.6})
    _json(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "LlamaTokenizer", "chat_template": TEMPLATE},
    )
    _json(folder / "trainer_state.json", {"log_history": [], "global_step": 7})
    record = folder / ".cache" / "huggingface" / "download" / "config.json.metadata"
    record.parent.mkdir(parents=True)
    record.write_text(f"{COMMIT}\n{'1' * 40}\n1700000000.5\n", encoding="ascii")


def _json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


def _shards(folder: Path) -> None:
    shards: tuple[dict[str, Any], ...] = (
        {"model.embed_tokens.weight": np.ones((32, 8), np.float32)},
        {"model.layers.0.mlp.up_proj.weight": np.ones((16, 8), np.float16)},
    )
    index: dict[str, str] = {}
    save: Any = import_module("safetensors.numpy").save_file
    for number, tensors in enumerate(shards, 1):
        name = f"model-{number:05}-of-00002.safetensors"
        save(tensors, folder / name, metadata={"format": "pt"})
        index |= dict.fromkeys(tensors, name)
    _json(folder / "model.safetensors.index.json", {"weight_map": index})


def _graph(path: Path) -> None:
    weight = numpy_helper.from_array(np.ones((4, 2), np.float32), "W")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["X", "W"], ["Y"])],
        "main",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["N", 4])],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, ["N", 2])],
        [weight],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, producer_name="pytorch", opset_imports=opset)
    model.doc_string = "One layer."
    save: Any = import_module("onnx").save
    save(model, path)


def _gguf(path: Path) -> None:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("Demo")
    writer.add_author("A. Author")
    writer.add_organization("Acme")
    writer.add_version("1.2")
    writer.add_repo_url("https://huggingface.co/acme/demo")
    writer.add_license("mit")
    writer.add_context_length(128)
    writer.add_block_count(1)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_base_model_count(1)
    writer.add_base_model_name(0, "Base")
    writer.add_base_model_repo_url(0, "https://huggingface.co/acme/base")
    writer.add_dataset_count(1)
    writer.add_dataset_name(0, "Corpus")
    writer.add_chat_template(TEMPLATE)
    packed = gguf.quants.quantize(np.ones((4, 64), np.float32), gguf.GGMLQuantizationType.Q8_0)
    kind = gguf.GGMLQuantizationType.Q8_0
    writer.add_tensor("token_embd.weight", packed, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
