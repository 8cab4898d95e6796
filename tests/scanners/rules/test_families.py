"""Rules are found by their ids, and by the facts that they judge."""

import subprocess
import sys

from aibom.scanners.rules import RULES, named

LOADED = """
import sys
from aibom.scanners.rules import named
assert named({"licence-missing"})["licence-missing"].id == "licence-missing"
assert [*named({"licence-missing"})] == ["licence-missing"]
before = {name for name in sys.modules if name.startswith("aibom.scanners.rules.")}
named({"licence-missing"})
after = {name for name in sys.modules if name.startswith("aibom.scanners.rules.")}
print(before == after)
"""


def test_every_rule_is_found_by_its_id() -> None:
    assert named([rule.id for rule in RULES]) == {rule.id: rule for rule in RULES}


def test_what_is_no_rule_is_left_out() -> None:
    assert named({"no-such-rule"}) == {}


def test_a_family_that_was_loaded_is_asked_first() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    assert done.stdout == "True\n"
