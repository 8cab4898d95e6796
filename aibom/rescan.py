"""Hold a signed BOM against what the bytes say today: its signer may have been wrong, or lied.

Compared is what follows from the bytes alone: sizes, formats, what was not read, the observed
claims, parameters, whether all is known, and the findings. With the rules of another version than
the signer's, more may be known today; then the BOM may say less, but nothing else, and no finding
that fails by itself. One version has one set of rules: who states another makes that up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .bom import build, card_json, cyclonedx
from .bom.model import property_of
from .scanners.record import record, replace
from .scanners.rule import Severity
from .scanners.shapes import is_list, is_object
from .signatures import SignatureError
from .signatures.components import components

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def rescan(signed: dict[str, Any], report: Report) -> Rescan:
    """Compare the `signed` CycloneDX document with the `report` of a scan of the same files.

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
    faults = [
        *_rules_faults(signed, fresh),
        *_claims(signed, fresh, same=same),
        *_degrees(signed, fresh, same=same),
        *_findings(signed, fresh, same=same),
    ]
    if faults:
        more = f" and {len(faults) - SHOWN} more differences" if len(faults) > SHOWN else ""
        rules = "" if same else " (the rules of today are others than the signer's)"
        raise SignatureError("rescan-differs", "; ".join(faults[:SHOWN]) + more + rules)
    known = _by_ref(signed)
    new = [_told(each) for ref, each in _by_ref(fresh).items() if ref not in known]
    return Rescan(fresh, same, tuple(new))


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


def _findings(signed: dict[str, Any], fresh: dict[str, Any], *, same: bool) -> Iterator[str]:
    then, found = _by_ref(signed), _by_ref(fresh)
    if not same:
        for ref in sorted(found.keys() - then.keys()):
            if _severity(found[ref]) >= Severity.HIGH:
                yield f"the BOM leaves out {_told(found[ref])}"
        return
    for ref in then.keys() - found.keys():
        yield f"the BOM states {_told(then[ref])}, which the bytes do not give"
    for ref in found.keys() - then.keys():
        yield f"the BOM leaves out {_told(found[ref])}"
    for ref in then.keys() & found.keys():
        if _told(then[ref]) != _told(found[ref]):
            yield f"the BOM states {_told(then[ref])}, the bytes give {_told(found[ref])}"


def _by_ref(bom: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the findings by what names each in every run over the same bytes."""
    return {str(each.get("bom-ref")): each for each in _objects(bom.get("vulnerabilities"))}


def _told(finding: dict[str, Any]) -> str:
    ratings = [str(rating.get("severity")) for rating in _objects(finding.get("ratings"))]
    said = str(finding.get("description"))
    return f"{', '.join(ratings)!r:.40}[{finding.get('id')!r:.80}] {said!r:.200}"


def _severity(finding: dict[str, Any]) -> Severity:
    """Return the severity of a finding of today's, which are ours."""
    return max(Severity[str(each["severity"]).upper()] for each in finding["ratings"])


def _degrees(signed: dict[str, Any], fresh: dict[str, Any], *, same: bool) -> Iterator[str]:
    """Yield where the BOM says otherwise than today's whether all of something is known."""
    then, found = _aggregates(signed), _aggregates(fresh)
    for ref in sorted(then.keys() | found.keys()):
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
