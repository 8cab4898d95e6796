"""JSON documents, and what those of a model folder say: configurations, indexes, tokenizers.

RFC 8259. The role of a document shows in its keys; its name helps only where keys cannot tell. A
document of no known role is recognised and yields nothing.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

from ..facts import Conflict, Fact, Licence, Metadata, Reference, Refers, TemplateUse, shorten
from ..format import Format, Match, Parsed, Part, Subject
from ..shapes import is_list, is_object
from ..source import BytesSource, Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SPACES = b" \t\r\n"
BINARY = re.compile(rb"[^\t\r\n -\xff]")  # JSON escapes every other control character

ROLES: dict[str, tuple[str, ...]] = {  # role -> keys of which one is enough
    "adapter": ("peft_type", "base_model_name_or_path", "auto_mapping"),
    "config": ("model_type", "architectures", "_class_name", "auto_map", "custom_pipelines"),
    "tokenizer": ("tokenizer_class", "chat_template"),
    "processor": ("processor_class", "image_processor_type", "feature_extractor_type"),
    "index": ("weight_map",),
    "layer": ("activation_function",),
}
BY_NAME = {"generation_config.json": "generation", "tokenizer.json": "vocabulary"}

TOLD: dict[str, tuple[str, ...]] = {  # role -> keys whose values are stated as metadata
    "adapter": ("peft_type", "task_type", "r", "lora_alpha", "target_modules", "peft_version"),
    "config": (
        "model_type",
        "architectures",
        "_class_name",
        "_name_or_path",
        "_diffusers_version",
        "torch_dtype",
        "dtype",
        "transformers_version",
        "max_position_embeddings",
        "vocab_size",
        "hidden_size",
        "num_hidden_layers",
        "num_attention_heads",
        "num_key_value_heads",
        "intermediate_size",
        "num_local_experts",
        "tie_word_embeddings",
        "quantization_config.quant_method",
        "quantization_config.bits",
    ),
    "tokenizer": ("tokenizer_class", "model_max_length"),
    "processor": ("processor_class", "image_processor_type", "feature_extractor_type"),
    "generation": ("temperature", "top_p", "top_k", "max_length", "max_new_tokens", "do_sample"),
    "vocabulary": ("version", "model.type"),
    "index": ("metadata.total_size",),
    "layer": ("activation_function",),
}
TOKENS = re.compile(r"(?!added_)\w*_tokens?")  # keys of what a chat template gets as variables
INTERNAL = re.compile(r"__\w+__", re.ASCII)
LICENCE_KEYS = ("license", "licence", "license_name")
OUR_LIBRARIES = frozenset(  # of the `library, class` pairs in a diffusers model_index.json
    {"diffusers", "transformers", "onnxruntime", "optimum", "sentence_transformers", "peft"}
)


def recognise(subject: Subject) -> Match:
    """Tell a JSON object or list by how it starts; reading it shows whether it is one."""
    if BINARY.search(subject.head):
        return Match.NO
    start = subject.head.removeprefix(BYTE_ORDER_MARK).lstrip(SPACES)[:1]
    return Match.POSSIBLE if start in {b"{", b"["} else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield repeated keys, and what a document of a known role says.

    Raises:
        Malformed: It is not one UTF-8 JSON text, or nests too deeply.
        Exceeded: It is longer than a document may be.
    """
    size = subject.source.size
    if size > budget.limits.text and not subject.name.lower().endswith(FORMAT.suffixes):
        raise Malformed("JSON", offset=0, why="longer than any document of a model folder")
    budget.document(size)
    document, repeated = _decode(subject.source.read_at(0, size))
    for key, count in sorted(repeated.items()):
        detail = f"the key {shorten(key, 100)!r} stands {count + 1} times in one object"
        yield Conflict(kind="duplicate", detail=detail)
    if is_object(document):
        yield from _object(subject, document)
    elif is_list(document):
        yield from _modules(document)


def _decode(raw: bytes) -> tuple[object, Counter[str]]:
    """Return the document, and how often each key was repeated; the last value stands."""
    repeated: Counter[str] = Counter()

    def join(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) != len(pairs):
            counts = Counter(key for key, _ in pairs)
            repeated.update({key: count - 1 for key, count in counts.items() if count > 1})
        return table

    try:
        text = raw.removeprefix(BYTE_ORDER_MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("JSON", offset=error.start, why="not UTF-8") from error
    try:
        return cast("object", json.loads(text, object_pairs_hook=join)), repeated
    except json.JSONDecodeError as error:
        raise Malformed("JSON", offset=len(text[: error.pos].encode()), why=error.msg) from error
    except ValueError as error:  # an integer of thousands of digits
        raise Malformed("JSON", offset=0, why=shorten(str(error), 100)) from error
    except RecursionError as error:
        raise Malformed("JSON", offset=0, why="nests too deeply") from error


def _object(subject: Subject, document: dict[str, Any]) -> Parsed:
    roles = [role for role, keys in ROLES.items() if any(key in document for key in keys)]
    name = subject.name.rpartition("/")[2].lower()
    roles += [BY_NAME[name]] if name in BY_NAME else []
    for role in roles:
        for key in TOLD[role]:
            value = _at(document, key)
            if value is not None:
                yield Metadata(key=key, value=shorten(value))
    yield from _tokens(document)
    if not roles:
        return
    for key in LICENCE_KEYS:
        if isinstance(document.get(key), str):
            yield Licence(key=key, value=shorten(document[key]))
    yield from _origin(document)
    yield from _code(document)
    yield from _shards(document)
    yield from _templates(document.get("chat_template"))


def _at(document: dict[str, Any], dotted: str) -> str | None:
    """Return the scalar, or list of scalars, at a dotted key as text; None if there is none."""
    value: Any = document
    for key in dotted.split("."):
        value = value.get(key) if is_object(value) else None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value) if not isinstance(value, int) or abs(value) < 1 << 64 else "a huge number"
    if is_list(value) and value and all(isinstance(item, str) for item in value[:1000]):
        return ", ".join(map(str, value[:20]))
    return None


def _origin(document: dict[str, Any]) -> Iterator[Fact]:
    base = document.get("base_model_name_or_path")
    if isinstance(base, str) and base:
        key = "base_model_name_or_path"
        yield Reference(kind=Refers.BASE_MODEL, key=key, target=shorten(base))


def _code(document: dict[str, Any]) -> Iterator[Fact]:
    """Yield every name of Python code that a loader may import because of this document."""
    for key in ("auto_map", "custom_pipelines"):
        for where, target in _texts(document.get(key), key):
            if not key.startswith("custom") or where.endswith(".impl"):
                yield _runs(where, target)
    mapping = document.get("auto_mapping")
    parent = mapping.get("parent_library") if is_object(mapping) else None
    if isinstance(parent, str) and parent.split(".")[0] not in OUR_LIBRARIES:
        yield _runs("auto_mapping.parent_library", parent)
    function = document.get("activation_function")  # a layer of sentence-transformers calls it
    if isinstance(function, str) and "." in function and function.split(".")[0] != "torch":
        yield _runs("activation_function", function)
    if "_diffusers_version" in document:
        yield from _pipeline(document)


def _pipeline(document: dict[str, Any]) -> Iterator[Fact]:
    """Yield the parts of a diffusers pipeline whose library is a file of the repository."""
    for key, value in document.items():
        match value:
            case [str() as library, str() as name] if library.split(".")[0] not in OUR_LIBRARIES:
                if key == "_class_name" or not key.startswith("_"):
                    yield _runs(key, f"{library}.{name}")
            case _:
                pass


def _modules(document: list[Any]) -> Iterator[Fact]:
    """Yield the classes of a sentence-transformers modules.json that are not the library's own."""
    for number, item in enumerate(document):
        if is_object(item) and {"idx", "name", "path", "type"} <= item.keys():
            kind = item["type"]
            if isinstance(kind, str) and kind.split(".")[0] not in OUR_LIBRARIES:
                yield _runs(f"[{number}].type", kind)


def _runs(key: str, target: str) -> Reference:
    return Reference(kind=Refers.REMOTE_CODE, key=shorten(key, 200), target=shorten(target, 500))


def _texts(value: object, key: str) -> Iterator[tuple[str, str]]:
    """Yield (where, text) for every text in a value of small depth."""
    if isinstance(value, str):
        yield key, value
    elif is_object(value):
        for name, inner in value.items():
            yield from _texts(inner, f"{key}.{name}")
    elif is_list(value):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{key}[{number}]")


def _shards(document: dict[str, Any]) -> Iterator[Fact]:
    """Yield each file that the index of a sharded model names, once."""
    shards = document.get("weight_map")
    if is_object(shards):
        for name in sorted({name for name in shards.values() if isinstance(name, str)}):
            yield Reference(kind=Refers.EXTERNAL_DATA, key="weight_map", target=shorten(name))


def _templates(value: object) -> Iterator[Part]:
    """Yield each chat template: one text, or several by name."""
    if isinstance(value, str):
        yield _template("chat_template", value)
    elif is_object(value):
        for name, text in value.items():
            if isinstance(text, str):
                yield _template(f"chat_template.{name}", text)
    elif is_list(value):
        for item in value:
            if is_object(item) and isinstance(item.get("template"), str):
                yield _template(f"chat_template.{item.get('name')}", item["template"])


def _tokens(document: dict[str, Any]) -> Iterator[Fact]:
    """Yield Python's own names among the special tokens: a template can look them up unseen."""
    for key in filter(TOKENS.fullmatch, document):
        for where, text in _texts(document[key], key):
            name = text.strip().lower()
            if INTERNAL.fullmatch(name):
                yield TemplateUse(
                    template=shorten(where, 200), kind="text", name=shorten(name, 200)
                )


def _template(name: str, text: str) -> Part:
    raw = text.encode("utf-8", "backslashreplace")
    return Part(shorten(name, 200), BytesSource(raw), ("jinja",))


FORMAT = Format(
    id="json",
    title="JSON",
    media_type="application/json",
    spec="https://www.rfc-editor.org/rfc/rfc8259",
    suffixes=(".json",),
    recognise=recognise,
    parse=parse,
)
