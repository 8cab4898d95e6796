"""The tensors of torch and arrays of numpy that a pickle rebuilds, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Tensor, shorten
from ..source import Span
from ..values import Global
from . import arrays
from .ledger import REBUILD
from .lookups import RECONSTRUCT
from .objects import Dict, Obj, Persistent, Raw
from .wrappers import WRAPPERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .objects import Object

NAME = 512  # characters

TORCH = frozenset(
    f"torch._utils.{name}"
    for name in (
        "_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_qtensor",
        "_rebuild_sparse_tensor",
    )
)  # fmt: skip
FROM_BUFFER = frozenset(f"numpy.{core}.numeric._frombuffer" for core in ("core", "_core"))
MAKERS = TORCH | RECONSTRUCT | FROM_BUFFER | WRAPPERS

STORAGES = {  # torch's storage classes: the dtype as safetensors spells it
    "DoubleStorage": "F64", "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16",
    "LongStorage": "I64", "IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8",
    "ByteStorage": "U8", "BoolStorage": "BOOL", "ComplexFloatStorage": "C64",
    "ComplexDoubleStorage": "C128", "QInt8Storage": "QI8", "QUInt8Storage": "QU8",
    "QInt32Storage": "QI32", "UntypedStorage": "U8", "float64": "F64", "float32": "F32",
    "float16": "F16", "bfloat16": "BF16", "int64": "I64", "int32": "I32", "int16": "I16",
    "int8": "I8", "uint8": "U8", "bool": "BOOL", "uint16": "U16", "uint32": "U32", "uint64": "U64",
    "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2", "complex64": "C64", "complex128": "C128",
}  # fmt: skip
KINDS = {"f": "F", "i": "I", "u": "U", "c": "C"}
SIZES = {  # bytes of an element
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1,
    "BOOL": 1, "C64": 8, "C128": 16, "QI8": 1, "QU8": 1, "QI32": 4,
    "U16": 2, "U32": 4, "U64": 8, "F8_E4M3": 1, "F8_E5M2": 1,
}  # fmt: skip


def storage_item_size(kind: Object) -> int | None:
    """Return the bytes of one element of a torch storage class; None if it is not known."""
    return SIZES.get(STORAGES.get(kind.name, "")) if isinstance(kind, Global) else None


def named(result: Object) -> Iterator[Tensor]:
    """Yield every tensor that can be reached from `result`, named by the keys on the way."""
    pending: list[tuple[Object, str]] = [(result, "")]
    seen: set[int] = set()
    while pending:
        value, path = pending.pop()
        if not isinstance(value, Obj | list | tuple) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Obj):
            tensor = _tensor(value, path)
            if tensor is not None:
                yield tensor
                continue
            inner: list[Object] = [value.items, value.state, value.arguments]
            pending += [(each, path) for each in reversed(inner)]
        elif isinstance(value, Dict):
            yield from _direct(value, path, seen, pending)
        else:
            inner = [item for item in value if isinstance(item, Obj | list | tuple)]
            pending += [(each, path) for each in reversed(inner)]


def _direct(
    group: Dict, path: str, seen: set[int], pending: list[tuple[Object, str]]
) -> Iterator[Tensor]:
    """Yield the tensors that are values of a dict; leave its other values to the caller."""
    others: list[tuple[Object, str]] = []
    for key, item in group.pairs():
        if type(item) is Obj and item.callee is REBUILD:  # most dicts hold only tensors
            if id(item) not in seen:
                seen.add(id(item))
                name = _fit(_join(path, key))
                tensor = _of_run(item, name) or _of_torch(item.arguments, name)
                if tensor is not None:
                    yield tensor
        elif isinstance(item, Obj | list | tuple):
            others.append((item, _join(path, key)))
    pending += reversed(others)


def _join(path: str, key: Object) -> str:
    if path:
        return f"{path}.{key}"[:NAME] if isinstance(key, str | int) else path
    return str(key)[:NAME] if isinstance(key, str | int) else path


def _tensor(value: Obj, name: str) -> Tensor | None:
    if not isinstance(value.callee, Global):
        return None
    dotted = value.callee.dotted
    if dotted in TORCH:
        return _of_torch(value.arguments, _fit(name))
    if dotted in RECONSTRUCT and isinstance(value.state, tuple):
        return _of_numpy(value.state, _fit(name))
    if dotted in FROM_BUFFER and isinstance(value.arguments, tuple):
        raw, dtype, shape = (*value.arguments, None, None, None)[:3]
        return _array(raw, dtype, shape, _fit(name), is_rows="C" in value.arguments[3:4])
    if dotted in WRAPPERS and isinstance(value.state, Dict):
        raw = value.items[1] if value.items else None
        dtype, shape = value.state.get("dtype"), value.state.get("shape")
        return _array(raw, dtype, shape, _fit(name), is_rows=value.state.get("order") == "C")
    return None


def _of_torch(arguments: Object, name: str) -> Tensor | None:
    if not isinstance(arguments, tuple) or len(arguments) < 3:  # noqa: PLR2004 - storage, offset, size
        return None
    storage, shape = arguments[0], _shape(arguments[2])
    if shape is None:
        return None
    kind, key = _storage(storage)
    extra = arguments[6:]
    if extra and isinstance(extra[0], Global):  # v3 names the dtype
        kind, extra = extra[0].name, extra[1:]
    dtype = STORAGES.get(kind, kind)
    offset = _offset(dtype, arguments[1])
    # What may follow says that the values are conjugated or negated when they are used.
    is_whole = not any(extra) and not _is_view(storage)
    is_plain = is_whole and offset is not None and _are_dense(shape, arguments[3:4])
    return Tensor(
        name=name, dtype=dtype, shape=shape, storage=key, offset=offset or 0, is_plain=is_plain
    )


def _offset(dtype: str, first: Object) -> int | None:
    """Return how many bytes into a storage the element `first` starts, if that can be known."""
    size = SIZES.get(dtype, 1 if first == 0 else None)
    return first * size if type(first) is int and first >= 0 and size else None


def _are_dense(shape: tuple[int, ...], strides: tuple[Object, ...]) -> bool:
    """Whether elements so many steps apart lie row by row; the step along one element is free."""
    steps = _shape(strides[0]) if strides else None
    if steps is None or len(steps) != len(shape):
        return False
    expected = 1
    for extent, step in zip(reversed(shape), reversed(steps), strict=True):
        if extent != 1 and step != expected:
            return 0 in shape
        expected *= extent
    return True


def _of_run(made: Obj, name: str) -> Tensor | None:
    """Return a tensor of a run without making its arguments."""
    alike = made.alike
    if alike is None:
        return None
    kind = alike.storage.name
    dtype = STORAGES.get(kind, kind)
    offset = _offset(dtype, alike.rest[0])
    return Tensor(
        name=name,
        dtype=dtype,
        shape=alike.shape,
        storage=made.key,
        offset=offset or 0,
        is_plain=offset is not None and _are_dense(alike.shape, alike.rest[2:3]),
    )


def _storage(value: Object) -> tuple[str, str]:
    """Return the class and key of a storage."""
    id_ = value.id if isinstance(value, Persistent) else None
    if isinstance(id_, tuple) and len(id_) > 2 and isinstance(id_[1], Global):  # noqa: PLR2004
        key = id_[2]
        return id_[1].name, _fit(key) if isinstance(key, str) else ""
    return "", ""


def _is_view(storage: Object) -> bool:
    """Whether a storage is a part of the one whose key it has, as torch wrote before 1.6."""
    id_ = storage.id if isinstance(storage, Persistent) else None
    return isinstance(id_, tuple) and any(id_[5:])


def _fit(name: str) -> str:
    """Return a name fit for a fact."""
    return name if name.isascii() and len(name) <= NAME else shorten(name, NAME)


def _of_numpy(state: tuple[Object, ...], name: str) -> Tensor | None:
    if len(state) < 5:  # noqa: PLR2004 - version, shape, dtype, order, values
        return None
    return _array(state[4], state[2], state[1], name, is_rows=state[3] is False)


def _array(raw: Object, dtype: Object, shape: Object, name: str, *, is_rows: bool) -> Tensor | None:
    axes, code = _shape(shape), arrays.code(dtype)
    if axes is None or code is None:
        return None
    at = Span(raw.start, raw.length) if isinstance(raw, Raw) else Span(0, 0)
    is_plain = is_rows and _is_little(dtype)
    return Tensor(at=at, name=name, dtype=_dtype(code), shape=axes, is_plain=is_plain)


def _is_little(dtype: Object) -> bool:
    """Whether a numpy dtype's state says that its values are little-endian, or single bytes."""
    state = dtype.state if isinstance(dtype, Obj) else None
    # A set would want a hash of what may be a list.
    return isinstance(state, tuple) and state[1:2] in [("<",), ("|",)]


def _dtype(code: str) -> str:
    kind, size = code[0], code[1:]
    if kind in KINDS and size.isdigit():
        return f"{KINDS[kind]}{int(size) * 8}"
    return "BOOL" if code in {"b1", "?"} else code


def _shape(value: Object) -> tuple[int, ...] | None:
    if not isinstance(value, tuple):
        return None
    for axis in value:
        if type(axis) is not int or axis < 0:
            return None
    return value  # type: ignore[return-value] # looked at above
