"""The rules that a policy writes itself: expressions in CEL about a model, its files, its findings.

https://cel.dev: expressions without loops, input or output. An expression is true of what must not
be. One that names a field that is not there, or is neither true nor false, counts as true: a rule
that cannot be judged is not met.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .errors import TargetError
from .scanners.facts import NOWHERE, Licence, Metadata, Tensor
from .scanners.record import record
from .scanners.rule import Finding
from .scanners.shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from .policy import PolicyRule
    from .report import Report
    from .scanners.artifact import Artifact

SUBJECTS = ("model", "file", "finding")
SHOWN = 300  # characters of a value that an explanation shows, and of a mistake
MISTAKE = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")


@record
class Judged:
    """What one rule says of one thing."""

    rule: PolicyRule
    path: tuple[str, ...]  # of the file; () is the model as a whole
    is_broken: bool
    why: str  # why it could not be judged, or ""
    values: tuple[tuple[str, str], ...]  # the fields that the expression names, and what they hold


def broken(rules: Iterable[PolicyRule], report: Report) -> list[Finding]:
    """Return a finding for each thing of which a rule is broken.

    Raises:
        TargetError: The engine is not installed, or an expression is none.
    """
    return [
        Finding(each.rule.id, each.rule.severity, _message(each), each.path, NOWHERE)
        for each in judge(rules, report)
        if each.is_broken
    ]


def _message(judged: Judged) -> str:
    return f"{judged.rule.message}: {judged.why}" if judged.why else judged.rule.message


def judge(rules: Iterable[PolicyRule], report: Report) -> Iterator[Judged]:
    """Yield what each rule says of each thing that it is asked of.

    Raises:
        TargetError: The engine is not installed, or an expression is none.
    """
    cel = _engine()
    model = _model(report)
    for rule in rules:
        program = compiled(rule, cel)
        for path, subject in _subjects(rule.each, report):
            yield _judged(rule, program, path, {"model": model} | subject)


def compiled(rule: PolicyRule, engine: ModuleType | None = None) -> Any:  # noqa: ANN401 - the library's
    """Return the program of a rule.

    Raises:
        TargetError: It is no expression, or names what there is not.
    """
    try:
        program = (engine or _engine()).compile(rule.when)
    except ValueError as error:
        raise TargetError(
            f"rule {rule.id!r}: {rule.when!r} is no expression: {_mistake(error)}."
        ) from error
    allowed = {"model", rule.each}
    free = {name.partition(".")[0] for name in _fields(rule.when)} & {*SUBJECTS} - allowed
    if free:
        raise TargetError(
            f"rule {rule.id!r} is asked of each {rule.each}, so it cannot name {min(free)!r}."
        )
    return program


def _mistake(error: ValueError) -> str:
    """Return the first of what the engine says of an expression, on one line."""
    found = MISTAKE.search(str(error))
    told = f"line {found[1]}, column {found[2]}: {found[3]}" if found else str(error)
    return " ".join(told.split())[:SHOWN]


def _engine() -> ModuleType:
    try:
        import cel  # noqa: PLC0415 - an extra; 10 ms
    except ImportError as error:
        raise TargetError(
            "this policy has rules with expressions, which need the extra `policy`: "
            "pip install 'aibom[policy]'"
        ) from error
    return cel


def _judged(
    rule: PolicyRule,
    program: Any,  # noqa: ANN401 - the library's
    path: tuple[str, ...],
    context: dict[str, Any],
) -> Judged:
    try:
        said = program.execute(context)
        why = "" if isinstance(said, bool) else f"the expression gives {said!r:.100}, not a bool"
    except (ArithmeticError, LookupError, TypeError, ValueError, RuntimeError) as error:
        said, why = True, f"it cannot be judged, so it is not met: {_problem(error)}"
    values = tuple(_values(rule.when, context))
    return Judged(rule, path, said is not False, why, values)


def _problem(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"there is no field {error.args[0]!r:.100}"
    return f"{error!s:.200}"


# --- What an expression can name ------------------------------------------------------------------


def _subjects(each: str, report: Report) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    match each:
        case "file":
            for artifact in report.artifacts:
                yield artifact.path, {"file": _file(artifact, report)}
        case "finding":
            for finding in report.findings:
                yield finding.path, {"finding": _finding(finding)}
        case _:
            yield (), {}


def _model(report: Report) -> dict[str, Any]:
    return {
        "name": report.name,
        "files": len(report.artifacts),
        "bytes": report.coverage.size,
        "complete": report.is_complete,
        "formats": sorted({name for each in report.artifacts for name in _formats(each)}),
        "licences": _licences(report.artifacts),
        "rules": sorted({finding.rule for finding in report.findings}),
        "tensors": sum(isinstance(fact, Tensor) for _, fact in report.target.facts()),
    }


def _file(artifact: Artifact, report: Report) -> dict[str, Any]:
    name = artifact.path[0]
    return {
        "path": name,
        "bytes": artifact.size,
        "sha256": dict(artifact.digests).get("sha256", ""),
        "complete": artifact.is_complete,
        "formats": _formats(artifact),
        "licences": _licences((artifact,)),
        "metadata": _metadata(artifact),
        "rules": sorted({found.rule for found in report.findings if found.path[:1] == (name,)}),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.name.lower(),
        "level": int(finding.severity),  # 0 info to 4 critical
        "message": finding.message,
        "path": finding.path[0] if finding.path else "",
        "inside": list(finding.path[1:]),
    }


def _formats(artifact: Artifact) -> list[str]:
    """Return the formats of a file and of everything inside it."""
    return sorted({name for each in artifact.walk() for name in each.formats})


def _licences(artifacts: Iterable[Artifact]) -> list[str]:
    """Return what is declared, and what texts were told to be."""
    facts = (f for a in artifacts for each in a.walk() for f in each.facts)
    told = (fact for fact in facts if isinstance(fact, Licence))
    return sorted({name for fact in told for name in (fact.ids or (fact.value,))})


def _metadata(artifact: Artifact) -> dict[str, str]:
    """Return each key with its last value."""
    facts = (fact for each in artifact.walk() for fact in each.facts)
    return {fact.key: fact.value for fact in facts if isinstance(fact, Metadata)}


# --- Explaining -----------------------------------------------------------------------------------


def _fields(expression: str) -> list[str]:
    """Return the fields that an expression names, such as ``file.formats``, in order."""
    import re  # noqa: PLC0415 - few policies have rules

    plain = re.sub(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""", "", expression)
    named = re.findall(rf"(?<![\w.])((?:{'|'.join(SUBJECTS)})(?:\.\w+)*)(?!\w*\()", plain)
    return list(dict.fromkeys(named))


def _values(expression: str, context: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for field in _fields(expression):
        value: Any = context
        for step in field.split("."):
            value = value.get(step, ...) if is_object(value) else ...
        if value is not ...:
            yield field, f"{value!r:.{SHOWN}}"
