"""Weights of a Keras model that are taken from another file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...facts import Metadata, Reference, Refers
from ...rule import Evidence, Rule, Severity
from ..reference import external_data_escape

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = "hdf5"
WEIGHTS = ".weights.h5"
SIGN = "keras_version"


def check(artifact: Artifact) -> Iterator[Evidence]:
    """HDF5 can take values from another file, by a link, by external storage or a virtual dataset.

    Keras writes none of these. Older versions follow them, external storage from the working
    directory of whoever loads the model: what stands there becomes weights, and travels on with
    them.

    What to do: do not load it; ask for weights that stand in the file itself.
    """
    if FORMAT in artifact.formats and _is_keras(artifact):
        for fact in artifact.facts:
            if isinstance(fact, Reference) and fact.kind is Refers.EXTERNAL_DATA:
                if any(external_data_escape.check(fact)):
                    continue  # a finding of that rule
                what = f"the values of {fact.key!r} are taken from {fact.target!r}"
                yield Evidence(what, artifact.path, fact.at)


def _is_keras(artifact: Artifact) -> bool:
    is_signed = any(isinstance(fact, Metadata) and fact.key == SIGN for fact in artifact.facts)
    return is_signed or artifact.path[-1].lower().endswith(WEIGHTS)


BESIDE = Reference(kind=Refers.EXTERNAL_DATA, key="/layers/dense/vars/0", target=".env")

RULE = Rule(
    id="keras-external-data",
    title="Weights of a Keras model are taken from another file",
    severity=Severity.HIGH,
    on=Artifact,
    check=check,
    refs=("CWE-73", "CWE-200"),
    flags=(
        Artifact(("m.keras", "model.weights.h5"), 9, formats=("hdf5",), facts=(BESIDE,)),
        Artifact(("m.h5",), 9, formats=("hdf5",), facts=(Metadata(key=SIGN, value="3.0"), BESIDE)),
    ),
    passes=(
        Artifact(("data.h5",), 9, formats=("hdf5",), facts=(BESIDE,)),
        Artifact(("m.h5",), 9, formats=("hdf5",), facts=(Metadata(key=SIGN, value="3.0"),)),
    ),
)
