"""What a metadata key says, by the sort of document that it stands in.

Only keys that name one thing without doubt are taken; every other one is counted, so that nothing
is dropped in silence. Keys are whole paths (``quantization_config.bits``), an item of a list with
its number (``language[2]``). Their meanings are those of transformers' configurations, of the Hub's
model cards, of GGUF's and the modelspec's specifications, and of kohya's trainer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from ..scanners.placeholders import is_placeholder
from .model import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Meaning: TypeAlias = tuple[Field, str]  # and its `detail`
    MeaningOf: TypeAlias = Callable[[str], Meaning | None]

ITEM = re.compile(r"\[\d+\]$")
ARGUMENTS = "training_args."
INDEX_NAME = re.compile(r"model-index\[\d+\]\.name")
PART = re.compile(r"(?:text_config|language_config|llm_config|decoder)\.(.+)")


def _table(**fields: str) -> dict[str, Field]:
    return {key: Field[name] for name, keys in fields.items() for key in keys.split()}


CARD = _table(
    TASK="pipeline_tag",
    LANGUAGE="language",
    TAG="tags",
    MODEL_NAME="model_name",
    AUTHOR="quantized_by body.developed-by",
    BASE_RELATION="base_model_relation",
    DESCRIPTION="body.first-paragraph",
)
CONFIG = _table(
    ARCHITECTURE_FAMILY="model_type",
    ARCHITECTURE="architectures _class_name architecture",  # the last is timm's
    CONTEXT_LENGTH="max_position_embeddings n_positions n_ctx seq_length max_seq_len"
    " max_sequence_length",
    VOCABULARY="vocab_size",
    WIDTH="hidden_size n_embd d_model",
    FEED_FORWARD="intermediate_size ffn_dim d_ff",
    LAYERS="num_hidden_layers n_layer n_layers num_layers",
    HEADS="num_attention_heads n_head n_heads num_heads",
    KEY_VALUE_HEADS="num_key_value_heads num_kv_heads n_head_kv",
    EXPERTS="num_local_experts num_experts n_routed_experts moe_num_experts",
    EXPERTS_USED="num_experts_per_tok num_experts_per_token moe_topk",
    DTYPE="torch_dtype dtype",
)
IDENTITY = frozenset(  # keys of a configuration that are no hyper-parameters
    {"_name_or_path", "name_or_path", "transformers_version", "_diffusers_version", "peft_version"}
)
SKOPS = "sklearn."  # what skops keeps of a model of scikit-learn: columns, examples
SPACY = _table(  # of a pipeline's meta.json
    LANGUAGE="lang",
    MODEL_NAME="name",
    VERSION="version",
    DESCRIPTION="description",
    AUTHOR="author",
    ADDRESS="url",
)
NAMING = frozenset({Field.AUTHOR, Field.SUPPLIER, Field.VERSION, Field.MODEL_NAME})
TOKENIZER = _table(TOKENIZER="tokenizer_class", INPUT_LENGTH="model_max_length")
SENTENCES = _table(INPUT_LENGTH="max_seq_length")  # of sentence-transformers
LENGTH = re.compile(r"[1-9]\d{0,7}", re.ASCII)  # a tokenizer without a limit says 10 to the 30th
GGUF = _table(
    ARCHITECTURE_FAMILY="general.architecture",
    MODEL_NAME="general.name",
    AUTHOR="general.author general.quantized_by",
    SUPPLIER="general.organization",
    VERSION="general.version",
    DESCRIPTION="general.description",
    ADDRESS="general.url general.repo_url",
    LANGUAGE="general.languages",
    TAG="general.tags",
    TOKENIZER="tokenizer.ggml.model",
)
GGUF_OF_ARCHITECTURE = _table(  # behind the name of the architecture: "llama.context_length"
    CONTEXT_LENGTH="context_length",
    VOCABULARY="vocab_size",
    WIDTH="embedding_length",
    FEED_FORWARD="feed_forward_length",
    ROPE="rope.dimension_count",
    LAYERS="block_count",
    HEADS="attention.head_count",
    KEY_VALUE_HEADS="attention.head_count_kv",
    EXPERTS="expert_count",
    EXPERTS_USED="expert_used_count",
)
GGUF_KEY = re.compile(r"([\w-]+)\.(.+)")
GGUF_NAMESPACES = frozenset({"general", "tokenizer", "split", "quantize", "imatrix"})
GGUF_QUANTISATION = {
    "general.file_type": "file_type",  # a number of llama.cpp's enum llama_ftype
    "general.quantization_version": "version",
    "general.size_label": "size_label",
}
MODELSPEC = {
    "modelspec.title": Field.MODEL_NAME,
    "modelspec.author": Field.AUTHOR,
    "modelspec.description": Field.DESCRIPTION,
    "modelspec.architecture": Field.ARCHITECTURE,
    "modelspec.usage_hint": Field.USE_CASES,
}
ONNX = {"doc_string": Field.DESCRIPTION, "author": Field.AUTHOR, "model_author": Field.AUTHOR}
TFLITE = _table(  # what the authors of a TensorFlow Lite model put into its metadata
    MODEL_NAME="metadata.name",
    DESCRIPTION="metadata.description",
    VERSION="metadata.version",
    AUTHOR="metadata.author",
)
KERAS = {"class_name": Field.ARCHITECTURE}  # "Functional", or a class of the author's
PRODUCERS = {  # of ONNX, safetensors and Keras: what wrote the file, and for which framework
    "tensorflow_version": "tensorflow",
    "producer_name": "",
    "producer_version": "version",
    "format": "framework",
    "keras_version": "keras_version",
    "backend": "backend",
}
KOHYA = re.compile(  # what its trainer writes into the metadata of safetensors
    r"ss_((?:unet_|text_encoder_)?lr|learning_rate|network_(?:dim|alpha|module)|num_epochs|epoch"
    r"|steps|max_train_steps|optimizer|lr_scheduler|lr_warmup_steps|(?:total_)?batch_size(?:_per_device)?"
    r"|seed|mixed_precision|clip_skip|max_grad_norm|noise_offset|gradient_accumulation_steps)"
)


def of_card(key: str) -> Meaning | None:
    """Return what a key of a model card's front matter says."""
    if key.startswith("co2_eq_emissions"):
        return Field.EMISSIONS, key.removeprefix("co2_eq_emissions").lstrip(".")
    if INDEX_NAME.fullmatch(key):
        return Field.MODEL_NAME, ""
    return _plain(CARD, ITEM.sub("", key))


def of_config(key: str) -> Meaning | None:
    """Return what a key of a model's configuration says."""
    plain = ITEM.sub("", key)
    part = PART.fullmatch(plain)
    meant = _plain(CONFIG, part[1] if part else plain)
    if meant and not (part and meant[0] in {Field.ARCHITECTURE, Field.ARCHITECTURE_FAMILY}):
        return meant
    if plain == f"{SKOPS}task":
        return Field.TASK, ""
    if plain != key or part or plain.startswith(SKOPS):
        return None
    if plain.startswith(("quantization_config.", "compression_config.")):
        return Field.QUANTISATION, plain.partition(".")[2]
    is_label = plain.endswith("_token_id") or plain.startswith(
        ("id2label.", "task_specific_params.")
    )
    return None if is_label or plain in IDENTITY else (Field.HYPERPARAMETER, plain)


def of_adapter(key: str) -> Meaning | None:
    """Return what a key of an adapter's configuration says."""
    plain = ITEM.sub("", key)
    if plain == "peft_type":
        return Field.TUNE_METHOD, ""
    is_identity = plain in IDENTITY | {"base_model_name_or_path", "task_type", "revision"}
    return None if is_identity else (Field.HYPERPARAMETER, plain)


def of_tokenizer(key: str) -> Meaning | None:
    """Return what a key of a tokenizer's configuration says."""
    return _plain(TOKENIZER, key)


def of_spacy(key: str) -> Meaning | None:
    """Return what a key of a spaCy pipeline's own description says."""
    return _plain(SPACY, key)


def of_sentences(key: str) -> Meaning | None:
    """Return what a key of sentence-transformers' configuration of its first module says."""
    return _plain(SENTENCES, key) or (Field.HYPERPARAMETER, key)


def says(meant: Meaning | None, value: str) -> Meaning | None:
    """Return what a key means if a value of it says something: "unknown" is no name."""
    if meant is None or (meant[0] is Field.INPUT_LENGTH and not LENGTH.fullmatch(value)):
        return None
    if meant[0] in NAMING and is_placeholder(value):
        return None
    return meant if value else None


def of_generation(key: str) -> Meaning | None:
    """Return what a key of the defaults of generating says."""
    return None if key.startswith("_") or key in IDENTITY else (Field.GENERATION, key)


def of_trainer(key: str) -> Meaning | None:
    """Return what a key of a trainer's state says."""
    return None if key.startswith("best_") else (Field.HYPERPARAMETER, key)


def of_arguments(key: str) -> Meaning | None:
    """Return what a key of a trainer's pickled arguments says."""
    is_cut = key in UNTOLD or not key.startswith(ARGUMENTS)
    return None if is_cut else (Field.HYPERPARAMETER, key.removeprefix(ARGUMENTS))


def of_recipe(key: str) -> Meaning:
    """Return what a key of a merge recipe says: every one is a parameter of the merge."""
    return Field.HYPERPARAMETER, key


def of_weights(key: str) -> Meaning | None:
    """Return what a key of the metadata inside a file of weights says."""
    plain = ITEM.sub("", key)
    for table in (GGUF, MODELSPEC, ONNX, TFLITE, KERAS):
        if meant := _plain(table, plain):
            return meant
    if plain in GGUF_QUANTISATION:
        return Field.QUANTISATION, GGUF_QUANTISATION[plain]
    if plain in PRODUCERS:
        return Field.PRODUCER, PRODUCERS[plain]
    if kohya := KOHYA.fullmatch(plain):
        return Field.HYPERPARAMETER, kohya[1]
    if plain.startswith("opset "):
        return Field.OPSET, plain.removeprefix("opset ")
    found = GGUF_KEY.fullmatch(plain)
    if not found or found[1] in GGUF_NAMESPACES:
        return None
    return _plain(GGUF_OF_ARCHITECTURE, found[2])


def _plain(table: Mapping[str, Field], key: str) -> Meaning | None:
    field = table.get(key)
    return None if field is None else (field, "")


# Keys that other modules ask for: lineage, software, datasets, identity, inferred.
ELSEWHERE = re.compile(
    r"library_name|transformers_version|_diffusers_version|peft_version|hub\.commit"
    r"|__version__\.\w+|_name_or_path|task_type|base_model_name_or_path|ss_(?:sd|base)_model_name"
    r"|(?:image|video)_processor_type|feature_extractor_type|tokenizer\.chat_templates?(?:\..+)?"
    r"|general\.(?:base_model|dataset)\..+|requirements\[\d+\]|id2label\..+"
    r"|weight_map\..+|GGUF version"
)
UNTOLD = frozenset(  # what a parser left out, such as "3 keys: ..."
    {"front-matter.unmapped", "front-matter.cut", "body.cut", "config.unmapped", "config.cut"}
    | {"requirements.cut", "training_args.cut"}
)
NUMBER = re.compile(r"\d{1,9}")


def unmapped(meaning: MeaningOf, key: str, value: str) -> int:
    """Return how many keys became no claim, by a fact of metadata."""
    if key in UNTOLD:
        number = NUMBER.match(value)
        return int(number[0]) if number else 1
    is_elsewhere = bool(value) and ELSEWHERE.fullmatch(key) is not None
    is_mapped = is_elsewhere or says(meaning(key), value) is not None
    return int(not is_mapped)


BY_FILE: dict[str, MeaningOf] = {  # files that a loader takes by their names
    "README.md": of_card,
    "config.json": of_config,
    "model_index.json": of_config,
    "adapter_config.json": of_adapter,
    "tokenizer_config.json": of_tokenizer,
    "generation_config.json": of_generation,
    "meta.json": of_spacy,
    "sentence_bert_config.json": of_sentences,
    "trainer_state.json": of_trainer,
    "mergekit_config.yml": of_recipe,
    "training_args.bin": of_arguments,
}


def of_file(name: str) -> MeaningOf:
    """Return what tells the keys of a file, by its own name without its folders."""
    return BY_FILE.get(name, _nothing)


def _nothing(_key: str) -> None:
    return None
