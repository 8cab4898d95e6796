"""Parameters are counted as the frameworks count them: packed ones unpacked, tied ones once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aibom.bom.counting import Count, count, elements
from aibom.scanners.facts import Tensor
from aibom.scanners.source import Span

from .counted import SAFETENSORS, Row, counted


def test_quantised_onnx_weights_count_and_their_scales_do_not() -> None:
    rows: list[Row] = [
        ("W_quantized", "UINT8", (64, 32)),
        ("W_scale", "FLOAT", ()),
        ("W_zero_point", "UINT8", ()),
        ("b", "FLOAT", (32,)),
        ("shape", "INT64", (2,)),
    ]
    assert counted(rows, formats=frozenset({"onnx"})) == Count(2080, 4)


BUFFERS: dict[str, Row] = {
    "running mean": ("bn.running_mean", "F32", (8,)),
    "batches": ("bn.num_batches_tracked", "I64", ()),
    "positions": ("embeddings.position_ids", "I64", (1, 512)),
    "rotary frequencies": ("layers.0.self_attn.rotary_emb.inv_freq", "F32", (64,)),
    "a causal mask of bytes": ("h.0.attn.bias", "U8", (1, 1, 64, 64)),
    "a causal mask of floats": ("h.0.attn.bias", "F32", (1, 1, 64, 64)),
    "a masked value": ("h.0.attn.masked_bias", "F32", ()),
    "a router's correction": ("mlp.gate.e_score_correction_bias", "F32", (8,)),
    "a load that experts are told": ("layers.0.mlp.gate.balancing_biases", "F32", (8,)),
    "a decay that is fixed": ("layers.0.self_attn.key_decay", "F32", (4, 256, 1)),
    "a constant of an activation": ("layers.0.mlp.act_fn.beta", "F32", ()),
    "a bound of what goes in": ("layers.0.self_attn.q_proj.input_max", "F32", ()),
    "a code book": ("quantizer.layers.0.codebook.embed", "F32", (16, 8)),
    "a copy in integers": ("word_embeddings.weight_integer", "F32", (99, 8)),
    "a mean of all inputs": ("encoder_embedding.global_mean", "F32", (80,)),
    "a bias of logits that are none": ("final_logits_bias", "F32", (1, 8)),
    "an optimizer's state": ("optimizer.state.0.exp_avg", "F32", (8,)),
    "a second copy, averaged": ("state_dict_ema.w", "F32", (8,)),
    "a projection that adapters share": ("base_model.vera_A", "F32", (4, 64)),
    "where weights stand": ("l.shira_indices", "I32", (2, 1024)),
    "a buffer of a module pickled whole": ("_modules.l._buffers.mean", "F32", (3,)),
    "a truth value": ("mask", "BOOL", (4096,)),
    "a small constant": ("axes", "I32", (4,)),
}


@pytest.mark.parametrize("row", BUFFERS.values(), ids=BUFFERS)
def test_what_is_not_learned_is_no_parameter(row: Row) -> None:
    size = elements([Tensor(name="", dtype="", shape=row[2])])
    assert counted([("w", "F32", (2, 3)), row]) == Count(6, size or 0)


NORM: list[Row] = [(f"bn.{name}", "F32", (8,)) for name in ("weight", "bias", "running_mean")]
NORM.append(("bn.running_var", "F32", (8,)))
BATCHES: Row = ("bn.num_batches_tracked", "I64", ())


@pytest.mark.parametrize(
    ("rows", "formats", "expected"),
    [
        pytest.param([*NORM, BATCHES], SAFETENSORS, Count(16, 17), id="one that learns"),
        pytest.param(NORM, SAFETENSORS, Count(0, 32), id="a frozen one"),
        pytest.param(NORM, {"torch-legacy"}, Count(16, 16), id="one older than that count"),
    ],
)
def test_a_batch_norm_that_counts_no_batches_is_frozen(
    rows: list[Row], formats: frozenset[str], expected: Count
) -> None:
    assert counted(rows, formats=formats) == expected


BESIDE: dict[str, tuple[list[Row], Count]] = {
    "a router whose bias is learnt, of ERNIE": (
        [("mlp.moe_statics.e_score_correction_bias", "F32", (1, 8))],
        Count(8, 0),
    ),
    "a router whose bias is learnt, of AFMoE": ([("mlp.expert_bias", "F32", (4,))], Count(4, 0)),
    "a router whose bias is not, of Hunyuan": (
        [("mlp.expert_bias", "F32", (4,)), ("mlp.shared_mlp.up_proj.weight", "F32", (8, 8))],
        Count(64, 4),
    ),
    "a router whose bias is not, of DeepSeek": (
        [("ffn.gate.bias", "F32", (4,)), ("ffn.experts.0.w1.weight", "F32", (8, 8))],
        Count(64, 4),
    ),
    "a gate whose bias is learnt": ([("mlp.gate.bias", "F32", (4,))], Count(4, 0)),
    "what a vocoder takes off its input": (
        [("vocoder.mean", "F32", (80,)), ("vocoder.scale", "F32", (80,))],
        Count(0, 160),
    ),
    "a scale that is learnt": ([("scale", "F32", (80,)), ("mean", "F32", (4,))], Count(84, 0)),
    "how strongly an adapter counts": (
        [
            ("l.alpha", "F16", ()),
            ("l.lora_down.weight", "F16", (4, 8)),
            ("l.lora_up.weight", "F16", (8, 4)),
        ],
        Count(64, 1),
    ),
    "an alpha that is learnt": (
        [
            ("snake.alpha", "F32", (1,)),
            ("l.alpha", "F32", (8,)),
            ("l.lora_down.weight", "F32", (1, 8)),
        ],
        Count(17, 0),
    ),
    "the embeddings that an adapter is for": (
        [
            ("m.embed_tokens.base_layer.weight", "F32", (64, 8)),
            ("m.embed_tokens.lora_embedding_A", "F32", (4, 64)),
            ("m.embed_tokens.lora_embedding_B", "F32", (8, 4)),
        ],
        Count(288, 512),
    ),
    "a layer that another wraps": ([("m.base_layer.weight", "F32", (8, 8))], Count(64, 0)),
    "a weight of floats that is called as a packed one": (
        [("attn.W_q", "F32", (8, 8)), ("attn.scale", "F32", (8,))],
        Count(72, 0),
    ),
    "places of SAM, which are learnt": (
        [("shared_image_embedding.positional_embedding", "F32", (2, 8))],
        Count(16, 0),
    ),
    "places of SAM 2, which are not": (
        [
            ("m.shared_image_embedding.positional_embedding", "F32", (2, 8)),
            ("m.prompt_encoder.shared_embedding.positional_embedding", "F32", (2, 8)),
        ],
        Count(0, 32),
    ),
}


@pytest.mark.parametrize(("rows", "expected"), BESIDE.values(), ids=BESIDE)
def test_what_stands_beside_a_tensor_tells_whether_it_is_learnt(
    rows: list[Row], expected: Count
) -> None:
    assert counted(rows) == expected


def test_impossible_shapes_have_no_sum() -> None:
    assert elements([Tensor(name="", dtype="F32", shape=(-1,))]) is None
    assert elements([Tensor(name="", dtype="F32", shape=(2**63, 2**63, 2))]) is None
    assert elements([Tensor(name="", dtype="F32", shape=(2**63,))] * 3) is None


def test_a_format_whose_tensors_are_no_model_is_not_counted() -> None:
    assert counted([("w", "F32", (2,))], formats=frozenset({"npy", "zip"})) is None


def test_gguf_counts_every_tensor_as_its_reader_does() -> None:
    rows: list[Row] = [("token_embd.weight", "Q4_K", (32, 256)), ("rope_freqs.weight", "F32", (8,))]
    assert counted(rows, formats=frozenset({"gguf"})) == Count(8200, 0)


def test_one_run_of_bytes_under_two_names_counts_once() -> None:
    tied = [Tensor(name=n, dtype="F32", shape=(2, 3), at=Span(8, 24)) for n in ("embed", "head")]
    assert count([(("m",), each) for each in tied], SAFETENSORS) == Count(6, 0)


def test_views_of_one_storage_count_apart_and_the_same_view_once() -> None:
    views = [
        Tensor(name=name, dtype="F32", shape=(3,), storage="0", offset=offset)
        for name, offset in (("q", 0), ("k", 12), ("also q", 0))
    ]
    assert count([(("m", "data.pkl"), each) for each in views], {"torch-zip"}) == Count(6, 0)


def test_views_that_share_a_part_of_a_storage_make_no_count() -> None:
    views = [
        Tensor(name=name, dtype="F32", shape=shape, storage="0", offset=offset)
        for name, shape, offset in (("all", (6,), 0), ("second half", (3,), 12))
    ]
    assert count([(("m",), each) for each in views], {"torch-zip"}) is None
    assert count([(("m",), views[0])], {"torch-zip"}) == Count(6, 0)


def test_storages_of_two_files_are_never_the_same() -> None:
    one = Tensor(name="w", dtype="F32", shape=(3,), storage="0")
    assert count([(("a",), one), (("b",), one)], {"torch-zip"}) == Count(6, 0)


def test_what_torchscript_keeps_beside_a_model_is_no_parameter() -> None:
    one = Tensor(name="w", dtype="F32", shape=(3,), storage="0")
    beside = [(("m", f"m/{name}.pkl"), one) for name in ("constants", "traced_inputs")]
    assert count([(("m", "m/data.pkl"), one), *beside], {"torch-zip"}) == Count(3, 6)


def test_tensors_whose_place_is_not_known_count_each() -> None:
    one = Tensor(name="w", dtype="F32", shape=(3,))
    assert count([(("a",), one), (("a",), one)], {"torch-zip"}) == Count(6, 0)


rows = st.lists(
    st.tuples(
        st.sampled_from(
            ["l.weight", "l.qweight", "l.qzeros", "l.scales", "l.weight_packed", "x_blocks", "b"]
        ),
        st.sampled_from(["F32", "I32", "U8", "U32", "I64"]),
        st.lists(st.integers(0, 70), max_size=3).map(tuple),
    ),
    max_size=6,
    unique_by=lambda row: row[0],
)


@given(rows, st.sampled_from([None, 3, 4, 8]))
def test_order_changes_no_count_and_nothing_counts_for_more_than_its_bits(
    rows: list[Row], bits: int | None
) -> None:
    found = counted(rows, bits)
    assert counted(rows[::-1], bits) == found
    if found is not None:
        total = elements(Tensor(name="", dtype="", shape=shape) for _, _, shape in rows)
        assert found.parameters <= (total or 0) * 32
