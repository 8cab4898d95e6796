"""Hold our counts of parameters against a framework's own, for every architecture that it can make.

Usage: python benchmarks/parameters.py --aibom AIBOM [--only TYPE …] [--keep FOLDER]

Run it in an environment with torch and transformers; AIBOM is the command in another. Each
architecture is made small from its default configuration, with random weights and up to two heads,
saved by `save_pretrained`, and read by AIBOM. What cannot be made small is told and left out.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

torch: Any = import_module("torch")  # neither is there where the types are checked
transformers: Any = import_module("transformers")
modeling_auto: Any = import_module("transformers.models.auto.modeling_auto")
CONFIGS: Any = transformers.CONFIG_MAPPING

COUNT = "cdx:ai-ml:model:parameter:count"
MOST = 30_000_000  # parameters; larger ones are left out
SECONDS = 40  # to make one
HEADS = 2  # of one architecture
MAPPINGS = (
    *("CAUSAL_LM", "MASKED_LM", "SEQ_TO_SEQ_CAUSAL_LM", "SEQUENCE_CLASSIFICATION"),
    *("IMAGE_CLASSIFICATION", "CTC", "IMAGE_TEXT_TO_TEXT"),
)
SIZES = {
    32: "hidden_size d_model n_embd dim embed_dim embedding_size word_embed_proj_dim hidden_dim "
    "lru_width attention_hidden_size rnn_hidden_size image_size",
    48: "intermediate_size ffn_dim encoder_ffn_dim decoder_ffn_dim d_ff mlp_dim",
    24: "moe_intermediate_size shared_expert_intermediate_size",
    2: "num_hidden_layers n_layer n_layers num_layers encoder_layers decoder_layers "
    "num_decoder_layers num_encoder_layers num_key_value_heads num_experts_per_tok type_vocab_size "
    "expand",
    4: "num_attention_heads n_head n_heads num_heads encoder_attention_heads conv_kernel "
    "decoder_attention_heads num_local_experts num_experts n_routed_experts rotary_dim "
    "qk_rope_head_dim time_step_rank",
    8: "head_dim d_kv patch_size qk_nope_head_dim v_head_dim state_size kv_channels",
    16: "projection_dim q_lora_rank kv_lora_rank",
    64: "max_position_embeddings n_positions n_ctx",
    99: "vocab_size",
    1: "first_k_dense_replace n_group topk_group bos_token_id eos_token_id",
    0: "pad_token_id decoder_start_token_id",
}
LAYERS = ("layer_types", "mlp_layer_types", "indexer_types")  # one word for each layer


def shrink(config: Any, depth: int = 0) -> None:  # noqa: ANN401 - of the framework
    """Make a configuration and those inside of it as small as the framework lets them be."""
    for key in LAYERS:
        kinds: Any = getattr(config, key, None) or ()
        if len(kinds) > 2:  # noqa: PLR2004 - layers
            other = next((kind for kind in kinds if kind != kinds[-1]), kinds[-1])
            object.__setattr__(config, key, [other, kinds[-1]])
    for size, keys in SIZES.items():
        for key in keys.split():
            found = getattr(config, key, None)
            if isinstance(found, int) and not isinstance(found, bool) and found > size:
                setattr(config, key, size)
    inside: list[Any] = list(getattr(config, "__dict__", {}).values()) if depth < 3 else []  # noqa: PLR2004 - levels
    for inner in inside:
        if hasattr(inner, "model_type"):
            shrink(inner, depth + 1)


def classes(config: type) -> list[Any]:
    """Return the classes of models of a configuration, those with a head first."""
    names = [f"MODEL_FOR_{each}_MAPPING" for each in MAPPINGS] + ["MODEL_MAPPING"]
    found: dict[Any, None] = {}
    for mapping in (getattr(modeling_auto, name) for name in names):
        if config in mapping:
            made = mapping[config]
            found[made[0] if isinstance(made, (tuple, list)) else made] = None
    return list(found)[:HEADS]


def saved(kind: Callable[..., Any], config: type, folder: Path) -> int | None:
    """Write a model into `folder` and return its own count; None if it would be large."""
    small = config()
    shrink(small)
    with torch.device("meta"):
        size = sum(each.numel() for each in kind(small).parameters())
    if size > MOST:
        return None
    torch.manual_seed(0)
    model = kind(small)
    model.save_pretrained(folder)
    return int(model.num_parameters())


def ours(aibom: str, folder: Path) -> list[str]:
    """Return the counts that the BOM of a folder has."""
    done = subprocess.run([aibom, "bom", str(folder)], capture_output=True, check=False)
    return [
        each["value"]
        for component in json.loads(done.stdout)["components"]
        for each in component.get("modelCard", {}).get("properties", ())
        if each["name"] == COUNT
    ]


def check(name: str, kind: Callable[..., Any], config: type, folder: Path, aibom: str) -> str:
    """Return how the counts of one model compare, and print it unless they agree."""
    signal.alarm(SECONDS)
    try:
        count = saved(kind, config, folder)
    except Exception as error:  # noqa: BLE001 - whatever a framework raises
        print(f"not made: {name}: {type(error).__name__}: {str(error)[:100]!r}")
        return "not made"
    finally:
        signal.alarm(0)
    if count is None:
        return "too large"
    found = ours(aibom, folder)
    if found == [str(count)]:
        return "agree"
    print(f"differ: {name}: the framework has {count}, aibom {found}")
    return "differ"


def stop(*_: object) -> NoReturn:
    """End what takes too long."""
    raise TimeoutError(f"more than {SECONDS} seconds")


def main() -> None:
    """Compare all architectures, or those named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--aibom", required=True)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, stop)
    counts: Counter[str] = Counter()
    types: set[str] = set()
    with tempfile.TemporaryDirectory() as scratch:
        for model_type in options.only or sorted(map(str, CONFIGS)):
            for kind in classes(CONFIGS[model_type]):
                name = f"{model_type}--{kind.__name__}"
                folder = (options.keep or Path(scratch)) / name
                told = check(name, kind, CONFIGS[model_type], folder, options.aibom)
                counts[told] += 1
                types |= {model_type} if told in {"agree", "differ"} else set()
    print(f"transformers {transformers.__version__}, torch {torch.__version__}: {dict(counts)}, ")
    print(f"{len(types)} architectures compared")
    sys.exit(bool(counts["differ"]))


if __name__ == "__main__":
    main()
