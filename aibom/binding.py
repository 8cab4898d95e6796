"""Which bytes a finding rests on: those that somebody answered for, and no others.

That is the file in which it is; of a finding about the whole target every file; and where loading
imports code that a configuration names, all code beside it as well, since what a named module
imports in turn cannot be told for certain.
"""

from __future__ import annotations

import json
import re
from fnmatch import translate
from functools import cached_property
from glob import has_magic
from hashlib import sha256
from typing import TYPE_CHECKING

from .scanners.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from .report import Report
    from .scanners.artifact import Artifact
    from .scanners.rule import Finding

DANGEROUS = Severity.HIGH  # from here on a rule is about malicious content
UNKNOWN = "unknown"  # the digest of bytes that are not known: it equals no other
ABOUT_CODE = frozenset({"remote-code"})  # rules that name code and do not judge it
CODE_FORMATS = frozenset({"python", "pyc", "marshal", "python-pth", "elf", "pe", "mach-o"})
CODE_NAMES = (".py", ".pyw", ".pyc", ".so", ".pyd", ".dll", ".dylib")


def is_bound(finding: Finding) -> bool:
    """Return whether a finding is known again only while its bytes are the same."""
    return finding.severity >= DANGEROUS or finding.rule in ABOUT_CODE


def matching(patterns: Sequence[str], names: Collection[str]) -> Iterator[str]:
    """Yield those of `names` that a pattern fits, where * stands for anything; without any, all."""
    if not patterns:
        yield from names
    for pattern in patterns:
        if has_magic(pattern):
            fits = re.compile(translate(pattern)).match  # as `fnmatchcase`, which keeps 256 of them
            yield from filter(fits, names)
        elif pattern in names:
            yield pattern


class Bindings:
    """The digests of the bytes that the findings of one report rest on."""

    def __init__(self, report: Report) -> None:
        """Take the digests of every file."""
        self._artifacts = report.artifacts
        self._digests = {each.path[0]: _sha256(each) for each in report.artifacts}

    def of(self, finding: Finding) -> str:
        """Return a SHA-256 (hexadecimal), or UNKNOWN: of its file, or of all that it rests on."""
        return self.of_file(finding.rule, finding.path[0]) if finding.path else self._whole

    def of_file(self, rule: str, name: str) -> str:
        """Return what `of` would for a finding of `rule` in the file `name`."""
        own = self._digests.get(name, UNKNOWN)
        return _together({**self._code, name: own}) if rule in ABOUT_CODE else own

    def named(self, patterns: Sequence[str]) -> Iterator[str]:
        """Yield the files that `patterns` are about; no pattern is about all of them."""
        return matching(patterns, self._digests)

    @cached_property
    def _whole(self) -> str:
        return _together(self._digests)

    @cached_property
    def _code(self) -> dict[str, str]:
        names = [each.path[0] for each in self._artifacts if _is_code(each)]
        return {name: self._digests[name] for name in names}


def _is_code(artifact: Artifact) -> bool:
    named = artifact.path[0].lower().endswith(CODE_NAMES)
    return named or not CODE_FORMATS.isdisjoint(artifact.formats)


def _sha256(artifact: Artifact) -> str:
    return dict(artifact.digests).get("sha256", UNKNOWN)


def _together(digests: Mapping[str, str]) -> str:
    if UNKNOWN in digests.values():
        return UNKNOWN
    return sha256(json.dumps(sorted(digests.items())).encode()).hexdigest()
