"""What an importable object can do when a pickle calls it: the one seam between rules and tables.

The tables lie in ``data/capability``; every group of names says why and where that was read. An
exact name wins over a pattern, a longer pattern over a shorter one, and what can do harm covers its
attributes. A name that no table holds is `UNKNOWN`, never harmless.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import translate
from functools import cache, lru_cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "capability"


class Ability(StrEnum):
    """The worst that a call can reach."""

    PROCESS = "process"
    CODE = "code"
    NATIVE = "native"
    UNPICKLE = "unpickle"
    RESOLVE = "resolve"
    PATCH = "patch"
    NETWORK = "network"
    WRITE = "write"
    KILL = "kill"
    CARRIES_CODE = "carries-code"
    CALLBACK = "callback"  # calls what it is given: as harmless as that
    HARMLESS = "harmless"
    UNKNOWN = "unknown"


DANGEROUS = frozenset(
    {
        Ability.PROCESS, Ability.CODE, Ability.NATIVE, Ability.UNPICKLE, Ability.RESOLVE,
        Ability.PATCH, Ability.NETWORK, Ability.WRITE, Ability.KILL,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Capability:
    """A verdict about one name, and where it comes from."""

    ability: Ability
    why: str = "no table knows it"
    source: str = ""

    @property
    def is_dangerous(self) -> bool:
        """Whether calling it can reach more than the objects of the pickle."""
        return self.ability in DANGEROUS


UNKNOWN = Capability(Ability.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Table:
    exact: dict[str, Capability]
    patterns: tuple[tuple[str, re.Pattern[str], Capability], ...]  # longest first
    import_runs: tuple[re.Pattern[str], ...]


@cache
def _table() -> _Table:
    exact: dict[str, Capability] = {}
    patterns: list[tuple[str, re.Pattern[str], Capability]] = []
    runs: list[re.Pattern[str]] = []
    for path in sorted(DATA.glob("*.toml")):
        for group in tomllib.loads(path.read_text("utf-8")).get("group", []):
            if group["effect"] == "import-runs":
                runs += [re.compile(translate(name)) for name in group["names"]]
                continue
            found = Capability(Ability(group["effect"]), group["why"], group["source"])
            for name in group["names"]:
                if "*" in name:
                    patterns.append((name, re.compile(translate(name)), found))
                else:
                    exact.setdefault(name, found)
    patterns += [
        (f"{name}.*", re.compile(re.escape(name) + r"\..*"), found)
        for name, found in exact.items()
        if found.is_dangerous
    ]
    patterns.sort(key=lambda each: len(each[0]), reverse=True)
    return _Table(exact, tuple(patterns), tuple(runs))


@lru_cache(maxsize=4096)
def verdict(module: str, name: str) -> Capability:
    """Return what `name`, perhaps dotted, of `module` can do when it is called.

    A dotted name may walk through a module that another one imported (`torch.hub`'s `os.system`):
    each of its ends counts as a full name too, and the first dangerous reading wins.
    """
    dotted = f"{module}.{name}"
    found = _look_up(dotted)
    if found.ability is Ability.HARMLESS:
        return found
    parts = dotted.split(".")
    for start in range(1, len(parts) - 1):
        inner = _look_up(".".join(parts[start:]))
        if parts[start] in stdlib_modules() and inner.is_dangerous and not found.is_dangerous:
            return inner
    return found


def of(dotted: str) -> Capability:
    """Return the verdict about a full dotted name, however it is split into module and name."""
    module, _, name = dotted.rpartition(".")
    return verdict(module, name)


def _look_up(dotted: str) -> Capability:
    table = _table()
    if dotted in table.exact:
        return table.exact[dotted]
    for _, pattern, found in table.patterns:
        if pattern.match(dotted):
            return found
    return UNKNOWN


def import_runs(module: str, name: str) -> bool:
    """Whether merely importing `module` does something outside of it."""
    return any(pattern.match(f"{module}.{name}") for pattern in _table().import_runs)


@cache
def stdlib_modules() -> frozenset[str]:
    """Return the top-level modules of the standard library, of all versions that are known."""
    text = (DATA.parent / "stdlib_modules.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)["modules"])
