"""Archives of Keras: told by their members, and read to the last of them."""

from __future__ import annotations

import io
import zipfile

import pytest

from aibom.scanners import kits
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Configured, Metadata, Tensor, Unread
from aibom.scanners.format import Match
from aibom.scanners.formats.keras import FORMAT
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource
from tests.helpers.checkout import ROOT
from tests.helpers.reading import recognised

kits.load_all()
SMALL = (ROOT / "tests/data/real/small.keras").read_bytes()  # by Keras 3.15.1
CONFIG = '{"module": "os", "class_name": "function", "config": "system"}'


def archive(*names: str, config: bytes = CONFIG.encode()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, config)
    return out.getvalue()


def test_a_model_is_read_to_its_last_member() -> None:
    found = dissect(BytesSource(SMALL), ("small.keras",), Budget(Limits()))
    assert found.formats == ("zip", "keras")
    assert [(part.path[-1], part.formats) for part in found.parts] == [
        ("metadata.json", ("json",)),
        ("config.json", ("json",)),
        ("model.weights.h5", ("hdf5",)),
    ]
    facts = [fact for each in found.walk() for fact in each.facts]
    assert [fact for fact in facts if isinstance(fact, Unread)] == []
    assert next((f.key, f.value) for f in facts if isinstance(f, Metadata)) == (
        "keras_version",
        "3.15.1",
    )
    weights = [(f.name, f.shape) for f in facts if isinstance(f, Tensor) and "dense" in f.name]
    assert sorted(weights) == [
        ("layers/dense/vars/0", (4, 2)),
        ("layers/dense/vars/1", (2,)),
        ("layers/dense_1/vars/0", (2, 1)),
        ("layers/dense_1/vars/1", (1,)),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_configuration_is_read_in_every_encoding_that_keras_reads(encoding: str) -> None:
    data = archive("metadata.json", "config.json", config=CONFIG.encode(encoding))
    found = dissect(BytesSource(data), ("m.keras",), Budget(Limits()))
    named = [f for each in found.walk() for f in each.facts if isinstance(f, Configured)]
    assert {(each.module, each.name) for each in named} == {("os", "system")}


def test_what_only_resembles_one_is_none() -> None:
    assert recognised(FORMAT, archive("config.json", "model.weights.npz")) is Match.CERTAIN
    assert recognised(FORMAT, archive("tokenizer_config.json", "metadata.json")) is Match.NO
    assert recognised(FORMAT, archive("config.json", "model.safetensors")) is Match.NO
    assert recognised(FORMAT, b"config.json metadata.json") is Match.NO
