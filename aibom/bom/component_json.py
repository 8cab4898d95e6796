"""One component of a bill of materials as CycloneDX JSON, with its keys in a fixed order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .addresses import is_address
from .card_json import model_card
from .cited import Told
from .licences import choices
from .model import Field, Kind
from .said import Said
from .sparse import Json, any_of, integer, items, prop, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import Claim, Component, Evidence, Pointer, Unread

REPOSITORY = "repo_url"  # how keys end that hold the address of a repository
HINT = "this model under another name, or its base model"


def component_json(component: Component, version: str) -> Json:
    """Return `component` for a version of the specification, with `Told` where claims stand."""
    said = Said.of(component.claims)
    is_model = component.kind is Kind.MODEL
    declared, concluded = choices(component.claims, version)
    return {
        "type": component.kind.value,
        **text("bom-ref", component.ref),
        **text("mime-type", component.media_type),
        **any_of("supplier", said.one("name", Field.SUPPLIER)),
        **items("authors", ({"name": told} for told in said.each(Field.AUTHOR))),
        **said.one("group", Field.GROUP),
        "name": said.name(component),
        **said.one("version", Field.VERSION),
        **said.one("description", Field.DESCRIPTION),
        **items("hashes", _hashes(component.hashes)),
        **items("licenses", declared),
        **said.one("purl", Field.PURL),
        **items("externalReferences", _references(component, said)),
        **any_of("pedigree", _pedigree(component, said, version)),
        **(any_of("modelCard", model_card(component, said)) if is_model else {}),
        **items("data", _data(component)),
        **any_of("evidence", _evidence(component, concluded)),
        **items("properties", _properties(component, said)),
    }


def _hashes(hashes: Iterable[tuple[str, str]]) -> Iterator[Json]:
    return ({"alg": algorithm, "content": digest} for algorithm, digest in hashes)


def _references(component: Component, said: Said) -> Iterator[Told]:
    yield from map(_pointer, component.pointers)
    addresses = said.known(Field.ADDRESS)
    plain = [each for each in addresses if is_address(each.value)]
    for claim in plain:
        places = {each.key.endswith(REPOSITORY) for each in claim.evidence}
        for is_repository in sorted(places):
            kind = "vcs" if is_repository else "website"
            yield Told({"url": claim.value, "type": kind}, (claim,))
    if plain == addresses:  # else the properties tell what is no address
        said.placed.add(Field.ADDRESS)
    for told in said.each(Field.DOWNLOAD):
        yield Told({"url": told.value, "type": "distribution"}, told.claims)


def _pointer(pointer: Pointer) -> Told:
    found = {"url": pointer.url, "type": pointer.kind, **items("hashes", _hashes(pointer.hashes))}
    return Told(found, (pointer.claim,))


def _pedigree(component: Component, said: Said, version: str) -> Json:
    relations, hints = said.each(Field.BASE_RELATION), said.each(Field.BASE_HINT)
    told = [f"relation to the base model: {each.value}" for each in relations]
    told += [f"the configuration was loaded from {each.value!r}: {HINT}" for each in hints]
    notes = "; ".join(told)
    claims = tuple(claim for each in (*relations, *hints) for claim in each.claims)
    return {
        **items("ancestors", (component_json(each, version) for each in component.ancestors)),
        **items("variants", (component_json(each, version) for each in component.variants)),
        **({"notes": Told(notes, claims)} if notes else {}),
    }


def _data(component: Component) -> Iterator[Json]:
    if component.kind is Kind.DATA:
        yield {"type": "dataset", "name": component.name}


def _evidence(component: Component, concluded: list[Told]) -> Json:
    claims = [
        *component.claims,
        *component.in_owasp_names,
        *(each.claim for each in component.datasets),
        *(each.claim for each in component.metrics),
        *(each.claim for each in component.pointers),
    ]
    return {
        **items("occurrences", _occurrences(claims)),
        **items("licenses", concluded),
    }


def _occurrences(claims: Iterable[Claim]) -> Iterator[Json]:
    """Yield each place once, with the status and the names of what rests on it."""
    resting: dict[Evidence, dict[str, dict[str, None]]] = {}
    for claim in claims:
        for evidence in claim.evidence:
            names = resting.setdefault(evidence, {}).setdefault(claim.status.value, {})
            names[claim.name] = None
    for evidence, by_status in resting.items():
        context = [f"{status}: {', '.join(names)}" for status, names in by_status.items()]
        if evidence.member:
            context.append(f"in {' > '.join(evidence.member)}")
        yield {
            "location": evidence.file,
            **integer("offset", evidence.offset),
            **text("symbol", evidence.key),
            "additionalContext": "; ".join(context),
        }


def _properties(component: Component, said: Said) -> Iterator[Json]:
    if component.path:
        yield prop("path", component.path)
    if component.size is not None:
        yield prop("size", str(component.size))
    for name in component.formats:
        yield prop("format", name)
    for unread in component.unread:
        yield prop("unread", _why(unread))
    if component.kind is not Kind.MODEL:
        yield from said.properties()


def _why(unread: Unread) -> str:
    where = f" (in {' > '.join(unread.member)})" if unread.member else ""
    return f"{unread.reason}: {unread.detail}{where}"
