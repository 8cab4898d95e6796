"""A whole CycloneDX document as a graph of SPDX 3.0.1, in a fixed order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...scanners.shapes import is_list
from .. import cyclonedx
from .elements import CREATION, MODEL, Json, agent, element, file, package, path_of, relationship
from .licences import expression, licences

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
SPEC = "3.0.1"

# What the AI profile demands of a model. The Dataset profile also demands who made a data set and
# when it was built, for which CycloneDX has no place: no document is said to conform to that.
DEMANDED = ("suppliedBy", "releaseTime", "software_downloadLocation", "software_packageVersion")

ROLE = "aibom:dataset:role"  # property: what a data set was used for
TESTED_ON = "aibom:dataset:evaluation"  # property of a model card: the name of a data set
TESTED = frozenset({"evaluation", "test", "testing", "validation"})
DATA = "dataset_DatasetPackage"
IN_LINKS = "/:@!$&'()*+,;=-._~?"  # what stands in the fragment of an address as it is
COMPLETENESS = {"complete": "complete", "incomplete": "incomplete", "unknown": "noAssertion"}

LEFT_OUT = (
    "vulnerabilities",
    "citations",
    "annotations",
    "declarations",
    "services",
    "formulation",
)


def document(bom: Json, created: str) -> Json:
    """Return the graph of a valid BOM that has a serial number and a subject."""
    graph = _Graph(bom)
    graph.add_all()
    return {"@context": CONTEXT, "@graph": list(graph.head(created)) + graph.elements}


def left_out(bom: Json) -> tuple[tuple[str, int], ...]:
    """Return what of a BOM SPDX's profiles here have no place for, and how many of it."""
    found = ((key, bom.get(key, ())) for key in LEFT_OUT)
    counts = ((key, len(value) if is_list(value) else 1) for key, value in found if value)
    return tuple(counts)


class _Graph:
    """The elements made so far, each with an id of its own."""

    def __init__(self, bom: Json) -> None:
        self.bom = bom
        self.elements: list[Json] = []
        serial: str = bom["serialNumber"]
        self.prefix = f"urn:cdx:{serial.removeprefix('urn:uuid:')}/{bom.get('version', 1)}#"
        self.subject = ""  # its spdxId
        self._by_ref = {each.get("bom-ref", ""): each for each in _flat(bom.get("components", ()))}
        self._aggregates = _aggregates(bom)
        self._seen = set[str]()
        self._ids = dict[str, str]()  # bom-ref -> spdxId

    def head(self, created: str) -> Iterator[Json]:
        """Yield who made the graph and when, and what its document and its SBOM hold."""
        program = agent("SoftwareAgent", cyclonedx.TOOL, self.prefix)
        yield {
            "type": "CreationInfo",
            "@id": CREATION,
            "specVersion": SPEC,
            "created": created,
            "createdBy": [program["spdxId"]],
        }
        yield program
        sbom = element(
            "software_Sbom",
            f"{self.prefix}spdx:sbom",
            "",
            rootElement=[self.subject],
            element=[each["spdxId"] for each in self.elements],
            software_sbomType=["analyzed"],
        )
        yield element(
            "SpdxDocument",
            f"{self.prefix}spdx:document",
            "",
            rootElement=[sbom["spdxId"]],
            element=[program["spdxId"], sbom["spdxId"], *sbom["element"]],
            profileConformance=list(self._profiles()),
        )
        yield sbom

    def _profiles(self) -> Iterator[str]:
        """Yield the profiles whose demands are met."""
        yield from ("core", "software", "simpleLicensing")
        models = [each for each in self.elements if each["type"] == "ai_AIPackage"]
        if models and all(key in each for each in models for key in DEMANDED):
            yield "ai"

    def add_all(self) -> None:
        """Add the subject, all components, and how they hang together."""
        subject: Json = self.bom["metadata"]["component"]
        components: list[Json] = list(_flat(self.bom.get("components", ())))
        self.subject = self._component(subject, "metadata/component")
        parts = [self._component(each, f"components/{at}") for at, each in enumerate(components)]
        held = [
            spdx_id
            for each, spdx_id in zip(components, parts, strict=True)
            if each["type"] in {MODEL, "file"}
        ]
        known = self._completeness(subject.get("bom-ref", ""), "assemblies")
        self._relate(self.subject, "contains", held, known)
        for each, spdx_id in zip((subject, *components), (self.subject, *parts), strict=True):
            self._data(each, spdx_id)
        self._dependencies(held)

    def _component(self, component: Json, where: str) -> str:
        """Add a component with its supplier, licences and pedigree; return its id."""
        spdx_id = self._id(component, where)
        if component["type"] == "file":
            self._add(file(component, spdx_id))
        else:
            self._package(component, spdx_id)
        self._licences(component, spdx_id)
        self._pedigree(component, spdx_id, where)
        return spdx_id

    def _package(self, component: Json, spdx_id: str) -> None:
        supplier: Json = component.get("supplier") or component.get("manufacturer") or {}
        by = ""
        if supplier.get("name"):
            organisation = agent("Organization", supplier["name"], self.prefix)
            self._add(organisation)
            by = organisation["spdxId"]
        self._add(package(component, spdx_id, by))
        if path_of(component):
            artifact = self._own("file", spdx_id)
            self._add(file(component, artifact))
            self._relate(spdx_id, "hasDistributionArtifact", [artifact], "complete")

    def _id(self, component: Json, where: str) -> str:
        """Return the BOM-Link of a component; one without a reference of its own gets its place."""
        ref: str = component.get("bom-ref", "")
        is_ours = not ref or ref.startswith("spdx:")  # names that are kept for the graph's own
        name = f"spdx:component:{where}" if is_ours else quote(ref, safe=IN_LINKS)
        if self.prefix + name in self._seen:
            name = f"spdx:component:{where}"
        if ref:
            self._ids.setdefault(ref, self.prefix + name)
        return self.prefix + name

    def _own(self, what: str, spdx_id: str) -> str:
        """Return the id of something that the BOM has no reference for, beside what it is of."""
        return f"{self.prefix}spdx:{what}:{spdx_id.removeprefix(self.prefix)}"

    def _add(self, made: Json) -> None:
        """Add an element unless one of its id is there, which then is the same."""
        if made["spdxId"] not in self._seen:
            self._seen.add(made["spdxId"])
            self.elements.append(made)

    def _relate(self, source: str, kind: str, targets: list[str], completeness: str = "") -> None:
        if targets:
            scope = source.removeprefix(self.prefix)
            targets = list(dict.fromkeys(targets))
            self._add(
                relationship(
                    self.prefix, source, kind, targets, completeness=completeness, scope=scope
                )
            )

    def _licences(self, component: Json, spdx_id: str) -> None:
        known: dict[str, list[str]] = {}
        for relation, text, name in licences(component):
            made = expression(text, name, self.prefix)
            self._add(made)
            known.setdefault(relation, []).append(made["spdxId"])
        for relation, targets in known.items():
            self._relate(spdx_id, relation, targets)

    def _pedigree(self, component: Json, spdx_id: str, where: str) -> None:
        pedigree: Json = component.get("pedigree", {})
        for key, relation in (("ancestors", "descendantOf"), ("variants", "hasVariant")):
            made = [
                self._component(each, f"{where}/pedigree/{key}/{at}")
                for at, each in enumerate(pedigree.get(key, ()))
            ]
            self._relate(spdx_id, relation, made)

    def _data(self, component: Json, spdx_id: str) -> None:
        """Relate a model to the data that it was trained on, and to what it was tested on."""
        parameters = component.get("modelCard", {}).get("modelParameters", {})
        used: dict[str, list[str]] = {"trainedOn": [], "testedOn": []}
        for at, dataset in enumerate(parameters.get("datasets", ())):
            ref = dataset.get("ref", "")
            target = self._ids.get(ref, "") if ref else self._inline(dataset, spdx_id, at)
            if target:
                used["testedOn" if self._role(dataset) in TESTED else "trainedOn"].append(target)
        used["testedOn"] += self._tested_on(component)
        known = self._completeness(component.get("bom-ref", ""), "dependencies")
        for relation, targets in used.items():
            self._relate(spdx_id, relation, targets, known)

    def _tested_on(self, component: Json) -> Iterator[str]:
        """Yield the data sets for testing that a model card names in its properties."""
        told = component.get("modelCard", {}).get("properties", ())
        names = {each.get("value") for each in told if each.get("name") == TESTED_ON}
        for ref, each in self._by_ref.items():
            is_named = each.get("type") == "data" and each.get("name") in names
            if is_named and self._role({"ref": ref}) in TESTED and ref in self._ids:
                yield self._ids[ref]

    def _inline(self, dataset: Json, model: str, at: int) -> str:
        """Add a data set that stands in the model card itself."""
        told = {key: dataset[key] for key in ("description",) if key in dataset}
        spdx_id = self._own(f"data:{at}", model)
        self._add(package({"type": "data", "name": dataset.get("name", "data"), **told}, spdx_id))
        return spdx_id

    def _role(self, dataset: Json) -> str:
        """Return what a data set was used for, as it or the component that it refers to says."""
        referred = self._by_ref.get(dataset.get("ref", ""), {})
        holders: list[Json] = [referred, dataset.get("contents", {})]
        told: list[Json] = [each for holder in holders for each in holder.get("properties", ())]
        return next((each.get("value", "") for each in told if each.get("name") == ROLE), "")

    def _dependencies(self, held: list[str]) -> None:
        """Relate what depends on what; what the subject consists of was said already."""
        data = {each["spdxId"] for each in self.elements if each["type"] == DATA}
        needs: dict[str, list[str]] = {}
        for entry in self.bom.get("dependencies", ()):
            needs.setdefault(entry["ref"], []).extend(entry.get("dependsOn", ()))
        for ref, refs in needs.items():
            source = self._ids.get(ref, "")
            said = {*held, *data} if source == self.subject else data
            targets = [self._ids[each] for each in refs if each in self._ids]
            if source:
                self._relate(source, "dependsOn", [each for each in targets if each not in said])

    def _completeness(self, ref: str, key: str) -> str:
        """Return how much is known of what a component consists of, or depends on."""
        aggregate = self._aggregates.get((key, ref), "")
        return COMPLETENESS.get(aggregate.partition("_")[0], "")  # incomplete_first_party_only


def _aggregates(bom: Json) -> dict[tuple[str, str], str]:
    """Return the aggregate of each reference, for what it consists of and what it depends on."""
    return {
        (key, ref): composition["aggregate"]
        for composition in bom.get("compositions", ())
        for key in ("assemblies", "dependencies")
        for ref in composition.get(key, ())
    }


def _flat(components: Any) -> Iterator[Json]:  # noqa: ANN401 - a list of JSON, as the schema says
    """Yield components and those in them, outer ones first."""
    for component in components:
        yield component
        yield from _flat(component.get("components", ()))
