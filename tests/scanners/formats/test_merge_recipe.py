"""Recipes of mergekit: the models that went in, and how."""

import pytest

from aibom.scanners import kits
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import NOWHERE, Fact, Metadata, Reference, Refers
from aibom.scanners.format import Match
from aibom.scanners.formats.merge_recipe import FORMAT, LONGEST
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.record import replace
from aibom.scanners.source import BytesSource, Malformed
from tests.helpers.reading import damage, read, recognised

kits.load_all()

RECIPE = """# é
merge_method: ties
base_model: org/base
models:
  - model: org/one
    parameters: {weight: 0.5, density: [1, 0.7]}
  - model: {path: org/two}
slices:
- sources: [{model: org/three+org/adapter, layer_range: [0, 16]}]
tokenizer_source: base
""".encode()
NAME = "mergekit_config.yml"


def test_tells_which_models_were_merged_and_how() -> None:
    found = [item for item in read(FORMAT, RECIPE, NAME) if isinstance(item, Fact)]
    assert [(RECIPE[f.at.start : f.at.end].decode(), replace(f, at=NOWHERE)) for f in found] == [
        ("ties", Metadata(key="merge_method", value="ties")),
        ("org/base", _model("base_model", "org/base")),
        ("org/one", _model("models[0].model", "org/one")),
        ("0.5", Metadata(key="models[0].parameters.weight", value="0.5")),
        ("1", Metadata(key="models[0].parameters.density[0]", value="1")),
        ("0.7", Metadata(key="models[0].parameters.density[1]", value="0.7")),
        ("org/two", _model("models[1].model.path", "org/two")),
        ("org/three+org/adapter", _model("slices[0].sources[0].model", "org/three+org/adapter")),
        ("0", Metadata(key="slices[0].sources[0].layer_range[0]", value="0")),
        ("16", Metadata(key="slices[0].sources[0].layer_range[1]", value="16")),
        ("base", Metadata(key="tokenizer_source", value="base")),
    ]


def _model(key: str, target: str) -> Reference:
    return Reference(kind=Refers.BASE_MODEL, key=key, target=target)


@pytest.mark.parametrize(
    ("data", "name", "match"),
    [
        (RECIPE, NAME, Match.POSSIBLE),
        (RECIPE, "mergekit.yaml", Match.POSSIBLE),
        (RECIPE, "config.yml", Match.NO),
        (RECIPE + b"\0", NAME, Match.NO),
        (b"a" * (LONGEST + 1), NAME, Match.NO),
    ],
    ids=["config", "yaml", "another name", "binary", "long"],
)
def test_is_told_by_its_name(data: bytes, name: str, match: Match) -> None:
    assert recognised(FORMAT, data, name) is match


@pytest.mark.parametrize(
    "data",
    [b"models: []\n", b"- merge_method\n", b"a: &x 1\nmerge_method: *y\n", b"\xff: 1\n", b"{"],
    ids=["no method", "list", "alias", "no text", "no YAML"],
)
def test_another_text_of_that_name_is_left_alone(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(FORMAT, data, NAME)
    artifact = dissect(BytesSource(data), (NAME,), Budget(Limits()))
    assert artifact.formats in {(), ("yaml",)}  # what is no text is neither
    assert artifact.facts == ()


def test_damage_is_malformed_and_nothing_else() -> None:
    damage(FORMAT, RECIPE, name=NAME)
