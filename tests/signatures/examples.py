"""A small model, its BOM, its statement and its bundle, as the tests begin from."""

import hashlib
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import pytest

from aibom.signatures import SignatureError, build_statement, generate_keys, sign
from aibom.signatures.keys import load_private
from aibom.signatures.signer import KeySigner

Document: TypeAlias = dict[str, Any]
Change: TypeAlias = Callable[[Document], object]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


MODEL: Final = "acme-model"
BOM_NAME: Final = "aibom.cdx.json"
WEIGHTS: Final = "model.safetensors"
FILES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sub/tokenizer.json": sha256(b"tokens"),
        "config.json": sha256(b"{}"),
        WEIGHTS: sha256(b"weights"),
    }
)
ZEROS: Final = "0" * 64

PRIVATE, PUBLIC = generate_keys()


def component(name: str, digest: str) -> Document:
    return {
        "type": "file",
        "name": name,
        "hashes": [{"alg": "MD5", "content": "0" * 32}, {"alg": "SHA-256", "content": digest}],
        "properties": [{"name": "other", "value": "x"}, {"name": "aibom:path", "value": name}],
    }


def bom(files: Mapping[str, str] = FILES) -> Document:
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "machine-learning-model", "name": MODEL}},
        "components": [component(name, digest) for name, digest in files.items()],
    }


def dump(document: object) -> bytes:
    return json.dumps(document).encode()


BOM: Final = dump(bom())


def statement() -> Document:
    """Return the statement of the example as JSON, to be changed at will."""
    document: Document = json.loads(
        build_statement(model=MODEL, bom_name=BOM_NAME, bom=BOM, files=FILES)
    )
    return document


def signed(payload: bytes, pem: bytes = PRIVATE) -> bytes:
    return sign(payload, KeySigner(load_private(pem)))


def bundle() -> Document:
    """Return the signed bundle of the example as JSON, to be changed at will."""
    document: Document = json.loads(signed(dump(statement())))
    return document


def code_of(call: Callable[[], object]) -> str:
    """Return the code with which `call` fails; that it fails is part of the test."""
    with pytest.raises(SignatureError) as caught:
        call()
    return caught.value.code


def build(**changes: Any) -> bytes:  # noqa: ANN401 - any of the parameters
    example: dict[str, Any] = {"model": MODEL, "bom_name": BOM_NAME, "bom": BOM, "files": FILES}
    return build_statement(**{**example, **changes})
