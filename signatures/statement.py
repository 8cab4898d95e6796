"""The in-toto Statement that binds a model's files and its bill of materials to one signature.

Layout (https://in-toto.io/Statement/v1)::

    subject[0]    the model as a whole: its name and "/", and the OMS root digest of all parts below
    subject[1]    the BOM file: its name and the SHA-256 of its exact bytes
    subject[2:]   every other file, sorted by code point; left out above 1022 files, since common
                  verifiers refuse more than 1024 subjects: then the signed BOM is the list
    last          what else the signer vouches for, by name and SHA-256 alone, such as the manifest
                  of an OCI image; marked by an annotation, so that none is taken for a file
    predicateType https://cyclonedx.org/bom
    predicate     the parsed BOM

A model that is a single file ``m.gguf`` has the same form: subjects ``m.gguf/``, its BOM file
(``m.gguf.aibom.cdx.json``) and ``m.gguf``. One form means one verifier, and a name that ends in
"/" can be no file's. The name of the whole is a label: a model keeps its signature when its folder
is renamed, and replay is for the caller to catch, by the purl and version in the signed BOM.

The root digest does not commit to names (it hashes the files' digests in the order of the names),
so it is compared, and never trusted alone.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from .components import check_digest, listed_files
from .errors import SignatureError
from .names import check_distinct, check_name
from .strictjson import JSON, compacted, dumps, loads

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://cyclonedx.org/bom"
MODEL_SIGNATURE = "https://model_signing/signature/v1.0"  # predicate type of OpenSSF's, see `oms`
SPEC_VERSIONS = ("1.5", "1.6", "1.7")  # 1.5 is the first that knows models
MAX_FILES = 1022  # 1024 subjects, less the whole and the BOM
NOTHING: Mapping[str, str] = MappingProxyType({})
FURTHER: Final[dict[str, JSON]] = {"aibom:subject": "further"}  # annotations of what is no file


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a payload claims, consistent in itself; whether the files agree is for `compare`."""

    model: str  # the name of the whole, without "/"
    bom_name: str
    bom_digest: str  # SHA-256, hex, of the BOM file's bytes
    bom: dict[str, JSON]  # the predicate
    files: Mapping[str, str]  # every other file: relative name -> SHA-256, hex
    further: Mapping[str, str] = field(
        default_factory=lambda: NOTHING
    )  # what else is signed: name -> SHA-256
    bom_text: bytes = field(default=b"", repr=False, compare=False)  # JSON of `bom`, if known

    @property
    def has_embedded_signature(self) -> bool:
        """Whether the BOM carries a signature of its own (JSF), which nobody here verifies."""
        return "signature" in self.bom


def build_statement(  # noqa: PLR0913 - all named, two of them optional
    *,
    model: str,
    bom_name: str,
    bom: bytes,
    files: Mapping[str, str],
    further: Mapping[str, str] = NOTHING,
    keep_embedded_signature: bool = False,
) -> bytes:
    """Return the payload to sign for `bom` and `files` (relative name -> SHA-256, hex).

    `model` is the folder's own name, or the single file's. `files` may hold the BOM file too;
    `further` are things that are no files of the model, vouched for by their digests alone.
    A payload is returned only if `check_statement` accepts it for the same files.

    Raises:
        SignatureError: As `check_statement`; `embedded-signature` unless that is to be kept.
    """
    for name, digest in (*files.items(), *further.items()):
        check_digest(check_name(name), digest)
    parts = _parts(bom_name, bom, files)
    predicate = loads(bom)
    others = sorted((name, digest) for name, digest in parts.items() if name != bom_name)
    _compare_listed(files_of(predicate), dict(others))
    subjects = [(model + "/", oms_root(parts)), (bom_name, parts[bom_name])]
    if len(others) + len(further) <= MAX_FILES:
        subjects += others
    marked = {"annotations": FURTHER}
    claims: dict[str, object] = {
        "_type": STATEMENT_TYPE,
        "subject": [
            *(_subject(name, digest) for name, digest in subjects),
            *(_subject(name, digest) | marked for name, digest in sorted(further.items())),
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }
    payload = dumps(claims)
    statement = check_statement(payload, bom_name=bom_name, bom=bom, files=files)
    if statement.has_embedded_signature and not keep_embedded_signature:
        raise SignatureError("embedded-signature", f"{bom_name} carries a signature of its own")
    return payload


def check_statement(
    payload: bytes, *, bom_name: str, bom: bytes, files: Mapping[str, str]
) -> Statement:
    """Return the statement in a verified `payload` if files and BOM are exactly those signed.

    Raises:
        SignatureError: As `parse_statement` and `compare`, in this order.
    """
    statement = parse_statement(payload, bom_name=bom_name)
    compare(statement, bom=bom, files=files)
    return statement


def parse_statement(payload: bytes, *, bom_name: str | None) -> Statement:
    """Read a payload and hold its subjects, root digest and BOM against each other.

    The BOM must have been signed under the name `bom_name`; under any one if that is None.

    Raises:
        SignatureError: `json-*`, `statement-type`, `predicate-type`, `no-subjects`,
            `no-root-subject`, `bad-name`, `duplicate-subject`, `colliding-names`,
            `digest-algorithm`, `bom-not-a-subject`, `not-a-bom`, `bom-*` or `root-digest`.
    """
    claims = read_claims(payload)
    (model, root), signed, further = _subjects(claims.get("subject"))
    first = next(iter(signed), None)
    if first is None or bom_name not in {first, None}:
        raise SignatureError(
            "bom-not-a-subject", f"subject[1] is {first!r:.200}, expected the BOM {bom_name!r}"
        )
    bom_name = first
    bom_digest = signed.pop(bom_name)
    bom = claims.get("predicate")
    listed = files_of(bom)
    if not signed and len(listed) + len(further) > MAX_FILES:
        signed = {name: digest for name, digest in listed.items() if name != bom_name}
    _compare_listed(listed, signed)
    parts = {bom_name: bom_digest, **signed}
    check_distinct(parts)
    if oms_root(parts) != root:
        raise SignatureError("root-digest", f"the digest of {model!r} is not that of its parts")
    return Statement(
        model=model,
        bom_name=bom_name,
        bom_digest=bom_digest,
        bom=_cyclonedx(bom),
        files=signed,
        further=further,
        bom_text=_predicate_text(payload, claims),
    )


def _predicate_text(payload: bytes, claims: dict[str, JSON]) -> bytes:
    """Return the text of the predicate in a `payload` that was written as ours are, else nothing.

    All other members come first and compact, and nothing follows the last brace, so that what is in
    between is its text alone.
    """
    head = dumps({name: claims[name] for name in claims if name != "predicate"})[:-1]
    head += b',"predicate":'
    is_alike = payload.startswith(head) and payload.endswith(b"}")
    return payload[len(head) : -1] if is_alike else b""


def read_claims(payload: bytes) -> dict[str, JSON]:
    """Return the members of an in-toto Statement v1 about a CycloneDX BOM.

    Raises:
        SignatureError: `json-*`, `statement-type` or `predicate-type`.
    """
    claims = loads(payload)
    if not isinstance(claims, dict) or claims.get("_type") != STATEMENT_TYPE:
        found = claims.get("_type") if isinstance(claims, dict) else None
        raise SignatureError(
            "statement-type", f"statement type is {found!r:.80}, expected {STATEMENT_TYPE}"
        )
    if claims.get("predicateType") != PREDICATE_TYPE:
        raise _other_predicate(claims.get("predicateType"))
    return claims


def compare(statement: Statement, *, bom: bytes, files: Mapping[str, str]) -> None:
    """Raise unless `bom` and `files` (relative name -> SHA-256, hex) are those signed, all of them.

    `files` may hold the BOM file too.

    Raises:
        SignatureError: `changed-while-reading`, `missing-file`, `extra-file`, `digest-mismatch` or
            `bom-differs-from-predicate`.
    """
    observed = _parts(statement.bom_name, bom, files)
    signed = {statement.bom_name: statement.bom_digest, **statement.files}
    compare_files(signed, observed)
    compare_bom(statement.bom_name, bom, statement.bom, statement.bom_text)


def compare_bom(name: str, bom: bytes, signed: dict[str, JSON], text: bytes = b"") -> None:
    """Raise unless the BOM file `name`, with the bytes `bom`, says just what the `signed` one does.

    `text` is JSON of that one, if it is at hand: two texts that differ in space alone need not be
    parsed.

    Raises:
        SignatureError: `bom-differs-from-predicate`, or `json-*`.
    """
    if text and compacted(bom) == text:
        return
    # Spelled out, because in Python True == 1 == 1.0; as written first, since most keep the order.
    found = loads(bom)
    if dumps(found) == dumps(signed):
        return
    if dumps(found, sort_keys=True) != dumps(signed, sort_keys=True):
        raise SignatureError(
            "bom-differs-from-predicate", f"{name!r} says other than the signed BOM"
        )


def compare_files(signed: Mapping[str, str], observed: Mapping[str, str]) -> None:
    """Raise unless the two have the same names with the same digests.

    Raises:
        SignatureError: `missing-file`, `extra-file` or `digest-mismatch`.
    """
    refuse_files("missing-file", "signed, but not there", signed.keys() - observed.keys())
    refuse_files("extra-file", "there, but not signed", observed.keys() - signed.keys())
    changed = [name for name, digest in signed.items() if observed[name] != digest]
    refuse_files("digest-mismatch", "not the bytes that were signed", changed)


def oms_root(files: Mapping[str, str]) -> str:
    """Return the root digest of OpenSSF Model Signing for `files` (name -> SHA-256, hex).

    It is the SHA-256 over the raw digests in the order of the names.
    """
    return hashlib.sha256(
        b"".join(bytes.fromhex(files[name]) for name in sorted(files))
    ).hexdigest()


def _parts(bom_name: str, bom: bytes, files: Mapping[str, str]) -> dict[str, str]:
    """Return `files` with the BOM file, whose digest is taken of the bytes at hand."""
    digest = hashlib.sha256(bom).hexdigest()
    if files.get(bom_name, digest) != digest:
        raise SignatureError(
            "changed-while-reading", f"{bom_name!r} was not the same when hashed and when read"
        )
    return {**files, bom_name: digest}


def _subject(name: str, digest: str) -> dict[str, object]:
    return {"name": name, "digest": {"sha256": digest}}


def _subjects(value: JSON) -> tuple[tuple[str, str], dict[str, str], dict[str, str]]:
    """Return the model's name and root digest, and the digests of files and of further subjects."""
    if not isinstance(value, list) or not value:
        raise SignatureError("no-subjects", "the statement has no subjects")
    model = subject_name(value[0])
    if not isinstance(model, str) or not model.endswith("/") or "/" in model[:-1]:
        raise SignatureError(
            "no-root-subject", f"subject[0] is {model!r:.200}, expected the model's name and '/'"
        )
    check_name(model[:-1])
    files: dict[str, str] = {}
    further: dict[str, str] = {}
    for subject in value[1:]:
        name = check_name(subject_name(subject))
        if name in files or name in further:
            raise SignatureError("duplicate-subject", f"{name!r} is signed twice")
        (further if _is_further(subject) else files)[name] = subject_digest(name, subject)
    check_distinct(files)
    return (model[:-1], subject_digest(model, value[0])), files, further


def _other_predicate(found: JSON) -> SignatureError:
    if found == MODEL_SIGNATURE:
        what = "this is an OpenSSF model signature, without a BOM: --model-signature verifies it"
    else:
        what = f"predicate type is {found!r:.80}, expected {PREDICATE_TYPE}"
    return SignatureError("predicate-type", what)


def _is_further(subject: JSON) -> bool:
    return isinstance(subject, dict) and subject.get("annotations") == FURTHER


def subject_name(subject: JSON) -> JSON:
    """Return what a subject has for its name, of whatever kind that is."""
    return subject.get("name") if isinstance(subject, dict) else None


def subject_digest(name: str, subject: JSON) -> str:
    """Return the SHA-256 (hex) of a subject, which must have that alone; `name` is for the error.

    Raises:
        SignatureError: `digest-algorithm`.
    """
    digests = subject.get("digest") if isinstance(subject, dict) else None
    if not isinstance(digests, dict) or set(digests) != {"sha256"}:
        raise SignatureError("digest-algorithm", f"{name!r} is not signed by sha256 alone")
    return check_digest(name, digests["sha256"])


def _cyclonedx(bom: JSON) -> dict[str, JSON]:
    if not isinstance(bom, dict) or bom.get("bomFormat") != "CycloneDX":
        raise SignatureError("not-a-bom", "the predicate is not a CycloneDX BOM")
    return bom


def files_of(bom: JSON) -> dict[str, str]:
    """Return the files that the BOM lists, once its version says how to read it.

    Raises:
        SignatureError: `not-a-bom`, `bom-spec-version`, or as `listed_files`.
    """
    known = _cyclonedx(bom)
    version = known.get("specVersion")
    if version not in SPEC_VERSIONS:
        raise SignatureError(
            "bom-spec-version",
            f"CycloneDX version is {version!r:.80}, known are {', '.join(SPEC_VERSIONS)}",
        )
    return listed_files(known)


def _compare_listed(listed: Mapping[str, str], signed: Mapping[str, str]) -> None:
    refuse_files("bom-lacks-file", "signed, but not in the BOM", signed.keys() - listed.keys())
    differing = [name for name, digest in signed.items() if listed[name] != digest]
    refuse_files("bom-hash-differs", "signed with another hash than the BOM has", differing)
    refuse_files("bom-file-not-signed", "in the BOM, but not signed", listed.keys() - signed.keys())


def refuse_files(code: str, what: str, names: Collection[str]) -> None:
    """Raise `SignatureError` by `code` if there are `names`; at most five are told."""
    if not names:
        return
    shown = ", ".join(repr(name) for name in sorted(names)[:5])
    rest = f" and {len(names) - 5} more" if len(names) > 5 else ""  # noqa: PLR2004 - as above
    raise SignatureError(code, f"{what}: {shown}{rest}")
