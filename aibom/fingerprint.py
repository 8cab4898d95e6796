"""What makes a finding the same one in another run: what it says and where, but no byte offset.

A file may grow, shrink or be packed anew without a change of the part that was judged; waivers,
baselines and code scanning must then know the finding again.
"""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .scanners.rule import Finding

VERSION = 1  # of the recipe; another one makes other fingerprints


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """Return the fingerprint of each finding, in the order given: 64 hexadecimal digits.

    It is a SHA-256 over rule, path, message, and how many like it come before in the same artifact.
    """
    seen: Counter[tuple[str, tuple[str, ...], str]] = Counter()
    found: list[str] = []
    for finding in findings:
        like = (finding.rule, finding.path, finding.message)
        told = json.dumps([VERSION, *like, seen[like]])
        seen[like] += 1
        found.append(sha256(told.encode()).hexdigest())
    return found
