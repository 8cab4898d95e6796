"""The OpenSSF model signature: every file by its digest, and strictly read."""

import json

import pytest

from aibom.signatures import Manifest, build_manifest, parse_manifest
from tests.signatures.examples import FILES, MODEL, WEIGHTS, ZEROS, Change, Document, code_of, dump

IGNORED = (".git", "model.sig")


def payload() -> bytes:
    return build_manifest(model=MODEL, files=FILES, ignored=IGNORED)


def changed(change: Change) -> bytes:
    claims = json.loads(payload())
    change(claims)
    return dump(claims)


def test_is_read_back_as_it_was_built() -> None:
    assert parse_manifest(payload()) == Manifest(model=MODEL, files=FILES, ignored=IGNORED)


def test_covers_all_but_what_it_ignores() -> None:
    manifest = parse_manifest(payload())
    names = [".git", ".git/config", ".gitignore", "sub/.git", "model.sig", "model.sigx"]
    assert [name for name in names if manifest.covers(name)] == [
        ".gitignore",
        "sub/.git",
        "model.sigx",
    ]


def test_the_root_is_over_the_resources_in_their_own_order() -> None:
    """The reference client puts "a/x" before "a b", the specification "a b" before "a/x"."""

    def turn(claims: Document) -> None:
        claims["predicate"]["resources"].reverse()

    assert code_of(lambda: parse_manifest(changed(turn))) == "root-digest"


def test_notes_of_paths_outside_the_model_say_nothing() -> None:
    def outside(claims: Document) -> None:
        claims["predicate"]["serialization"]["ignore_paths"] = [
            "../model.sig",
            "/srv/model.sig",
            "a",
        ]

    assert parse_manifest(changed(outside)).ignored == ("a",)


def serialization(**members: object) -> Change:
    return lambda claims: claims["predicate"]["serialization"].update(members)


def resource(**members: object) -> Change:
    return lambda claims: claims["predicate"]["resources"][0].update(members)


def rename_one(claims: Document) -> None:
    claims["predicate"]["resources"][0]["name"] = WEIGHTS


CHANGED: dict[str, tuple[Change, str]] = {
    "another statement": (lambda it: it.update(_type="x"), "statement-type"),
    "another predicate": (
        lambda it: it.update(predicateType="https://cyclonedx.org/bom"),
        "predicate-type",
    ),
    "the predicate before 1.0": (
        lambda it: it.update(predicateType="https://model_signing/Digests/v0.1"),
        "predicate-type",
    ),
    "no predicate": (lambda it: it.pop("predicate"), "oms-malformed"),
    "no serialization": (lambda it: it["predicate"].pop("serialization"), "oms-malformed"),
    "shards": (serialization(method="shards"), "oms-serialization"),
    "another hash": (serialization(hash_type="blake2b"), "oms-serialization"),
    "ignored paths that are none": (serialization(ignore_paths=7), "oms-malformed"),
    "an ignored path that is no text": (serialization(ignore_paths=[7]), "oms-malformed"),
    "an ignored path that leads out": (serialization(ignore_paths=["a/../.."]), "bad-name"),
    "the whole model ignored": (serialization(ignore_paths=["."]), "bad-name"),
    "no subject": (lambda it: it.update(subject=[]), "oms-malformed"),
    "two subjects": (lambda it: it["subject"].append(it["subject"][0]), "oms-malformed"),
    "a subject that is a text": (lambda it: it.update(subject=["x"]), "oms-malformed"),
    "a root of another model": (
        lambda it: it["subject"][0].update(digest={"sha256": ZEROS}),
        "root-digest",
    ),
    "a subject without a name": (lambda it: it["subject"][0].pop("name"), "bad-name"),
    "resources that are none": (lambda it: it["predicate"].update(resources={}), "oms-malformed"),
    "a resource that leads out": (resource(name="../x"), "bad-name"),
    "a resource twice": (rename_one, "duplicate-subject"),
    "a resource by another hash": (resource(algorithm="sha256-sharded-8"), "digest-algorithm"),
    "a resource without a digest": (resource(digest=None), "digest-algorithm"),
    "names that collide": (resource(name=WEIGHTS.upper()), "colliding-names"),
}


@pytest.mark.parametrize(("change", "code"), CHANGED.values(), ids=CHANGED)
def test_refuses(change: Change, code: str) -> None:
    assert code_of(lambda: parse_manifest(changed(change))) == code


def test_refuses_a_list() -> None:
    assert code_of(lambda: parse_manifest(b"[]")) == "oms-malformed"


AT_HAND = {
    "a file renamed, to which the root is blind": (
        {**{name: FILES[name] for name in FILES if name != WEIGHTS}, "z": FILES[WEIGHTS]},
        "missing-file",
    ),
    "a file added": ({**FILES, "evil.py": ZEROS}, "extra-file"),
    "a file changed": ({**FILES, WEIGHTS: ZEROS}, "digest-mismatch"),
}


@pytest.mark.parametrize(("files", "code"), AT_HAND.values(), ids=AT_HAND)
def test_refuses_a_model_with(files: dict[str, str], code: str) -> None:
    assert code_of(lambda: parse_manifest(payload()).check(files)) == code


def test_accepts_the_model_that_was_signed() -> None:
    parse_manifest(payload()).check(FILES)


def test_builds_nothing_that_it_would_not_read() -> None:
    assert code_of(lambda: build_manifest(model="a/../b", files={}, ignored=[])) == "bad-name"
