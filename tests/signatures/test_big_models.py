"""Models of more files than a statement may name: the signed BOM is their list."""

import json

import pytest

from aibom.signatures import check_statement
from aibom.signatures.statement import MAX_FILES
from tests.signatures.examples import (
    BOM_NAME,
    ZEROS,
    Change,
    bom,
    build,
    code_of,
    component,
    dump,
    sha256,
)


def many(count: int) -> tuple[dict[str, str], bytes]:
    files = {f"part-{number:05d}": sha256(b"%d" % number) for number in range(count)}
    return files, dump(bom(files))


@pytest.mark.parametrize(("count", "subjects"), [(MAX_FILES, 1024), (MAX_FILES + 1, 2)])
def test_signs_at_most_1024_subjects(count: int, subjects: int) -> None:
    files, listed = many(count)
    payload = build(bom=listed, files=files)
    assert len(json.loads(payload)["subject"]) == subjects
    assert check_statement(payload, bom_name=BOM_NAME, bom=listed, files=files).files == files


def test_does_not_sign_a_big_model_with_a_file_that_the_bom_names_otherwise() -> None:
    files, listed = many(MAX_FILES + 1)
    renamed = {"x": files.pop("part-00000"), **files}
    assert code_of(lambda: build(bom=listed, files=renamed)) == "bom-lacks-file"


BIG: dict[str, tuple[Change, str]] = {
    "one file under another name": (
        lambda listed: listed["components"][0]["properties"][1].update(value="part-00000x"),
        "missing-file",
    ),
    "one file with another hash": (
        lambda listed: listed["components"][0]["hashes"][1].update(content=ZEROS),
        "root-digest",
    ),
    "two files that collide": (
        lambda listed: listed["components"][0]["properties"][1].update(value="PART-00001"),
        "colliding-names",
    ),
    "itself as a file": (
        lambda listed: listed["components"].append(component(BOM_NAME, ZEROS)),
        "bom-file-not-signed",
    ),
}


@pytest.mark.parametrize(("change", "code"), BIG.values(), ids=BIG)
def test_refuses_a_big_model_whose_signed_bom_lists(change: Change, code: str) -> None:
    files, listed = many(MAX_FILES + 1)
    claims = json.loads(build(bom=listed, files=files))
    change(claims["predicate"])
    payload = dump(claims)
    assert (
        code_of(lambda: check_statement(payload, bom_name=BOM_NAME, bom=listed, files=files))
        == code
    )
