"""Hold our counts against the libraries' own, for quantised models and adapters that they write.

Usage: python benchmarks/quantised.py [--aibom AIBOM] [--only NAME …] [--record] FOLDER

Run it in an environment with torch, transformers, peft and as many of the quantising libraries as
there are; AIBOM is the command in another. A small Llama with random weights is quantised by each
into FOLDER: the count to agree with is the one of the model before. Of an adapter, it is what peft
calls trainable; what trains more than it saves (AdaLoRA, prompt encoders) counts as it is saved.
`--record` prints what was written as `fixtures/framework_counts.txt` has it. A recipe whose library
is not there, or needs another machine, is told and left out.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import struct
import subprocess
import sys
from collections import Counter
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

torch: Any = import_module("torch")  # none is there where the types are checked
transformers: Any = import_module("transformers")

COUNT = "cdx:ai-ml:model:parameter:count"
GROUP = 32
SIZES = {
    "vocab_size": 64, "hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 1,
    "num_attention_heads": 4, "num_key_value_heads": 2, "tie_word_embeddings": False,
}  # fmt: skip
Options: TypeAlias = dict[str, Any]
TARGETS: Options = {"target_modules": ["q_proj", "v_proj"]}
CAUSAL: Options = {"task_type": "CAUSAL_LM"}
RANK: Options = {**TARGETS, "r": 4}
SAVED = frozenset({"PromptEncoder", "AdaLora"})  # train more than they save
Recipe: TypeAlias = Any  # a function of the folder of the base and of the one to write


def base(folder: Path) -> int:
    """Write the model that all recipes quantise, and return how many parameters it has."""
    torch.manual_seed(0)
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**SIZES)).to(torch.bfloat16)
    model.save_pretrained(folder)
    tokenizers: Any = import_module("tokenizers")
    unknown = {"unk_token": "w0"}
    words = tokenizers.models.WordLevel({f"w{n}": n for n in range(64)}, **unknown)
    tokenizer = tokenizers.Tokenizer(words)
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **unknown)
    fast.save_pretrained(folder)
    return int(model.num_parameters())


def load(source: Path, config: object = None) -> Any:  # noqa: ANN401 - of the framework
    """Return the base, quantised as `config` says."""
    return transformers.AutoModelForCausalLM.from_pretrained(
        source, quantization_config=config, device_map="cpu", dtype=torch.bfloat16
    )


def bitsandbytes(source: Path, folder: Path, **options: object) -> None:
    """Quantise while loading."""
    load(source, transformers.BitsAndBytesConfig(**options)).save_pretrained(folder)


def torchao(source: Path, folder: Path, name: str, **options: Any) -> None:  # noqa: ANN401
    """Quantise while loading, by a configuration of torchao."""
    library: Any = import_module("torchao.quantization")
    if not hasattr(library, name):
        library = import_module("torchao.prototype.mx_formats")
    if "weight_dtype" in options:
        options["weight_dtype"] = getattr(torch, options["weight_dtype"])
        options["granularity"] = library.PerGroup(GROUP)
    config = transformers.TorchAoConfig(getattr(library, name)(**options))
    load(source, config).save_pretrained(folder)


def compressed(source: Path, folder: Path, scheme: str) -> None:
    """Quantise by a preset of compressed-tensors, without data."""
    compressor: Any = import_module("llmcompressor")
    modifiers: Any = import_module("llmcompressor.modifiers.quantization")
    model = load(source)
    recipe = modifiers.QuantizationModifier(targets="Linear", scheme=scheme, ignore=["lm_head"])
    compressor.oneshot(model=model, recipe=recipe, pipeline="datafree")
    model.save_pretrained(folder, save_compressed=True)


def quanto(source: Path, folder: Path, name: str) -> None:
    """Save the state of a frozen model, as quanto's guide does."""
    library: Any = import_module("optimum.quanto")
    model = load(source)
    library.quantize(model, weights=getattr(library, name))
    library.freeze(model)
    folder.mkdir()
    state = {key: value.contiguous() for key, value in model.state_dict().items()}
    import_module("safetensors.torch").save_file(state, folder / "model.safetensors")
    model.config.save_pretrained(folder)


def hqq(source: Path, folder: Path, bits: int) -> None:
    """Save in HQQ's own form."""
    models: Any = import_module("hqq.models.hf.base")
    quantize: Any = import_module("hqq.core.quantize")
    model = load(source)
    config = quantize.BaseQuantizeConfig(nbits=bits, group_size=GROUP)
    own = models.AutoHQQHFModel
    own.quantize_model(model, quant_config=config, compute_dtype=torch.bfloat16, device="cpu")
    own.save_quantized(model, folder)


def mlx(source: Path, folder: Path, **options: object) -> None:
    """Convert by mlx-lm."""
    import_module("mlx_lm").convert(
        hf_path=str(source), mlx_path=str(folder), quantize=True, **options
    )


def rounded(source: Path, folder: Path, form: str) -> None:
    """Round to nearest by AutoRound, written as other libraries do."""
    library: Any = import_module("auto_round")
    options = {"group_size": GROUP, "iters": 0, "disable_opt_rtn": True, "device_map": "cpu"}
    tokenizer = transformers.AutoTokenizer.from_pretrained(source)
    maker = library.AutoRound(load(source), tokenizer, scheme="W4A16", **options)
    maker.quantize_and_save(str(folder), format=form)


def gptq(source: Path, folder: Path, bits: int, **options: object) -> None:
    """Quantise by GPTQModel, with words drawn by lot."""
    os.cpu_count = lambda: 8  # its pools are too small on a machine of two cores
    library: Any = import_module("gptqmodel")
    config = library.QuantizeConfig(bits=bits, group_size=GROUP, device="cpu", **options)
    model = library.GPTQModel.load(str(source), config)
    ones = torch.ones(1, 300, dtype=torch.long)
    texts = [{"input_ids": torch.randint(0, 64, (1, 300)), "attention_mask": ones}] * 8
    model.quantize(texts, batch_size=1)
    model.save(str(folder))


def adapter(source: Path, folder: Path, name: str, **options: object) -> int:
    """Write an adapter and return how many parameters it has by peft."""
    peft: Any = import_module("peft")
    model = peft.get_peft_model(load(source), getattr(peft, f"{name}Config")(**options))
    model.save_pretrained(folder)
    if name in SAVED:
        return sum(each.numel() for each in peft.get_peft_model_state_dict(model).values())
    return int(model.get_nb_trainable_parameters()[0])


def recipes() -> dict[str, Recipe]:
    """Return all recipes by their names."""
    four: Options = {"load_in_4bit": True}
    found: dict[str, Recipe] = {
        "bitsandbytes NF4": partial(bitsandbytes, **four, bnb_4bit_quant_type="nf4"),
        "bitsandbytes FP4": partial(bitsandbytes, **four, bnb_4bit_quant_type="fp4"),
        "bitsandbytes, quantised twice": partial(
            bitsandbytes, **four, bnb_4bit_use_double_quant=True
        ),
        "bitsandbytes, 8 bits": partial(bitsandbytes, load_in_8bit=True),
        "torchao int8": partial(torchao, name="Int8WeightOnlyConfig"),
        "torchao int8, dynamic": partial(torchao, name="Int8DynamicActivationInt8WeightConfig"),
        "torchao int4 in bytes": partial(torchao, name="IntxWeightOnlyConfig", weight_dtype="int4"),
        "torchao int2 in bytes": partial(torchao, name="IntxWeightOnlyConfig", weight_dtype="int2"),
        "torchao int4": partial(torchao, name="Int4WeightOnlyConfig", group_size=GROUP),
        "torchao float8": partial(torchao, name="Float8WeightOnlyConfig"),
        "torchao NVFP4": partial(torchao, name="NVFP4WeightOnlyConfig"),
    }
    schemes = "W4A16 W4A16_ASYM W8A16 W8A8 INT8 FP8 FP8_DYNAMIC FP8_BLOCK W4AFP8 NVFP4 NVFP4A16"
    for scheme in [*schemes.split(), "MXFP4", "MXFP4A16", "MXFP8", "MXFP8A16"]:
        found[f"compressed-tensors {scheme}"] = partial(compressed, scheme=scheme)
    for name in ("qint8", "qint4", "qint2", "qfloat8"):
        found[f"quanto {name}"] = partial(quanto, name=name)
    for bits in (8, 4, 3, 2, 1):
        found[f"HQQ, {bits} bits"] = partial(hqq, bits=bits)
    for bits in (8, 4, 3, 2):
        found[f"GPTQ, {bits} bits"] = partial(gptq, bits=bits)
    found["AWQ"] = partial(gptq, bits=4, quant_method="awq", format="gemm")
    for bits in (2, 3, 4, 5, 6, 8):
        found[f"MLX, {bits} bits"] = partial(mlx, q_bits=bits, q_group_size=GROUP)
    for mode in ("mxfp4", "mxfp8", "nvfp4"):
        found[f"MLX {mode}"] = partial(mlx, q_mode=mode)
    found["MLX, mixed bits"] = partial(mlx, quant_predicate="mixed_3_6", q_group_size=GROUP)
    for form in ("auto_gptq", "auto_awq", "auto_round", "llm_compressor"):
        found[f"AutoRound as {form}"] = partial(rounded, form=form)
    return found | adapters()


def adapters() -> dict[str, Recipe]:
    """Return the recipes of adapters by their names."""
    lora: Callable[..., Recipe] = partial(partial, adapter, name="Lora", **CAUSAL)
    tokens: Options = {**CAUSAL, "num_virtual_tokens": 5}
    return {
        "LoRA": lora(**RANK),
        "LoRA with embeddings": lora(r=4, target_modules=["q_proj", "embed_tokens"]),
        "LoRA with modules saved": lora(**RANK, modules_to_save=["lm_head", "embed_tokens"]),
        "LoRA with tokens": lora(**RANK, trainable_token_indices=[1, 2, 3]),
        "LoRA of several ranks": lora(r=4, target_modules="all-linear", rank_pattern={"q_proj": 8}),
        "rsLoRA": lora(**RANK, use_rslora=True),
        "DoRA": lora(**RANK, use_dora=True),
        "AdaLoRA": partial(
            adapter, name="AdaLora", init_r=6, target_r=4, total_step=10, **TARGETS, **CAUSAL
        ),
        "IA3": partial(
            adapter, name="IA3", target_modules=["v_proj"], feedforward_modules=[], **CAUSAL
        ),
        "LoHa": partial(adapter, name="LoHa", **RANK),
        "LoKr": partial(adapter, name="LoKr", **RANK),
        "prompt tuning": partial(adapter, name="PromptTuning", **tokens),
        "prefix tuning": partial(adapter, name="PrefixTuning", **tokens),
        "p-tuning": partial(adapter, name="PromptEncoder", encoder_hidden_size=16, **tokens),
        "VeRA": partial(adapter, name="Vera", r=4, target_modules=["q_proj"], **CAUSAL),
        "VeRA without projections": partial(
            adapter, name="Vera", r=4, target_modules=["q_proj"], save_projection=False, **CAUSAL
        ),
        "RandLoRA": partial(adapter, name="RandLora", r=4, target_modules=["q_proj"], **CAUSAL),
        "SHiRA": partial(adapter, name="Shira", **RANK, **CAUSAL),
        "OFT": partial(adapter, name="OFT", oft_block_size=8, **TARGETS, **CAUSAL),
        "BOFT": partial(adapter, name="BOFT", boft_block_size=4, **TARGETS, **CAUSAL),
        "HRA": partial(adapter, name="HRA", **RANK, **CAUSAL),
        "FourierFT": partial(adapter, name="FourierFT", n_frequency=50, **TARGETS, **CAUSAL),
        "VB-LoRA": partial(
            adapter, name="VBLoRA", r=2, num_vectors=16, vector_length=8, **TARGETS, **CAUSAL
        ),
        "C3A": partial(adapter, name="C3A", block_size=8, **TARGETS, **CAUSAL),
        "MiSS": partial(adapter, name="Miss", **RANK, **CAUSAL),
        "LN tuning": partial(adapter, name="LNTuning", **CAUSAL),
        "trainable tokens": partial(adapter, name="TrainableTokens", token_indices=[1, 2, 3]),
        "adaption prompt": partial(
            adapter, name="AdaptionPrompt", adapter_len=4, adapter_layers=1, **CAUSAL
        ),
    }


def ours(aibom: str, folder: Path) -> list[str]:
    """Return the counts that the BOM of a folder has."""
    done = subprocess.run([aibom, "bom", str(folder)], capture_output=True, check=False)
    return [
        each["value"]
        for component in json.loads(done.stdout)["components"]
        for each in component.get("modelCard", {}).get("properties", ())
        if each["name"] == COUNT
    ]


def record(name: str, count: int, folder: Path) -> None:
    """Print what a safetensors file of the folder holds, without its values."""
    for path in sorted(folder.glob("*.safetensors"))[:1]:
        with path.open("rb") as file:
            length = struct.unpack("<Q", file.read(8))[0]
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        print(f"= {count} {name}")
        for tensor, told in sorted(header.items()):
            print(told["dtype"], "x".join(map(str, told["shape"])) or "-", tensor)


def check(name: str, make: Callable[[], int], folder: Path, aibom: str) -> str:
    """Return how the counts of one model compare, and print it unless they agree."""
    try:
        expected = make()
    except Exception as error:  # noqa: BLE001 - whatever a framework raises
        print(f"not made: {name}: {type(error).__name__}: {str(error)[:100]!r}")
        return "not made"
    found = ours(aibom, folder)
    if found == [str(expected)]:
        return "agree"
    print(f"{'differ' if found else 'unknown'}: {name}: the library has {expected}, aibom {found}")
    return "differ" if found else "unknown"


def main() -> None:
    """Compare all recipes, or those named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--aibom", default="aibom")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    source = options.folder / "base"
    count = base(source)
    counts: Counter[str] = Counter()
    for name, recipe in recipes().items():
        if options.only and name not in options.only:
            continue
        folder = options.folder / name.replace(" ", "-").replace(",", "")
        shutil.rmtree(folder, ignore_errors=True)

        def make(recipe: Recipe = recipe, folder: Path = folder) -> int:
            return recipe(source, folder) or count

        if options.record:
            record(name, make(), folder)
        else:
            counts[check(name, make, folder, options.aibom)] += 1
    print(f"# transformers {transformers.__version__}, torch {torch.__version__}: {dict(counts)}")
    sys.exit(bool(counts["differ"]))


if __name__ == "__main__":
    main()
