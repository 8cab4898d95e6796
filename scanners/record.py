"""Small frozen classes with slots, made in a tenth of the time that `dataclasses` takes.

`dataclasses` compiles five methods when a class is defined, and imports `inspect` to do it: of a
scan of ten small files that was a third (docs/adr/0007-records.md has the figures). A record is the
same to its users, but its methods are compiled when the first instance is made, and most of a run's
classes never have one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

MISSING: Any = object()  # stands where a field has no default
_SPECIAL = ("__dict__", "__weakref__")  # of a class without slots, not to be copied


class FrozenRecordError(AttributeError):
    """Someone tried to change a record."""


class _Factory:
    """A default that is made anew for each instance."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make


def field(*, default_factory: Callable[[], T]) -> T:
    """Give a field a default that each instance makes for itself, such as an empty list."""
    made: Any = _Factory(default_factory)
    return made  # type: ignore[no-any-return] # as in `dataclasses`: typed as what it will be


@overload
def record(cls: type[T], /) -> type[T]: ...


@overload
def record(
    *, frozen: bool = True, kw_only: bool = False, eq: bool = True, caches: bool = False
) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(
    cls: type[T] | None = None,
    /,
    *,
    frozen: bool = True,
    kw_only: bool = False,
    eq: bool = True,
    caches: bool = False,
) -> Any:
    """Make a class of annotated fields a record: slots, `__init__`, `__eq__`, `__hash__`, `repr`.

    As `dataclasses.dataclass(slots=True)`, with frozen as the default. One that is not frozen has
    no hash; without `eq`, instances are equal and hashed by identity. One that `caches` has room
    for `functools.cached_property`. There is no `__post_init__`.
    """

    def make(cls: type[T]) -> type[T]:
        return _made(
            cls, frozen=frozen, kw_only=kw_only, eq=eq, more=("__dict__",) if caches else ()
        )

    return make if cls is None else make(cls)


def fields(cls: type) -> Mapping[str, object]:
    """Return the names of a record's fields, in order, with their defaults or `MISSING`."""
    found: Mapping[str, object] = vars(cls)["__record_fields__"]
    return found


def replace(original: T, **changes: object) -> T:
    """Return a copy of a record with some fields changed."""
    values = {name: getattr(original, name) for name in fields(type(original))}
    return type(original)(**{**values, **changes})


def as_dict(instance: object) -> dict[str, Any]:
    """Return a record's fields by name; the values are not copied."""
    return {name: getattr(instance, name) for name in fields(type(instance))}


# --- Making the class -----------------------------------------------------------------------------


def _made(cls: type[T], *, frozen: bool, kw_only: bool, eq: bool, more: tuple[str, ...]) -> type[T]:
    """Return `cls` again with slots, and with an `__init__` that compiles the real methods."""
    own = tuple(cls.__annotations__)
    space = {key: value for key, value in cls.__dict__.items() if key not in _SPECIAL}
    inherited: dict[str, object] = {}
    keywords: set[str] = set()
    for base in reversed(cls.__mro__[1:]):
        inherited.update(base.__dict__.get("__record_fields__", {}))
        keywords.update(base.__dict__.get("__record_keywords__", ()))
    defaults = {name: space.pop(name, MISSING) for name in own}
    space["__slots__"] = (*(name for name in own if name not in inherited), *more)
    space["__record_fields__"] = every = {**inherited, **defaults}
    space["__record_keywords__"] = keywords.union(own) if kw_only else keywords.difference(own)
    positional = tuple(name for name in every if name not in space["__record_keywords__"])
    space.setdefault("__match_args__", positional)
    space.setdefault("__repr__", _repr)
    space["__reduce__"] = _reduce
    if frozen:
        space["__setattr__"], space["__delattr__"] = _refuse_to_set, _refuse_to_delete
    anew: Any = type  # a class's own class, which type checkers take for a factory of its instances
    made: Any = anew(cls)(cls.__name__, cls.__bases__, space)

    def first(self: object, *values: object, **named: object) -> None:
        _compile(made, is_hashed=eq and frozen, is_compared=eq)
        made.__init__(self, *values, **named)

    made.__init__ = first
    return made  # type: ignore[no-any-return]


def _compile(cls: Any, *, is_hashed: bool, is_compared: bool) -> None:  # noqa: ANN401 - a class
    """Give `cls` its own `__init__` and, unless it wrote them itself, `__eq__` and `__hash__`."""
    every, keywords = fields(cls), cls.__record_keywords__
    names: dict[str, Any] = {"cls": cls, "NotImplemented": NotImplemented}
    plain, only, body = ["self"], ["*"], list[str]()
    for name, default in every.items():
        names[f"set_{name}"] = _slot(cls, name).__set__  # quicker than object.__setattr__
        names[f"default_{name}"] = default
        value, given = name, name
        if isinstance(default, _Factory):
            names[f"make_{name}"] = default.make
            value = f"make_{name}() if {name} is default_{name} else {name}"
        if default is not MISSING:
            given = f"{name}=default_{name}"
        (only if name in keywords else plain).append(given)
        body.append(f" set_{name}(self, {value})")
    signature = ", ".join(plain + (only if len(only) > 1 else []))
    ours = "".join(f"self.{name}, " for name in every)
    theirs = "".join(f"other.{name}, " for name in every)
    source = "\n".join(
        [
            f"def __init__({signature}):",
            *(body or [" pass"]),
            "def __eq__(self, other):",
            " if other.__class__ is not self.__class__: return NotImplemented",
            f" return ({ours}) == ({theirs})",
            "def __hash__(self):",
            f" return hash(({ours}))",
        ]
    )
    exec(source, names)  # noqa: S102 - of field names in our own source, as `dataclasses` does
    if is_compared and cls.__dict__.get("__eq__") is None:
        cls.__eq__ = names["__eq__"]
        own_hash = names["__hash__"] if is_hashed else None
        cls.__hash__ = own_hash if cls.__dict__.get("__hash__") is None else cls.__hash__
    cls.__init__ = names["__init__"]


def _slot(cls: type, name: str) -> Any:  # noqa: ANN401 - a descriptor
    """Return the descriptor of a slot, which a base may hold."""
    return next(base.__dict__[name] for base in cls.__mro__ if name in base.__dict__)


def _repr(self: object) -> str:
    pairs = ", ".join(f"{name}={value!r}" for name, value in as_dict(self).items())
    return f"{type(self).__qualname__}({pairs})"


def _reduce(self: object) -> tuple[object, ...]:
    """Say how to copy an instance, or to hand it to another process: as its fields."""
    return _again, (type(self), as_dict(self))


def _again(cls: type[T], values: dict[str, Any]) -> T:
    return cls(**values)


def _refuse_to_set(self: object, name: str, value: object) -> None:  # noqa: ARG001 - the protocol's
    raise FrozenRecordError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:  # noqa: ARG001 - the protocol's
    raise FrozenRecordError(f"cannot delete field {name!r}")
