"""Hold a signed BOM against what the bytes say today: its signer may have been wrong, or lied.

Compared is what follows from the bytes alone: sizes, formats, what was not read, the observed
claims, parameters, whether all is known, and the findings. With the rules of another version than
the signer's, more may be known today; then the BOM may say less, but nothing else, and no finding
that fails by itself. One version has one set of rules: who states another makes that up.

A file that the signature does not cover may be anybody's: what is found in it is told, and shows
nothing of the signer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .bom import build, card_json, cyclonedx
from .bom.build import SUBJECT
from .bom.model import property_of
from .scanners.record import record, replace
from .scanners.rule import Severity
from .scanners.shapes import is_list, is_object
from .signatures import SignatureError
from .signatures.components import components

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from .report import Report

PREFIX = "aibom:"
OBSERVED = "observed: "
INTRINSIC = frozenset({"size", "format", "unread"})  # properties that need no evidence
PLACED = frozenset(field.value for field in card_json.PARAMETERS)  # those that the card holds
ALWAYS = INTRINSIC | PLACED
OWN_PLACES = frozenset({"purl"})  # keys of a component, called as its fields
FINGERPRINTS = "weights:"  # how their fields begin
WEIGHTS = "weights:"  # how references of sets of files begin, which have no path
SHOWN = 3


@record
class Rescan:
    """What was recomputed and agrees."""

    bom: dict[str, Any]  # the document that today's scan would write
    same_rules: bool  # the signer's scan had these very rules
    new_findings: tuple[str, ...]  # sentences; only with other rules
    uncovered: tuple[str, ...] = ()  # sentences: what differs in files that nobody signed


def rescan(
    signed: dict[str, Any], report: Report, covered: Collection[str] | None = None
) -> Rescan:
    """Compare the `signed` CycloneDX document with the `report` of a scan of the same files.

    `covered` are the names of the files that the signature speaks of, by default of all.

    Raises:
        SignatureError: `rescan-differs`.
    """
    if not _has_fingerprints(signed):
        report = replace(report, weights=None)
    elif report.weights is None:
        why = "the BOM has fingerprints of the weights, the report of today's scan has none"
        raise SignatureError("rescan-differs", f"{why}: scan with fingerprints=True")
    fresh = cyclonedx.document(build(report))
    same = _rules(signed) == _rules(fresh)
    then, found = _by_ref(signed), _by_ref(fresh)
    aside = _aside(then, found, covered)
    gaps = _uncovered_gaps(report, covered)
    faults = [
        *_rules_faults(signed, fresh),
        *_claims(signed, fresh, same=same),
        *_degrees(signed, fresh, same=same, but=frozenset({SUBJECT} if gaps else ())),
        *_findings(_without(then, aside), _without(found, aside), same=same),
    ]
    if faults:
        more = f" and {len(faults) - SHOWN} more differences" if len(faults) > SHOWN else ""
        rules = "" if same else " (the rules of today are others than the signer's)"
        raise SignatureError("rescan-differs", "; ".join(faults[:SHOWN]) + more + rules)
    new = [_told(each) for ref, each in _without(found, aside).items() if ref not in then]
    return Rescan(fresh, same, tuple(new), (*aside.values(), *gaps))


def _has_fingerprints(bom: dict[str, Any]) -> bool:
    """Whether anything in a BOM is said of tensors by their values."""
    prefix = PREFIX + FINGERPRINTS
    return any(
        str(each.get("name")).startswith(prefix)
        for component in components(bom)
        for each in _properties(component)
    )


def _rules(bom: dict[str, Any]) -> list[tuple[str, frozenset[str]]]:
    metadata = _object(bom.get("metadata"))
    tools = _objects(_object(metadata.get("tools")).get("components"))
    return [(str(tool.get("version")), _values(tool, "rules:sha256")) for tool in tools]


def _rules_faults(signed: dict[str, Any], fresh: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong where a version of ours is stated with other rules than it has."""
    ours = dict(_rules(fresh))
    for version, rules in _rules(signed):
        if version in ours and rules and rules != ours[version]:
            told = f"{sorted(ours[version])}, signed {sorted(rules)!r:.200}"
            yield f"the rules of aibom {version} are {told}"


def _claims(signed: dict[str, Any], fresh: dict[str, Any], *, same: bool) -> Iterator[str]:
    """Yield each difference between what two documents observe of the same file."""
    today = {path: component for component in components(fresh) for path in _places(component)}
    for component in components(signed):
        for path in _places(component):
            now = today.get(path)
            if now is None:
                yield f"{path!r:.200} was not scanned"
                continue
            yield from _differences(f"{path!r:.200}", component, now, same=same)
    then, now = _subject(signed), _subject(fresh)
    if then is not None and now is not None and not _paths(now):  # a file was compared above
        yield from _differences("the model", then, now, same=same)


def _differences(
    what: str, component: dict[str, Any], now: dict[str, Any], *, same: bool
) -> Iterator[str]:
    for name in sorted(_observed(component) | _observed(now)):
        if name.startswith(FINGERPRINTS) and not same:
            continue  # of more tensors the values may be found today
        then, found = _values(component, name), _values(now, name)
        if not _agree(name, then, found, same=same):
            yield f"{what}: {name} is {sorted(found)!r:.200}, signed {sorted(then)!r:.200}"


def _agree(name: str, then: frozenset[str], found: frozenset[str], *, same: bool) -> bool:
    if same:
        return then == found
    return name == "unread" or then <= found  # more can be read today, and more be known


def _aside(
    then: dict[str, dict[str, Any]],
    found: dict[str, dict[str, Any]],
    covered: Collection[str] | None,
) -> dict[str, str]:
    """Return what differs between two sets of findings in files that are not covered, by ref."""
    told: dict[str, str] = {}
    for ref in sorted(then.keys() ^ found.keys()):
        each = found.get(ref) or then[ref]
        file = next(_values_of(each, "finding:file"), None)
        if covered is None or file is None or file in covered:
            continue
        how = "the BOM leaves out" if ref in found else "the bytes no longer give"
        told[ref] = f"{how} {_told(each)}; the signature does not cover this file"
    return told


def _uncovered_gaps(report: Report, covered: Collection[str] | None) -> tuple[str, ...]:
    """Return what was not read of files that are not covered."""
    unread = ((artifact.path[0], fact.detail) for artifact, fact in report.unread)
    return tuple(
        f"{name!r:.200}, which the signature does not cover, was not read: {why!r:.200}"
        for name, why in unread
        if covered is not None and name not in covered
    )


def _without(
    findings: dict[str, dict[str, Any]], aside: Collection[str]
) -> dict[str, dict[str, Any]]:
    return {ref: each for ref, each in findings.items() if ref not in aside}


def _findings(
    then: dict[str, dict[str, Any]], found: dict[str, dict[str, Any]], *, same: bool
) -> Iterator[str]:
    if not same:
        for ref in sorted(found.keys() - then.keys()):
            if _severity(found[ref]) >= Severity.HIGH:
                yield f"the BOM leaves out {_told(found[ref])}"
        return
    for ref in sorted(then.keys() - found.keys()):
        yield f"the BOM states {_told(then[ref])}, which the bytes do not give"
    for ref in [each for each in reversed(found) if each not in then]:  # worst first
        yield f"the BOM leaves out {_told(found[ref])}"
    for ref in sorted(then.keys() & found.keys()):
        if _told(then[ref]) != _told(found[ref]):
            yield f"the BOM states {_told(then[ref])}, the bytes give {_told(found[ref])}"


def _by_ref(bom: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the findings by what names each in every run over the same bytes."""
    return {str(each.get("bom-ref")): each for each in _objects(bom.get("vulnerabilities"))}


def _told(finding: dict[str, Any]) -> str:
    """Return a finding in words: how severe, of which rule, where, and what it says."""
    ratings = [str(rating.get("severity")) for rating in _objects(finding.get("ratings"))]
    rule = f"{', '.join(ratings):.40}[{finding.get('id')!s:.80}]"
    path = [*_values_of(finding, "finding:file"), *_values_of(finding, "finding:member")]
    where = f"in {' › '.join(path)!r:.200}" if path else "of the model as a whole"
    return f"{rule!r} {where}: {str(finding.get('description'))!r:.200}"


def _values_of(finding: dict[str, Any], name: str) -> Iterator[str]:
    for each in _objects(finding.get("properties")):
        if each.get("name") == PREFIX + name:
            yield str(each.get("value"))


def _severity(finding: dict[str, Any]) -> Severity:
    """Return the severity of a finding of today's, which are ours."""
    return max(Severity[str(each["severity"]).upper()] for each in finding["ratings"])


def _degrees(
    signed: dict[str, Any], fresh: dict[str, Any], *, same: bool, but: frozenset[str]
) -> Iterator[str]:
    """Yield where the BOM says otherwise than today's whether all of something is known."""
    then, found = _aggregates(signed), _aggregates(fresh)
    for ref in sorted((then.keys() | found.keys()) - but):
        before, now = then.get(ref, set()), found.get(ref, set())
        if before != now and (same or "complete" in before):
            told = f"{sorted(now)!r:.100}, signed {sorted(before)!r:.100}"
            yield f"what is known of {ref!r:.200} is {told}"


def _aggregates(bom: dict[str, Any]) -> dict[str, set[str]]:
    """Return of each component how much of it the compositions call known."""
    degrees: dict[str, set[str]] = {}
    for each in _objects(bom.get("compositions")):
        parts = each.get("assemblies")
        for ref in parts if is_list(parts) else ():
            degrees.setdefault(str(ref), set()).add(str(each.get("aggregate")))
    return degrees


def _subject(bom: dict[str, Any]) -> dict[str, Any] | None:
    subject = _object(bom.get("metadata")).get("component")
    return subject if is_object(subject) else None


def _places(component: dict[str, Any]) -> frozenset[str]:
    """Return what a component is known by: its paths, or the reference of a set of weights."""
    ref = str(component.get("bom-ref"))
    return _paths(component) | {each for each in (ref,) if each.startswith(WEIGHTS)}


def _paths(component: dict[str, Any]) -> frozenset[str]:
    """Return the paths by which a component is listed."""
    told = _objects(component.get("properties"))
    return frozenset(str(each.get("value")) for each in told if each.get("name") == PREFIX + "path")


def _observed(component: dict[str, Any]) -> set[str]:
    """Return the names of what a component states by its bytes alone."""
    names = {name for name in ALWAYS if _values(component, name)}
    for place in _objects(_object(component.get("evidence")).get("occurrences")):
        for part in str(place.get("additionalContext")).split("; "):
            if part.startswith(OBSERVED):
                names.update(part.removeprefix(OBSERVED).split(", "))
    return names


def _values(component: dict[str, Any], name: str) -> frozenset[str]:
    """Return what a component says under `name`, wherever the specification has a place for it."""
    card = _object(component.get("modelCard"))
    told = _properties(component)
    values = {str(each.get("value")) for each in told if each.get("name") == property_of(name)}
    parameters = _object(card.get("modelParameters"))
    values.update(
        str(port.get("format"))
        for field, key in card_json.PORTS.items()
        if field.value == name
        for port in _objects(parameters.get(key))
    )
    if name in OWN_PLACES and name in component:
        values.add(str(component[name]))
    values.update(
        str(parameters[key])
        for field, key in card_json.PARAMETERS.items()
        if field.value == name and key in parameters
    )
    return frozenset(values)


def _properties(component: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from _objects(component.get("properties"))
    yield from _objects(_object(component.get("modelCard")).get("properties"))


def _object(value: object) -> dict[str, Any]:
    return value if is_object(value) else {}


def _objects(value: object) -> Iterator[dict[str, Any]]:
    yield from (item for item in (value if is_list(value) else ()) if is_object(item))
