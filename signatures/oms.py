"""The OpenSSF model signature: a manifest of a model's files, in a Sigstore bundle of its own.

Specification: https://github.com/ossf/model-signing-spec, v1.0::

    subject        one: the model's name and the root digest of all resources, in their order
    predicateType  https://model_signing/signature/v1.0
    predicate      resources: name, algorithm and digest of each file
                   serialization: how they were hashed, and what was left out

Read are manifests of whole files by SHA-256, which is what the reference client writes unless it is
told otherwise. The root digest does not commit to the names, so it is never trusted alone.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .components import check_digest
from .errors import SignatureError
from .names import check_distinct, check_name
from .statement import MODEL_SIGNATURE, STATEMENT_TYPE, compare_files, oms_root
from .statement import PREDICATE_TYPE as BOM_TYPE
from .strictjson import JSON, dumps, loads

PREDICATE_TYPE = MODEL_SIGNATURE

_WHOLE_FILES = ("files", "sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a model signature claims; whether the files agree is for `check`."""

    model: str
    files: Mapping[str, str]  # relative name -> SHA-256, hex
    ignored: tuple[str, ...]  # files or folders, relative, that the signature says nothing about

    def covers(self, name: str) -> bool:
        """Whether the signature speaks about the file `name` (relative)."""
        return not any(name == path or name.startswith(f"{path}/") for path in self.ignored)

    def check(self, files: Mapping[str, str]) -> None:
        """Raise unless `files` (relative name -> SHA-256, hex) are those signed, all of them.

        Raises:
            SignatureError: `missing-file`, `extra-file` or `digest-mismatch`.
        """
        compare_files(self.files, files)


def build_manifest(*, model: str, files: Mapping[str, str], ignored: Collection[str]) -> bytes:
    """Return the payload to sign for `files` (relative name -> SHA-256, hex).

    Raises:
        SignatureError: As `parse_manifest`: no payload is returned that this package refuses.
    """
    names = sorted(files)
    payload = dumps(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": model, "digest": {"sha256": oms_root(files)}}],
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "serialization": {
                    "method": "files",
                    "hash_type": "sha256",
                    "allow_symlinks": False,
                    "ignore_paths": sorted(ignored),
                },
                "resources": [
                    {"name": name, "algorithm": "sha256", "digest": files[name]} for name in names
                ],
            },
        }
    )
    parse_manifest(payload)
    return payload


def parse_manifest(payload: bytes) -> Manifest:
    """Read the payload of a model signature.

    Raises:
        SignatureError: `json-*`, `statement-type`, `predicate-type`, `oms-malformed`,
            `oms-serialization`, `bad-name`, `duplicate-subject`, `colliding-names`,
            `digest-algorithm` or `root-digest`.
    """
    claims = _object(loads(payload), "the statement")
    _exactly("statement-type", claims.get("_type"), STATEMENT_TYPE)
    found = claims.get("predicateType")
    if found == BOM_TYPE:
        raise SignatureError(
            "predicate-type",
            "this signs a BOM too, so it is no model signature: leave out --model-signature",
        )
    _exactly("predicate-type", found, PREDICATE_TYPE)
    predicate = _object(claims.get("predicate"), "predicate")
    serialization = _object(predicate.get("serialization"), "serialization")
    how = serialization.get("method"), serialization.get("hash_type")
    if how != _WHOLE_FILES:
        raise SignatureError(
            "oms-serialization", f"hashed by {how!r:.100}, expected whole files by SHA-256"
        )
    subjects = _list(claims.get("subject"), "subject")
    if len(subjects) != 1:
        raise SignatureError("oms-malformed", f"{len(subjects)} subjects, expected one")
    files = _files(predicate.get("resources"))
    model = check_name(_object(subjects[0], "subject").get("name"))
    if _object(subjects[0], "subject").get("digest") != {"sha256": _root(files)}:
        raise SignatureError("root-digest", f"the digest of {model!r} is not that of its parts")
    return Manifest(model=model, files=files, ignored=_ignored(serialization))


def _files(resources: JSON) -> dict[str, str]:
    files: dict[str, str] = {}
    for each in _list(resources, "resources"):
        resource = _object(each, "resources[]")
        name = check_name(resource.get("name"))
        if name in files:
            raise SignatureError("duplicate-subject", f"{name!r} is signed twice")
        if resource.get("algorithm") != "sha256":
            raise SignatureError("digest-algorithm", f"{name!r} is not signed by sha256")
        files[name] = check_digest(name, resource.get("digest"))
    check_distinct(files)
    return files


def _root(files: Mapping[str, str]) -> str:
    """Return the digest over the resources as they are listed.

    The specification orders them by code point, but its reference client by folders ("a/x" before
    "a b"), so that the order of a manifest is its own.
    """
    return hashlib.sha256(b"".join(map(bytes.fromhex, files.values()))).hexdigest()


def _ignored(serialization: dict[str, JSON]) -> tuple[str, ...]:
    """Return the ignored paths inside the model; other clients note the signature's place too."""
    found: list[str] = []
    for path in _list(serialization.get("ignore_paths", []), "ignore_paths"):
        if not isinstance(path, str):
            raise SignatureError("oms-malformed", "ignore_paths holds no text")
        if not path.startswith(("../", "/")):
            found.append(check_name(path))
    return tuple(found)


def _exactly(code: str, found: JSON, expected: str) -> None:
    if found != expected:
        raise SignatureError(code, f"the type is {found!r:.80}, expected {expected}")


def _object(value: JSON, what: str) -> dict[str, JSON]:
    if not isinstance(value, dict):
        raise SignatureError("oms-malformed", f"{what} is not a JSON object")
    return value


def _list(value: JSON, what: str) -> list[JSON]:
    if not isinstance(value, list):
        raise SignatureError("oms-malformed", f"{what} is not a JSON list")
    return value
