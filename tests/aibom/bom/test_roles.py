"""What a file is for shows in its name, or in another file that names it."""

from __future__ import annotations

import pytest

from aibom.bom import roles
from aibom.bom.model import Claim, Evidence, Field, Pointer, Status
from aibom.scanners.facts import Reference, Refers

from .examples import file


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("sub/tokenizer.json", "tokenizer"),
        ("chat_template.jinja", "chat-template"),
        ("generation_config.json", "generation-configuration"),
        ("LICENSE", "licence"),
        ("LICENCE-MODEL.txt", "licence"),
        ("USE_POLICY.md", "licence"),
        ("sub/model.sig", "signature"),
        ("model.safetensors.asc", "signature"),
        ("licensed.bin", None),
        ("notes.txt", None),
    ],
)
def test_a_file_of_this_name_is_for(name: str, role: str | None) -> None:
    found = roles.roles([file(name)])
    told = [Claim(Field.ROLE, role, Status.INFERRED, (Evidence(name),))] if role else None
    assert found.get(name) == told


def test_a_bundle_is_a_signature_by_its_content() -> None:
    (claim,) = roles.roles([file("x.json", formats="sigstore-bundle")])["x.json"]
    assert (claim.value, claim.status) == ("signature", Status.OBSERVED)


def test_code_that_a_configuration_names_is_custom_code_if_it_is_there() -> None:
    facts = [
        Reference(kind=Refers.REMOTE_CODE, key=f"auto_map.{n}", target=target)
        for n, target in enumerate(("modeling.Model", "lib.conf.Config", "gone.Model"))
    ]
    found = roles.roles(
        [file("sub/config.json", *facts), file("sub/modeling.py"), file("sub/lib/conf.py")]
    )
    assert {path: [claim.value for claim in claims] for path, claims in found.items()} == {
        "sub/config.json": ["model-configuration"],
        "sub/modeling.py": ["custom-code"],
        "sub/lib/conf.py": ["custom-code"],
    }
    assert found["sub/modeling.py"][0].evidence == (Evidence("sub/config.json", key="auto_map.0"),)


def test_an_index_of_shards_is_known_by_what_it_names() -> None:
    fact = Reference(kind=Refers.EXTERNAL_DATA, key="weight_map", target="a.safetensors")
    (claim,) = roles.roles([file("x.index.json", fact)])["x.index.json"]
    assert (claim.value, claim.status) == ("weight-index", Status.OBSERVED)


def test_documents_are_pointed_at_with_their_digests() -> None:
    files = [file("README.md"), file("LICENSE"), file("a b.sig"), file("tokenizer.json")]
    found = list(roles.documents(files))
    assert [(each.kind, each.url) for each in found] == [
        ("license", "LICENSE"),
        ("model-card", "README.md"),
        ("digital-signature", "a%20b.sig"),
    ]
    claim = Claim(Field.ROLE, "licence", Status.INFERRED, (Evidence("LICENSE"),))
    digest = dict(files[1].digests)["sha256"]
    assert found[0] == Pointer("license", "LICENSE", claim, (("SHA-256", digest),))
