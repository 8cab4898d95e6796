"""What the names in compiled code can do, and how a code object is spoken of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import Ability, of, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...facts import CompiledCode

ACTS = frozenset({Ability.PROCESS, Ability.CODE, Ability.NATIVE, Ability.NETWORK})
SHOWN = 5  # names in one sentence


def acting(code: CompiledCode) -> Iterator[str]:
    """Yield one sentence if the code names something that reaches process, code or network."""
    found: dict[str, str] = {}
    for name in (*code.names, *code.imports):
        capability = of(name) if "." in name else verdict("builtins", name)
        if capability.ability in ACTS:
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
