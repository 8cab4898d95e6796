"""Which names are a distribution's own: defined where they are named, or offered by a package.

A package offers what its `__init__` binds, unless it is private (a part of its name begins with _).

A pickle that its library wrote names things where they are defined. Under the name of a module that
only imports it, a thing is listed if it is dangerous; else it is absent, and so unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .ir import Class, Module

EVERYTHING = "*"  # stands for all undotted names of a package
Own = set[tuple[str, str]]  # module and name


def owned(modules: Iterable[Module]) -> Own:
    """Return the own names of these modules."""
    return {(module.name, name) for module in modules for name in _names(module)}


def _names(module: Module) -> Iterator[str]:
    if module.path.endswith("__init__.py") and "._" not in module.name:
        yield EVERYTHING
    prefix = f"{module.name}."
    for name, bindings in module.symbols.items():
        if any(_defines(prefix + name, binding) for binding in bindings):
            yield name
    for full, made in module.classes.items():
        name = full.removeprefix(prefix)
        if "." in name:
            yield name
        yield from (f"{name}.{method}" for method in _offered(module, made))


def _defines(full: str, binding: tuple[str, ...]) -> bool:
    return binding[0] == "F" or (binding[0] == "C" and binding[1].split("#")[0] == full)


def _offered(module: Module, made: Class) -> Iterator[str]:
    """Yield the methods that are made to be called on the class itself."""
    for method, function in made.methods.items():
        known = module.functions.get(function)
        if known is not None and {*"cs"} & {*known.flags} and not method.startswith("_"):
            yield method
