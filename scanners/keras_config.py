"""What a configuration of Keras has its loader make, find, call and open.

Every version writes an object as JSON: ``{"module": "keras.layers", "class_name": "Dense",
"config": {...}, "registered_name": null}``; before Keras 3 without a module. A function has the
class name ``function`` and its own name for ``config``; a lambda is marshalled byte code, in base64
or, in files of Keras 1, as it is. Objects stand in one another at any depth: layers in models,
losses in what compiles them. Sources: ``keras/src/saving/serialization_lib.py``, the layers'
``from_config``, and ``legacy/saving`` for what came before.

A kit (see `kits`): few targets have such a configuration.
"""

from __future__ import annotations

import binascii
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from .documents import dotted, inner
from .facts import Configured, Conflict, Fact, Metadata, Reason, Unread, shorten
from .format import Part
from .limits import Exceeded
from .marshalled import summary
from .marshalled.reader import LAYOUTS
from .marshalled.reader import read as unmarshal
from .record import record, replace
from .shapes import is_list, is_object
from .source import BytesSource, Malformed, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .documents import Key
    from .limits import Budget

LOADER = "keras"
CLASS, FUNCTION, LAYER, CODE, FILE, NESTED = (
    *("class", "function", "layer", "code", "file", "nested"),
)
MAX_NAMED = 5000  # different objects of one configuration; the largest models have some hundred
MAX_CODES = 1000  # lambdas of one configuration
MAX_KEY = 300  # characters
MAX_NAME = 500  # characters
CHECKED = 4096  # values between two looks at the clock
VALUES = frozenset(  # class names of values that are no objects of a module
    {"__keras_tensor__", "__tensor__", "__numpy__", "__bytes__", "__ellipsis__", "__slice__",
     "__tuple__", "__dict__", "__dtype__", "TensorShape", "TypeSpec", "CompositeTensor"}
)  # fmt: skip
CALLABLES = ("function", "output_shape", "mask")  # fields of a Lambda layer that may be code
OPENED = frozenset({"vocabulary", "idf_weights", "vocabulary_file"})  # that may be a path
LOOK_UPS = frozenset({"StringLookup", "IntegerLookup", "IndexLookup", "TextVectorization"})
OPERATORS = frozenset({"TFOpLambda", "SlicingOpLambda"})  # of TensorFlow, by their public names
METHODS = frozenset({"ClassMethod", "InstanceMethod", "InstanceProperty"})
CODE_STARTS = ("4w", "Yw")  # a marshalled code object in base64, with and without a reference
SHORTEST_CODE = 60  # characters of base64; an empty lambda takes more
TOLD = ("keras_version", "backend", "date_saved")
TOPOLOGY = "modelTopology"  # of TensorFlow.js


def read(
    text: str, at: Span, budget: Budget, where: str = "", *, must: bool = True
) -> Iterator[Fact | Part]:
    """Yield what `facts` does of a configuration that is JSON text and fills the bytes `at`.

    What is no JSON (unless it need not be: `must`), or stands twice in one object, is a fact as
    well. `where` names the text, such as an attribute of HDF5; keys of facts begin with it.

    Raises:
        Exceeded: It holds more than the limits allow.
    """
    try:
        document, repeated = _decode(text)
    except (ValueError, RecursionError) as error:
        detail = f"{where or 'configuration'}: no JSON: {error}"
        if must:
            yield Unread(at=at, reason=Reason.MALFORMED, detail=shorten(detail, MAX_NAME))
        return
    for key, count in sorted(repeated.items()):
        detail = f"the key {shorten(key, 100)!r} stands {count + 1} times in one object"
        yield Conflict(at=at, kind="duplicate", detail=detail)
    yield from facts(document, lambda _: at, budget, where)


def facts(
    document: object, place: Callable[[Key], Span], budget: Budget, where: str = ""
) -> Iterator[Fact | Part]:
    """Yield what a loader of Keras would make of `document`, decoded JSON of any of its versions.

    These are `Configured`, one for each different object; `CompiledCode` for lambdas; `Metadata`
    about the model; and parts that a layer loads. `place` says where the value at a key stands.
    Memory and time are bounded by the document's own size.

    Raises:
        Exceeded: It names more objects, or carries more code, than the limits allow.
    """
    yield from _about(document, place)
    walk = _Walk(place, budget, where)
    yield from walk.document(document)
    yield from walk.named()


def _decode(text: str) -> tuple[Any, Counter[str]]:
    repeated: Counter[str] = Counter()

    def join(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) != len(pairs):
            counts = Counter(key for key, _ in pairs)
            repeated.update({key: count - 1 for key, count in counts.items() if count > 1})
        return table

    return json.loads(text, object_pairs_hook=join), repeated


def _about(document: object, place: Callable[[Key], Span]) -> Iterator[Metadata]:
    """Yield the class and the name of the model, and below a key of its own who wrote it."""
    for above in ((), (TOPOLOGY,), (TOPOLOGY, "model_config"), ("model_config",)):
        found = inner(document, above)
        if not is_object(found):
            continue
        told = [(*above, name) for name in TOLD] if above else []
        if _is_made(found):
            told += [(*above, "class_name"), (*above, "config", "name")]
        for key in told:
            value = inner(document, key)
            if isinstance(value, str) and value:
                yield Metadata(at=place(key), key=dotted(key), value=shorten(value, MAX_NAME))


def _is_made(value: dict[str, Any]) -> bool:
    return isinstance(value.get("class_name"), str) and "config" in value


@record(frozen=False)
class _Named:
    key: str
    at: Span
    count: int = 0


class _Walk:
    """Goes through one document, outer values first."""

    def __init__(self, place: Callable[[Key], Span], budget: Budget, where: str) -> None:
        self._place, self._budget, self._where = place, budget, where
        self._named: dict[tuple[str, str, str], _Named] = {}
        self._room, self._codes, self._values = summary.Room(), 0, 0
        self._read: set[Key] = set()  # keys of code that was read
        self._met: set[int] = set()  # ids of objects and lists of the document

    def document(self, document: object) -> Iterator[Fact | Part]:
        pending: list[tuple[Key, object]] = [((), document)]
        while pending:
            key, value = pending.pop()
            if id(value) in self._met:  # an alias of YAML, which may even be in itself
                continue
            self._values += 1
            if not self._values % CHECKED:
                self._budget.check_time()
            if is_object(value) or is_list(value):
                self._met.add(id(value))
            if is_object(value):
                if isinstance(value.get("class_name"), str):
                    yield from self._object(key, value)
                pending += [((*key, name), v) for name, v in reversed(value.items()) if _holds(v)]
            elif is_list(value):
                held = [number for number, each in enumerate(value) if _holds(each)]
                pending += [((*key, number), value[number]) for number in reversed(held)]
            elif isinstance(value, str) and key not in self._read:
                yield from self._hidden(key, value)

    def named(self) -> Iterator[Configured]:
        """Yield what was named, each once."""
        for (kind, module, name), seen in self._named.items():
            yield Configured(
                at=seen.at,
                loader=LOADER,
                kind=kind,
                key=seen.key,
                module=module,
                name=name,
                count=seen.count,
            )

    def _name(self, kind: str, key: Key, module: object, name: object) -> None:
        which = (kind, _text(module), _text(name))
        if which not in self._named:
            if len(self._named) == MAX_NAMED:
                raise Exceeded("named", MAX_NAMED, "objects that a configuration names")
            where = f"{self._where}{':' if self._where and key else ''}{dotted(key)}"
            self._named[which] = _Named(shorten(where, MAX_KEY), self._at(key))
        self._named[which].count += 1

    # --- Objects ----------------------------------------------------------------------------------

    def _object(self, key: Key, made: dict[str, Any]) -> Iterator[Fact | Part]:
        name, module, config = made["class_name"], made.get("module"), made.get("config")
        if name == "__lambda__":
            given = config if is_object(config) else {}
            for field in ("code", "value"):
                if field in given:
                    yield from self._code((*key, "config", field), given[field])
        elif name == "function":
            is_layer = "inbound_nodes" in made or key[-2:-1] == ("layers",)
            self._name(LAYER if is_layer else FUNCTION, key, module, config)
        elif name == "__typespec__":
            self._name(CLASS, key, module, made.get("spec_name"))
        elif name not in VALUES:
            self._name(CLASS, key, module, name)
            if is_object(config):
                last = name.rpartition(">")[2].rpartition(".")[2]
                yield from self._fields((*key, "config"), module, last, config)

    def _fields(
        self, key: Key, module: object, name: str, config: dict[str, Any]
    ) -> Iterator[Fact | Part]:
        """Yield what making an object of some classes does with fields of its configuration."""
        if name.endswith("Lambda") and name not in OPERATORS:
            yield from self._lambda(key, config)
        elif name in OPERATORS:
            self._name(FUNCTION, (*key, "function"), "tensorflow", config.get("function"))
        elif name in METHODS:
            symbol = config.get("cls_symbol", config.get("cls_ref"))
            method = config.get("method_name", config.get("attr_name"))
            self._name(FUNCTION, key, "tensorflow", f"{symbol}.{method}")
        elif name == "TensorFlowOpLayer":
            operator = inner(config, ("node_def", "op"))
            self._name(FUNCTION, (*key, "node_def"), "tensorflow.raw_ops", operator)
        elif name == "TFSMLayer":
            self._name(NESTED, (*key, "filepath"), module, config.get("filepath"))
        elif name == "TorchModuleWrapper":
            yield from self._torch(key, module, config.get("module"))
        elif name in LOOK_UPS:
            for field in OPENED & config.keys():
                if isinstance(config[field], str):
                    self._name(FILE, (*key, field), module, config[field])

    def _torch(self, key: Key, module: object, encoded: object) -> Iterator[Part]:
        if isinstance(encoded, str):
            self._name(NESTED, (*key, "module"), module, "a pickle of PyTorch")
            raw = _bytes(encoded)
            yield Part(shorten(f"({dotted((*key, 'module'))})", MAX_KEY), BytesSource(raw))

    # --- Code -------------------------------------------------------------------------------------

    def _lambda(self, key: Key, config: dict[str, Any]) -> Iterator[Fact]:
        """Yield the code of a Lambda layer; Keras 3 has an object there, which is met by itself."""
        for field in CALLABLES:
            value, kind = config.get(field), config.get(f"{field}_type")
            owner = config.get("module" if field == "function" else f"{field}_module")
            if is_list(value) and value and isinstance(value[0], str):
                if kind == "lambda" or field == "function" or _is_code(value[0]):
                    yield from self._code((*key, field, 0), value[0])
            elif isinstance(value, str) and kind == "lambda":
                yield from self._code((*key, field), value)
            elif isinstance(value, str) and field == "function":
                self._name(FUNCTION, (*key, field), owner, value)

    def _code(self, key: Key, encoded: object) -> Iterator[Fact]:
        """Yield what the byte code at `key` names; that it is there is told whatever it is."""
        self._name(CODE, key, "", "")
        self._read.add(key)
        if not isinstance(encoded, str):
            return
        try:
            yield from self._told(key, _bytes(encoded))
        except Malformed as error:
            detail = f"code at {shorten(dotted(key), MAX_KEY)}: {error}"
            yield Unread(at=self._at(key), reason=Reason.MALFORMED, detail=shorten(detail))

    def _hidden(self, key: Key, text: str) -> Iterator[Fact]:
        """Yield what byte code names that stands where none of Keras's own classes has it."""
        if _is_code(text):
            yield from self._code(key, text)

    def _told(self, key: Key, raw: bytes) -> Iterator[Fact]:
        self._codes += 1
        if self._codes > MAX_CODES:
            raise Exceeded("codes", MAX_CODES, "lambdas of a configuration")
        for reading in unmarshal(raw, 0, self._budget, LAYOUTS):
            for fact in summary.facts(reading.value, LOADER, self._budget, self._room):
                yield replace(fact, at=self._at(key))

    def _at(self, key: Key) -> Span:
        """Return where the value at `key` stands, or one around it."""
        for end in range(len(key), 0, -1):
            found = self._place(key[:end])
            if found.length:
                return found
        return self._place(())


def _holds(value: object) -> bool:
    """Whether there can be an object or code in a value."""
    return is_object(value) or is_list(value) or (isinstance(value, str) and _is_code(value))


def _text(value: object) -> str:
    return shorten(value, MAX_NAME) if isinstance(value, str) else ""


def _bytes(encoded: str) -> bytes:
    """Return what Keras makes of code that stands as text: base64, or else the bytes themselves."""
    try:
        return binascii.a2b_base64(encoded.encode("ascii"))
    except ValueError:
        return encoded.encode("raw-unicode-escape")


def _is_code(text: str) -> bool:
    """Whether a text is base64 that begins as a code object: its first counts are small."""
    if len(text) < SHORTEST_CODE or not text.startswith(CODE_STARTS):
        return False
    counts = _bytes(text[: SHORTEST_CODE - SHORTEST_CODE % 4])[1:13]
    return all(high == 0 for high in (*counts[2:4], *counts[6:8], *counts[10:12]))
