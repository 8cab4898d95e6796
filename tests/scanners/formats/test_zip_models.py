"""Zip archives of known purpose: what they are called, and that honest ones raise no alarm."""

from __future__ import annotations

import io
import zipfile

import pytest

from aibom.scanners import kits
from aibom.scanners.facts import Conflict, Unclaimed
from aibom.scanners.format import Match
from aibom.scanners.formats.zip_models import FORMATS
from tests.helpers.reading import damage, read, recognised
from tests.helpers.zips import archive, dissected, every_fact, imports

kits.load_all()  # for the Python in archives

ATTACK = b"\x80\x04cposix\nsystem\n\x8c\2id\x85R."  # never unpickled
PICKLE = b"\x80\x02}q\x00."
BY_ID = {format_.id: format_ for format_ in FORMATS}
PACKAGE = {
    "p/.data/extern_modules": b"numpy\n",
    "p/.data/version": b"6\n",
    "p/model/model.pkl": PICKLE,
    "p/my/mod.py": b"import torch\n",
    "p/.data/0.storage": b"cos\nsystem\n" * 9,
}
SERVED = {
    "MAR-INF/MANIFEST.json": b'{"model": {"modelName": "m", "handler": "handler.py"}}',
    "handler.py": b"from ts.torch_handler.base_handler import BaseHandler\n",
    "m.pt": archive({"archive/data.pkl": PICKLE, "archive/version": b"3\n"}),
}
MODEL = b"\x1c\0\0\0TFL3" + bytes(200)


def with_files(model: bytes, members: dict[str, bytes]) -> bytes:
    out = io.BytesIO(model)
    out.seek(0, io.SEEK_END)
    with zipfile.ZipFile(out, "a") as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return out.getvalue()


HONEST = {
    "torch-package": (archive(PACKAGE), "package.pt"),
    "torchserve": (archive(SERVED), "m.mar"),
    "tflite-files": (with_files(MODEL, {"labels.txt": b"a\nb\n"}), "m.tflite"),
}


@pytest.mark.parametrize("id_", HONEST)
def test_honest_archives_are_known_and_contradict_nothing(id_: str) -> None:
    data, name = HONEST[id_]
    assert recognised(BY_ID[id_], data) is Match.CERTAIN
    found = dissected(data, name)
    assert id_ in found.formats
    assert not [fact for fact in every_fact(found) if isinstance(fact, Conflict | Unclaimed)]
    assert imports(found) == set()


def test_other_files_are_none_of_them() -> None:
    for format_ in FORMATS:
        for data in (b"", PICKLE, MODEL, archive({"a": b"x"}), HONEST["torchserve"][0][:-9]):
            assert recognised(format_, data) is Match.NO
        assert read(format_, b"") == []


def test_a_pickle_behind_a_tflite_model_is_found() -> None:
    assert imports(dissected(with_files(MODEL, {"a.pkl": ATTACK}), "m.tflite")) == {"posix.system"}


@pytest.mark.parametrize("name", ["p/model/model.pkl", "p/.data/1.storage"])
def test_a_pickle_in_a_package_is_found(name: str) -> None:
    data = archive({**PACKAGE, name: ATTACK})
    assert imports(dissected(data, "package.pt")) == {"posix.system"}


@pytest.mark.parametrize("id_", HONEST)
def test_damage_is_refused_as_it_should_be(id_: str) -> None:
    damage(BY_ID[id_], HONEST[id_][0], times=100)
