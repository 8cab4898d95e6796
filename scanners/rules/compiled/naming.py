"""What the names in compiled code can do, and how a code object is spoken of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import Ability, of, stdlib_modules, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...facts import CompiledCode

ACTS = frozenset({Ability.PROCESS, Ability.CODE, Ability.NATIVE, Ability.NETWORK})
RUNS = frozenset({Ability.PROCESS, Ability.CODE})  # of names that are not seen to be called
SHOWN = 5  # names in one sentence


def acting(code: CompiledCode, *, derived: bool = True) -> Iterator[str]:
    """Yield one sentence if the code calls, or just names, something that acts.

    Without `derived`, only names that the table holds for what they are for, and not those that
    were found to reach such a thing with the right arguments: honest libraries call many of them.
    """
    found: dict[str, str] = {}
    called = dict.fromkeys(call.partition("(")[0] for call in code.calls)
    for name in (*called, *code.names, *code.imports):
        capability = of(name) if "." in name else verdict("builtins", name)
        # The table may speak roughly of a whole package: little is said of what is only named.
        is_exact = name in called or name.partition(".")[0] in stdlib_modules() or "." not in name
        if not derived and capability.source.startswith("derived"):
            continue
        if is_exact and capability.ability in (ACTS if name in called else RUNS):
            found[name] = f"{name}, which {capability.why}"
    if found:
        calls = [call for call in code.calls if call.partition("(")[0] in found]
        seen = f", and calls {calls[0]}" if calls else ""
        more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        shown = "; ".join([*found.values()][:SHOWN])
        yield f"the code of {spoken(code)} names {shown}{more}{seen}"


def spoken(code: CompiledCode) -> str:
    """Return how a sentence speaks of a code object."""
    return f"{code.name or '(no name)'} from {code.file}" if code.file else code.name
