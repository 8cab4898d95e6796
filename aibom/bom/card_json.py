"""The model card of a component as CycloneDX JSON: parameters, metrics, considerations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scanners.facts import Role
from . import owasp
from .cited import Told
from .model import Field
from .sparse import Json, any_of, items, prop, text

if TYPE_CHECKING:
    from .model import Claim, Component, Measurement
    from .said import Said

PARAMETERS = {  # fields that the model card has a place for, in the order of the specification
    Field.TASK: "task",
    Field.ARCHITECTURE_FAMILY: "architectureFamily",
    Field.ARCHITECTURE: "modelArchitecture",
}
PORTS = {Field.INPUT: "inputs", Field.OUTPUT: "outputs"}
TEXTS = {  # passages that the schema has a list of texts for
    Field.USERS: "users",
    Field.USE_CASES: "useCases",
    Field.LIMITATIONS: "technicalLimitations",
    Field.TRADEOFFS: "performanceTradeoffs",
}
ENVIRONMENT = (Field.ENVIRONMENT, Field.EMISSIONS)


def model_card(component: Component, said: Said) -> Json:
    """Return the card, with what has no place of its own as its properties.

    Readers take `modelParameters.datasets` for what a model was trained on, so what served
    evaluation is named by a property.
    """
    tested = [link.claim for link in component.datasets if link.role == Role.EVALUATION]
    return {
        **any_of("modelParameters", _parameters(component, said)),
        **any_of("quantitativeAnalysis", _analysis(component)),
        **any_of("considerations", _considerations(said)),
        **items(
            "properties",
            [
                *(prop("dataset:evaluation", Told(each.value, (each,))) for each in tested),
                *said.properties(),
                *owasp.of_card(component.in_owasp_names),
            ],
        ),
    }


def _parameters(component: Component, said: Said) -> Json:
    placed: Json = {}
    for field, key in PARAMETERS.items():
        placed |= said.one(key, field)
    refs = [
        Told({"ref": link.ref}, (link.claim,))
        for link in component.datasets
        if link.role == Role.TRAINING
    ]
    ports = {key: [{"format": told} for told in said.each(field)] for field, key in PORTS.items()}
    return {
        **any_of("approach", said.one("type", Field.APPROACH)),
        **placed,
        **items("datasets", refs),
        **{key: found for key, found in ports.items() if found},
    }


def _analysis(component: Component) -> Json:
    return items("performanceMetrics", map(_metric, component.metrics))


def _metric(metric: Measurement) -> Told:
    found = {"type": metric.kind, "value": metric.value, **text("slice", metric.slice)}
    return Told(found, (metric.claim,))


def _considerations(said: Said) -> Json:
    told = {key: said.each(field) for field, key in TEXTS.items()}
    ethics = [Told({"name": _heading(each)}, (each,)) for each in said.known(Field.ETHICS)]
    return {
        **{key: found for key, found in told.items() if found},
        **items("ethicalConsiderations", ethics),
        **any_of("environmentalConsiderations", _environment(said)),
    }


def _heading(claim: Claim) -> str:
    """Return the heading of a passage: the schema has room for a name; the words are a property."""
    return claim.evidence[0].key.rpartition(" > ")[2]


def _environment(said: Said) -> Json:
    """Return what the card says of energy and emissions, as properties.

    The schema's own fields demand who provided how much energy, which cards do not tell.
    """
    told = (each for field in ENVIRONMENT for each in said.each(field))
    return items("properties", (prop(each.claims[0].name, each) for each in told))
