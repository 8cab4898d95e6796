"""What is wrong with an imported name itself, whatever it can do: for the rules on imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import capability_table
from ...capability import Ability, import_runs, stdlib_modules, verdict

if TYPE_CHECKING:
    from ...facts import Import

COMPUTED = "<computed>"  # how the pickle kernel calls a name that is made while loading
MORE = "…"  # ends a name so long that it was cut
# How dill names the variables of the program that loads, for functions that it writes.
MAIN = frozenset({"__builtin__.__main__", "builtins.__main__"})

# What the interpreter works from: to hold one of these is to be able to change the program. Items
# can be put into them by way of objects that no rule about items would ask for.
STATE = frozenset(
    {
        "sys.modules", "sys.path", "sys.meta_path", "sys.path_hooks", "sys.path_importer_cache",
        "sys.builtin_module_names", "sys.stdlib_module_names", "os.environ", "os.environb",
        "posix.environ", "nt.environ", "copyreg.dispatch_table", "copyreg._extension_registry",
        "copyreg._inverted_registry", "copyreg._extension_cache", "gc.callbacks",
        "warnings.filters", "linecache.cache", "encodings._cache", "importlib._bootstrap.sys",
        "logging.root", "site.PREFIXES", "atexit._exithandlers", "threading._active",
    }
)  # fmt: skip


def is_computed(imported: Import) -> bool:
    """Whether the name does not stand in the file."""
    return COMPUTED in {imported.module, imported.name} or MORE in imported.dotted


def is_module(imported: Import) -> bool:
    """Whether the name is of a module of the standard library that another one imported."""
    if verdict(imported.module, imported.name).ability is Ability.HARMLESS:
        return False
    is_own = imported.module.rpartition(".")[2] == imported.name  # datetime.datetime is a class
    if capability_table.lookup(imported.module, imported.name).kind in {"class", "function"}:
        return False  # SymPy has a class `re`
    return imported.name in stdlib_modules() and not is_own


def detour(imported: Import) -> str:
    """Return by way of what a dotted name leads to something that may not be harmless."""
    found = verdict(imported.module, imported.name)
    if found.ability is Ability.HARMLESS or imported.dotted in MAIN:
        return ""
    parts = imported.name.split(".")
    for part in parts:
        if part.startswith("__") and part.endswith("__"):
            return f"by way of {part}"
    own = imported.module.rpartition(".")[2]  # datetime.datetime is a class, not a module
    is_walk = any(part in stdlib_modules() and part != own for part in parts[:-1])
    return "by way of another module" if is_walk else ""


def is_told_anyway(imported: Import) -> bool:
    """Whether a rule about names reports the import, so that what it can do need not be said."""
    return (
        is_computed(imported)
        or is_module(imported)
        or bool(detour(imported))
        or import_runs(imported.module, imported.name)
    )
