"""What a wildcard says of a library's calls is not said of its classes that are only rebuilt."""

from __future__ import annotations

import pytest

from aibom.scanners.capability import Ability, verdict


@pytest.mark.parametrize(
    ("module", "name", "use", "ability"),
    [
        ("joblib.memory", "Memory", "rebuild", Ability.HARMLESS),
        ("joblib.memory", "Memory", "import", Ability.HARMLESS),
        ("joblib.memory", "Memory", "call", Ability.UNPICKLE),
        ("joblib", "load", "import", Ability.UNPICKLE),
        ("subprocess", "Popen", "rebuild", Ability.PROCESS),
        ("subprocess", "CalledProcessError", "call", Ability.HARMLESS),
        ("ssl", "_SSLMethod", "call", Ability.HARMLESS),
        ("pyarrow.lib", "type_for_alias", "call", Ability.HARMLESS),
        ("networkx", "write_gml", "call", Ability.WRITE),
        ("scipy.datasets", "face", "call", Ability.NETWORK),
        ("sympy.core.power", "Pow", "rebuild", Ability.CALLBACK),
    ],
)
def test_the_verdict_depends_on_the_use(module: str, name: str, use: str, ability: Ability) -> None:
    assert verdict(module, name, use).ability is ability


def test_what_evaluates_text_is_judged_by_its_texts() -> None:
    assert verdict("sympy.core.power", "Pow", "call").may_open
