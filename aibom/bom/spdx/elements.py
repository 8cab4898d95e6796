"""Components of CycloneDX as elements of SPDX 3.0.1: each function makes one object of JSON-LD.

https://spdx.github.io/spdx-spec/v3.0.1/. A value that the BOM does not hold is left out: SPDX's
`noAssertion` stands only where the specification demands that something stands.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from .. import owasp
from ..cyclonedx import TOOL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Json: TypeAlias = dict[str, Any]

CREATION = "_:creation"  # the one CreationInfo, which has no id of its own
MODEL = "machine-learning-model"
PATH = "aibom:path"
SECONDS = "%Y-%m-%dT%H:%M:%SZ"  # how SPDX spells a time: UTC, whole seconds
# Properties of a model card that are no parameters -> the value of the AI profile that tells them.
# What has none stands in the comment; None: what is said in another way, or is no value.
TRAINING, APPLICATION, LIMITATION, COMMENT = "training", "application", "limitation", "comment"
TOLD_AS = {
    "aibom:unknown": None,  # what was looked for and not found
    "aibom:dataset:evaluation": None,  # a relationship: `testedOn`
    "cdx:ai-ml:model:parameter:tune_method": TRAINING,
    "aibom:card:training-data": TRAINING,
    "aibom:card:training-procedure": TRAINING,
    "aibom:card:out-of-scope-use": APPLICATION,
    "aibom:card:ethical-considerations": LIMITATION,
}
# How the names of properties begin, without our prefix, that tell how a model was set up. What was
# measured of the weights, or is said of their files, is no hyperparameter.
HYPERPARAMETERS = (
    *("cdx:ai-ml:model:hyperparameter", "cdx:ai-ml:model:parameter", "context:", "input:length"),
    *("vocabulary:", "layers", "attention:", "hidden:", "experts", "embedding:", "dtype"),
    *("quantisation", "generation", "feed-forward", "rope"),
)

PURPOSES = {  # type of CycloneDX -> purpose of SPDX; others have the same name, or "other"
    MODEL: "model",
    "data": "data",
    "operating-system": "operatingSystem",
    "device-driver": "deviceDriver",
    "application": "application",
    "framework": "framework",
    "library": "library",
    "container": "container",
    "device": "device",
    "firmware": "firmware",
    "file": "file",
    "platform": "platform",
}
ALGORITHMS = {
    "MD5": "md5",
    "SHA-1": "sha1",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
    "SHA3-256": "sha3_256",
    "SHA3-384": "sha3_384",
    "SHA3-512": "sha3_512",
    "BLAKE2b-256": "blake2b256",
    "BLAKE2b-384": "blake2b384",
    "BLAKE2b-512": "blake2b512",
    "BLAKE3": "blake3",
}


def element(kind: str, spdx_id: str, name: str, **more: object) -> Json:
    """Return an element, without the values that are empty."""
    head = {"type": kind, "spdxId": spdx_id, "creationInfo": CREATION, "name": name}
    return {key: value for key, value in {**head, **more}.items() if value}


def package(component: Json, spdx_id: str, supplier: str = "") -> Json:
    """Return what a component is that is no plain file: a model, data, or a program."""
    kind = component["type"]
    made = {MODEL: "ai_AIPackage", "data": "dataset_DatasetPackage"}.get(kind, "software_Package")
    card: Json = component.get("modelCard", {}) if kind == MODEL else {}
    name = "/".join(part for part in (component.get("group"), component["name"]) if part)
    return element(
        made,
        spdx_id,
        name,
        description=component.get("description"),
        verifiedUsing=_hashes(component),
        software_primaryPurpose=PURPOSES.get(kind, "other"),
        software_packageVersion=component.get("version"),
        software_packageUrl=component.get("purl"),
        software_downloadLocation=_address(component, "distribution"),
        software_homePage=_address(component, "website"),
        software_contentIdentifier=_content_ids(component),
        suppliedBy=supplier,
        releaseTime=instant(component.get("releaseNotes", {}).get("timestamp", "")),
        dataset_datasetType=["noAssertion"] if kind == "data" else None,
        **_of_model(card),
    )


def file(component: Json, spdx_id: str) -> Json:
    """Return the file that a component is."""
    return element(
        "software_File",
        spdx_id,
        path_of(component) or component["name"],
        verifiedUsing=_hashes(component),
        software_primaryPurpose="file",
        contentType=component.get("mime-type"),
        software_contentIdentifier=_content_ids(component),
    )


def path_of(component: Json) -> str:
    """Return the path of the file that a component is, if it says that it is one."""
    return next((value for name, value in _properties(component) if name == PATH), "")


def agent(kind: str, name: str, prefix: str) -> Json:
    """Return an organisation, or the program that wrote a BOM."""
    return element(kind, f"{prefix}spdx:{kind.lower()}:{quote(name, safe='')}", name)


def relationship(  # noqa: PLR0913 - all named
    prefix: str, source: str, kind: str, targets: list[str], *, completeness: str = "", scope: str
) -> Json:
    """Return that `source` has this relationship to all `targets`; its id is made of both."""
    told = {"from": source, "relationshipType": kind, "to": targets, "completeness": completeness}
    return element("Relationship", f"{prefix}spdx:{kind}:{scope}", "", **told)


def instant(text: str) -> str:
    """Return a time of CycloneDX as SPDX spells it, or "" if it is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).strftime(SECONDS)
    except (ValueError, OverflowError):
        return ""


def _hashes(component: Json) -> list[Json]:
    return [
        {"type": "Hash", "algorithm": ALGORITHMS[each["alg"]], "hashValue": each["content"]}
        for each in component.get("hashes", ())
        if each["alg"] in ALGORITHMS
    ]


def _content_ids(component: Json) -> list[Json]:
    return [
        {
            "type": "software_ContentIdentifier",
            "software_contentIdentifierType": "swhid",
            "software_contentIdentifierValue": value,
        }
        for value in component.get("swhid", ())
    ]


def _address(component: Json, kind: str) -> str:
    found = (
        each["url"] for each in component.get("externalReferences", ()) if each["type"] == kind
    )
    return next((url for url in found if "://" in url), "")


# --- What a model card says -----------------------------------------------------------------------


def _of_model(card: Json) -> Json:
    parameters = card.get("modelParameters", {})
    considerations = card.get("considerations", {})
    kinds = (parameters.get("architectureFamily"), parameters.get("modelArchitecture"))
    told: dict[str, list[str]] = {
        TRAINING: _texts([parameters.get("approach", {}).get("type")]),
        APPLICATION: [*considerations.get("useCases", ()), *considerations.get("users", ())],
        LIMITATION: [
            *considerations.get("technicalLimitations", ()),
            *considerations.get("performanceTradeoffs", ()),
        ],
        COMMENT: [],
    }
    rest: dict[tuple[str, str], Json] = {}
    environment = considerations.get("environmentalConsiderations", {})
    for name, value in (*_told(card), *_properties(environment)):
        plain = name.removeprefix(f"{TOOL}:")
        place = TOLD_AS.get(name, "" if plain.startswith(HYPERPARAMETERS) else COMMENT)
        if place:
            told[place].append(value if place != COMMENT else f"{plain}: {value}")
        elif place is not None:
            rest[plain, value] = _entry(plain, value)
    return {
        "comment": _paragraphs(told[COMMENT]),
        "ai_domain": _texts([parameters.get("task")]),
        "ai_typeOfModel": _texts(dict.fromkeys(kinds)),
        "ai_informationAboutTraining": _paragraphs(told[TRAINING]),
        "ai_informationAboutApplication": _paragraphs(told[APPLICATION]),
        "ai_limitation": _paragraphs(told[LIMITATION]),
        "ai_metric": list(_metrics(card)),
        "ai_hyperparameter": list(rest.values()),
    }


def _paragraphs(texts: Iterable[str]) -> str:
    return "\n\n".join(dict.fromkeys(filter(None, texts)))


def _texts(values: Iterable[str | None]) -> list[str]:
    return [value for value in values if value]


def _metrics(card: Json) -> Iterator[Json]:
    for metric in card.get("quantitativeAnalysis", {}).get("performanceMetrics", ()):
        measured_on = f" ({metric['slice']})" if metric.get("slice") else ""
        yield _entry(f"{metric.get('type', 'metric')}{measured_on}", metric.get("value", ""))


def _entry(key: str, value: str) -> Json:
    made = {"type": "DictionaryEntry", "key": key}
    return made | ({"value": value} if value else {})


def _told(card: Json) -> Iterator[tuple[str, str]]:
    """Yield the properties of a card; those in OWASP's names under ours, behind the others."""
    found = [(name, value, owasp.read(name, value)) for name, value in _properties(card)]
    yield from ((name, value) for name, value, told in found if told is None)
    for _, _, told in found:
        yield from told or ()


def _properties(holder: Json) -> Iterator[tuple[str, str]]:
    yield from (
        (each.get("name", ""), each.get("value", "")) for each in holder.get("properties", ())
    )
