"""A statement binds names, digests and BOM; whatever was changed has its own code."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aibom.signatures import KeyTrust, build_statement, check_statement, verify
from aibom.signatures.errors import SignatureError
from aibom.signatures.names import check_distinct, check_name
from aibom.signatures.statement import Statement, oms_root, parse_statement
from tests.signatures.examples import (
    BOM,
    BOM_NAME,
    FILES,
    MODEL,
    PUBLIC,
    WEIGHTS,
    ZEROS,
    Change,
    Document,
    bom,
    build,
    code_of,
    component,
    dump,
    sha256,
    signed,
    statement,
)


def check(payload: bytes, *, bom_file: bytes = BOM, files: dict[str, str] | None = None) -> None:
    """Sign `payload` with the trusted key and verify it against the example."""
    believed = verify(signed(payload), KeyTrust.from_pem(PUBLIC))
    check_statement(
        believed.payload,
        bom_name=BOM_NAME,
        bom=bom_file,
        files=dict(FILES) if files is None else files,
    )


def test_lays_out_whole_bom_and_sorted_files() -> None:
    digests = {"aibom.cdx.json": sha256(BOM), **FILES}
    order = ["aibom.cdx.json", "config.json", "model.safetensors", "sub/tokenizer.json"]
    assert (
        build()
        == json.dumps(
            {
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [
                    {"name": "acme-model/", "digest": {"sha256": oms_root(digests)}},
                    *({"name": name, "digest": {"sha256": digests[name]}} for name in order),
                ],
                "predicateType": "https://cyclonedx.org/bom",
                "predicate": bom(),
            },
            separators=(",", ":"),
        ).encode()
    )


def test_reads_back_what_it_built() -> None:
    assert parse_statement(build(), bom_name=BOM_NAME) == Statement(
        model=MODEL, bom_name=BOM_NAME, bom_digest=sha256(BOM), bom=bom(), files=FILES
    )


def test_accepts_the_bom_among_the_files() -> None:
    files = {**FILES, BOM_NAME: sha256(BOM)}
    assert build(files=files) == build()
    check(build(), files=files)


def test_root_digest_hashes_the_digests_in_the_order_of_the_names() -> None:
    assert oms_root({"b": "02" * 32, "a": "01" * 32}) == sha256(b"\1" * 32 + b"\2" * 32)


def test_signs_a_single_file_in_the_same_form() -> None:
    files = {"m.gguf": sha256(b"m")}
    listed = dump(bom(files))
    payload = build_statement(
        model="m.gguf", bom_name="m.gguf.aibom.cdx.json", bom=listed, files=files
    )
    assert [subject["name"] for subject in json.loads(payload)["subject"]] == [
        "m.gguf/",
        "m.gguf.aibom.cdx.json",
        "m.gguf",
    ]
    check_statement(payload, bom_name="m.gguf.aibom.cdx.json", bom=listed, files=files)


def put(index: int, **members: object) -> Change:
    return lambda claims: claims["subject"][index].update(members)


def add(name: str) -> Change:
    return lambda claims: claims["subject"].append({"name": name, "digest": {"sha256": ZEROS}})


def drop(index: int) -> Change:
    return lambda claims: claims["subject"].pop(index)


def claim(**members: object) -> Change:
    return lambda claims: claims.update(members)


def predicate(**members: object) -> Change:
    return lambda claims: claims["predicate"].update(members)


def first(**members: object) -> Change:
    return lambda claims: claims["predicate"]["components"][0].update(members)


def also(**listed: object) -> Change:
    return lambda claims: claims["predicate"]["components"].append(listed)


def add_both_unicode_forms(claims: Document) -> None:
    add("caf\u00e9")(claims)
    add("cafe\u0301")(claims)


CHANGED: dict[str, tuple[Change, str]] = {
    # 31-33
    "no subjects": (claim(subject=[]), "no-subjects"),
    "subjects missing": (lambda claims: claims.pop("subject"), "no-subjects"),
    "subjects are an object": (claim(subject={}), "no-subjects"),
    "predicate type of OMS": (
        claim(predicateType="https://model_signing/signature/v1.0"),
        "predicate-type",
    ),
    "predicate type with a version": (
        claim(predicateType="https://cyclonedx.org/bom/v1.6"),
        "predicate-type",
    ),
    "statement v0.1": (claim(_type="https://in-toto.io/Statement/v0.1"), "statement-type"),
    # 34
    "name leads out": (add("../../etc/passwd"), "bad-name"),
    "name is absolute": (add("/etc/passwd"), "bad-name"),
    "name has a backslash": (add("sub\\x"), "bad-name"),
    "name has a drive": (add("C:x"), "bad-name"),
    "name has an empty part": (add("a//b"), "bad-name"),
    "name starts with this folder": (add("./config.json"), "bad-name"),
    "name has a NUL": (add("a\0b"), "bad-name"),
    "name has a newline and an escape": (add("a\n\x1b[31mOK"), "bad-name"),
    "name is empty": (put(2, name=""), "bad-name"),
    "name is missing": (lambda claims: claims["subject"][2].pop("name"), "bad-name"),
    "subject is a text": (lambda claims: claims["subject"].append("x"), "bad-name"),
    "model's name leads out": (put(0, name="../"), "bad-name"),
    # 17, 35
    "one name, two digests": (
        lambda claims: claims["subject"].insert(1, {"name": WEIGHTS, "digest": {"sha256": ZEROS}}),
        "duplicate-subject",
    ),
    "names that differ in case": (add("CONFIG.json"), "colliding-names"),
    "composed and decomposed name": (add_both_unicode_forms, "colliding-names"),
    # 36
    "MD5 alone": (put(2, digest={"md5": "0" * 32}), "digest-algorithm"),
    "SHA-1 alone": (put(2, digest={"sha1": "0" * 40}), "digest-algorithm"),
    "a second algorithm": (put(2, digest={"sha256": ZEROS, "md5": ""}), "digest-algorithm"),
    "no digest": (put(2, digest={}), "digest-algorithm"),
    "digest is a text": (put(2, digest=ZEROS), "digest-algorithm"),
    "digest in upper case": (put(2, digest={"sha256": "A" * 64}), "digest-algorithm"),
    "short digest": (put(2, digest={"sha256": "abc"}), "digest-algorithm"),
    "digest and a newline": (put(2, digest={"sha256": ZEROS + "\n"}), "digest-algorithm"),
    "digest is a number": (put(2, digest={"sha256": 7}), "digest-algorithm"),
    "root by MD5": (put(0, digest={"md5": "0" * 32}), "digest-algorithm"),
    # 37, 38
    "root subject missing": (drop(0), "no-root-subject"),
    "root subject is a text": (lambda claims: claims["subject"].insert(0, "x/"), "no-root-subject"),
    "root subject is a path": (put(0, name="a/b/"), "no-root-subject"),
    "root of another model": (put(0, digest={"sha256": ZEROS}), "root-digest"),
    "file subjects left out": (
        lambda claims: claims.update(subject=claims["subject"][:2]),
        "bom-file-not-signed",
    ),
    # 24-27, 29, 30
    "BOM has another hash": (
        first(hashes=[{"alg": "SHA-256", "content": ZEROS}]),
        "bom-hash-differs",
    ),
    "BOM lacks a file": (lambda claims: claims["predicate"]["components"].pop(0), "bom-lacks-file"),
    "BOM lists no files": (lambda claims: claims["predicate"].pop("components"), "bom-lacks-file"),
    "file is listed without its path": (first(properties=[]), "bom-lacks-file"),
    "BOM lists a ghost": (also(**component("ghost", ZEROS)), "bom-file-not-signed"),
    "BOM lists a ghost inside another": (
        also(type="data", components=[component("ghost", ZEROS)]),
        "bom-file-not-signed",
    ),
    "BOM is of a ghost": (
        predicate(metadata={"component": component("ghost", ZEROS)}),
        "bom-file-not-signed",
    ),
    "BOM lists itself": (also(**component(BOM_NAME, ZEROS)), "bom-file-not-signed"),
    "BOM lists a file twice": (also(**component(WEIGHTS, FILES[WEIGHTS])), "bom-duplicate-file"),
    "BOM gives a file two paths": (
        first(properties=[{"name": "aibom:path", "value": WEIGHTS}] * 2),
        "bom-duplicate-file",
    ),
    "BOM lists a path that leads out": (also(**component("../x", ZEROS)), "bad-name"),
    "BOM lists a path that is no text": (
        also(properties=[{"name": "aibom:path", "value": 7}]),
        "bad-name",
    ),
    "BOM has no hash": (first(hashes=[]), "digest-algorithm"),
    "BOM has two hashes": (
        first(hashes=[{"alg": "SHA-256", "content": ZEROS}] * 2),
        "digest-algorithm",
    ),
    "BOM has a hash without value": (first(hashes=[{"alg": "SHA-256"}]), "digest-algorithm"),
    "metadata is a list": (predicate(metadata=[]), "bom-malformed"),
    "components are an object": (predicate(components={}), "bom-malformed"),
    "component is a text": (predicate(components=["x"]), "bom-malformed"),
    "properties are null": (first(properties=None), "bom-malformed"),
    "hashes are a text": (first(hashes="x"), "bom-malformed"),
    "BOM is no subject": (drop(1), "bom-not-a-subject"),
    "no subject but the whole": (
        lambda claims: claims.update(subject=claims["subject"][:1]),
        "bom-not-a-subject",
    ),
    "predicate is SPDX": (claim(predicate={"spdxVersion": "SPDX-2.3"}), "not-a-bom"),
    "predicate is null": (claim(predicate=None), "not-a-bom"),
    "CycloneDX of the future": (predicate(specVersion="9.0"), "bom-spec-version"),
    "CycloneDX without version": (predicate(specVersion=None), "bom-spec-version"),
    # 23
    "predicate is not the BOM at hand": (predicate(version=2), "bom-differs-from-predicate"),
    "predicate has true for 1": (predicate(version=True), "bom-differs-from-predicate"),
    "predicate has 1.0 for 1": (predicate(version=1.0), "bom-differs-from-predicate"),
}


@pytest.mark.parametrize(("change", "code"), CHANGED.values(), ids=CHANGED)
def test_refuses_a_signed_statement_in_which(change: Change, code: str) -> None:
    claims = statement()
    change(claims)
    assert code_of(lambda: check(dump(claims))) == code


PAYLOADS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a list": (lambda _: b"[]", "statement-type"),
    "a second predicate type": (
        lambda good: good[:-1] + b',"predicateType":"https://slsa.dev/provenance/v1"}',
        "json-duplicate-key",
    ),
    "NaN": (lambda good: good[:-1] + b',"x":NaN}', "json-nan"),
    "no UTF-8": (lambda good: b"\xff\xfe" + good, "json-malformed"),
    "a byte order mark": (lambda good: b"\xef\xbb\xbf" + good, "json-malformed"),
    "bytes after the end": (lambda good: good + b"{}", "json-malformed"),
    "half a surrogate pair": (
        lambda good: good.replace(b'"config.json"', b'"a\\ud800"'),
        "json-malformed",
    ),
    "100,000 nested lists": (lambda _: b"[" * 100_000 + b"]" * 100_000, "json-too-deep"),
    "an integer of 10,000 digits": (
        lambda good: good[:-1] + b',"x":' + b"1" * 10_000 + b"}",
        "json-number",
    ),
}


@pytest.mark.parametrize(("change", "code"), PAYLOADS.values(), ids=PAYLOADS)
def test_refuses_a_signed_payload_with(change: Callable[[bytes], bytes], code: str) -> None:
    assert code_of(lambda: check(change(build()))) == code


def without(name: str) -> dict[str, str]:
    return {other: digest for other, digest in FILES.items() if other != name}


AT_HAND: dict[str, tuple[dict[str, str], str]] = {
    "weights swapped": ({**FILES, WEIGHTS: ZEROS}, "digest-mismatch"),
    "two files exchanged": (
        {**FILES, WEIGHTS: FILES["config.json"], "config.json": FILES[WEIGHTS]},
        "digest-mismatch",
    ),
    "file added": ({**FILES, "evil.py": ZEROS}, "extra-file"),
    "hidden file added": ({**FILES, "sub/.x": ZEROS}, "extra-file"),
    "file in a deeper .git": ({**FILES, "sub/.git/hooks": ZEROS}, "extra-file"),
    "file removed": (without(WEIGHTS), "missing-file"),
    "file renamed": ({**without(WEIGHTS), "n.safetensors": FILES[WEIGHTS]}, "missing-file"),
    "everything removed": ({}, "missing-file"),
    "BOM changed after it was hashed": ({**FILES, BOM_NAME: ZEROS}, "changed-while-reading"),
}


@pytest.mark.parametrize(("files", "code"), AT_HAND.values(), ids=AT_HAND)
def test_refuses_a_model_with(files: dict[str, str], code: str) -> None:
    assert code_of(lambda: check(build(), files=files)) == code


BOMS_AT_HAND = {
    "edited": (BOM.replace(b"acme", b"evil"), "digest-mismatch"),
    "only reformatted": (BOM + b"\n", "digest-mismatch"),
    "removed": (b"", "digest-mismatch"),
}


@pytest.mark.parametrize(("bom_file", "code"), BOMS_AT_HAND.values(), ids=BOMS_AT_HAND)
def test_refuses_a_bom_that_was(bom_file: bytes, code: str) -> None:
    assert code_of(lambda: check(build(), bom_file=bom_file)) == code


def test_refuses_a_bom_that_goes_by_another_name() -> None:
    payload = build()
    assert code_of(lambda: parse_statement(payload, bom_name="config.json")) == "bom-not-a-subject"


def test_error_shows_five_names_and_counts_the_rest() -> None:
    extra = {f"{letter}\u202e": ZEROS for letter in "gfedcba"}
    with pytest.raises(SignatureError) as caught:
        check(build(), files={**FILES, **extra})
    assert str(caught.value) == (
        "there, but not signed: 'a\\u202e', 'b\\u202e', 'c\\u202e', 'd\\u202e', 'e\\u202e'"
        " and 2 more"
    )


UNSIGNABLE: dict[str, tuple[dict[str, object], str]] = {
    "BOM and files that differ": ({"files": {**FILES, WEIGHTS: ZEROS}}, "bom-hash-differs"),
    "a file that the BOM lacks": ({"files": {**FILES, "x": ZEROS}}, "bom-lacks-file"),
    "a file that is gone": ({"files": without(WEIGHTS)}, "bom-file-not-signed"),
    "a name that leads out": ({"files": {"../x": ZEROS}}, "bad-name"),
    "a BOM's name that leads out": ({"bom_name": "../x"}, "bad-name"),
    "a digest that is none": ({"files": {"x": "abc"}}, "digest-algorithm"),
    "a model's name that is a path": ({"model": "a/b"}, "no-root-subject"),
    "a BOM changed after it was hashed": (
        {"files": {**FILES, BOM_NAME: ZEROS}},
        "changed-while-reading",
    ),
    "a BOM that is none": ({"bom": b"{}"}, "not-a-bom"),
    "a BOM that is no JSON": ({"bom": b"{"}, "json-malformed"),
    "a BOM with a signature of its own": (
        {"bom": dump({**bom(), "signature": {}})},
        "embedded-signature",
    ),
}


@pytest.mark.parametrize(("changes", "code"), UNSIGNABLE.values(), ids=UNSIGNABLE)
def test_does_not_sign(changes: dict[str, object], code: str) -> None:
    assert code_of(lambda: build(**changes)) == code


def test_signs_a_bom_with_a_signature_of_its_own_on_request() -> None:
    embedded = dump({**bom(), "signature": {}})
    payload = build(bom=embedded, keep_embedded_signature=True)
    assert parse_statement(payload, bom_name=BOM_NAME).has_embedded_signature
    assert not parse_statement(build(), bom_name=BOM_NAME).has_embedded_signature


def is_name(text: str) -> bool:
    try:
        check_name(text)
    except SignatureError:
        return False
    return True


def is_distinct(files: dict[str, str]) -> bool:
    try:
        check_distinct([*files, BOM_NAME])
    except SignatureError:
        return False
    return BOM_NAME not in files


NAMES = st.text(max_size=12).filter(is_name)
DIGESTS = st.binary(max_size=4).map(sha256)
MODELS = st.dictionaries(NAMES, DIGESTS, max_size=8).filter(is_distinct)


@given(model=NAMES.filter(lambda name: "/" not in name), files=MODELS)
def test_any_model_is_read_back_as_it_was_built(model: str, files: dict[str, str]) -> None:
    listed = dump(bom(files))
    payload = build_statement(model=model, bom_name=BOM_NAME, bom=listed, files=files)
    assert parse_statement(payload, bom_name=BOM_NAME) == Statement(
        model=model, bom_name=BOM_NAME, bom_digest=sha256(listed), bom=bom(files), files=files
    )


def test_knows_no_files_of_its_own() -> None:
    """The package reads bytes: it opens only files of a key, its PIN, and an identity token."""
    package = Path(__file__).parents[2] / "signatures"
    opening = {
        path.name
        for path in package.glob("*.py")
        if re.search(r"\bopen\(", path.read_text("utf-8"))
    }
    assert opening == {"key_uri.py", "token_signer.py", "tokens.py"}
