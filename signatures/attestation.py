"""Statements about files by themselves, as GitHub's ``actions/attest`` signs them with a BOM.

https://github.com/actions/attest, ``sbom-path``::

    subject        each file: its name and SHA-256. The name is the last part of its path, or what a
                   list of checksums has for it; two files may have one name
    predicateType  https://cyclonedx.org/bom
    predicate      the parsed BOM, by whatever program

No subject is the model as a whole, and none needs to be the BOM's file. So each file must be a
subject, and each subject a file. Where the BOM lists files by their paths, as ours do, these are
compared as well: that alone tells two files of one name apart.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .bundle import read
from .errors import SignatureError
from .names import check_name
from .statement import (
    compare_files,
    files_of,
    read_claims,
    refuse_files,
    subject_digest,
    subject_name,
)
from .strictjson import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """What a payload claims; whether the files agree is for `compare`."""

    subjects: frozenset[tuple[str, str]]  # name and SHA-256, hex
    bom: dict[str, JSON]  # the predicate
    listed: Mapping[str, str]  # files that the BOM lists: relative name -> SHA-256, hex

    @property
    def has_paths(self) -> bool:
        """Whether subjects are named by their paths, and not by the last part of these."""
        return any("/" in name for name, _ in self.subjects)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is not known, although all of it holds."""
        if self.listed or self.has_paths:
            return ()
        return ("the signer named files without their folders: those may be others than signed",)

    def names_file(self, path: str) -> bool:
        """Whether a subject may be the file at `path` (relative), by its name."""
        return any(name == self._named(path) for name, _ in self.subjects)

    def compare(self, files: Mapping[str, str], unlisted: Collection[str] = ()) -> None:
        """Raise unless `files` (relative name -> SHA-256, hex) are the subjects, all of them.

        `unlisted` are names that no BOM lists: its own, and those of what belongs to git.

        Raises:
            SignatureError: `missing-file`, `extra-file` or `digest-mismatch`.
        """
        found = {(self._named(path), digest) for path, digest in files.items()}
        there, signed = ({name for name, _ in each} for each in (found, self.subjects))
        refuse_files("missing-file", "signed, but not there", signed - there)
        extra = [path for path in files if self._named(path) not in signed]
        refuse_files("extra-file", "there, but not signed", extra)
        changed = [
            path
            for path, digest in files.items()
            if (self._named(path), digest) not in self.subjects
        ]
        refuse_files("digest-mismatch", "not the bytes that were signed", changed)
        one_of_two = {name for name, _ in self.subjects - found}
        refuse_files("missing-file", "signed, but one of the name is not there", one_of_two)
        if self.listed:
            inside = {path: digest for path, digest in files.items() if path not in unlisted}
            compare_files(self.listed, inside)

    def _named(self, path: str) -> str:
        return path if self.has_paths else path.rpartition("/")[2]


def is_attestation(bundle: bytes) -> bool:
    """Whether the statement in a bundle (JSON) names files alone, and not a model as a whole.

    Nothing is verified: it says which of two verifications is asked for. What cannot be read is
    none, so that the other one says why.
    """
    try:
        subjects = read_claims(read(bundle).envelope.payload).get("subject")
    except SignatureError:
        return False
    first = subject_name(subjects[0]) if isinstance(subjects, list) and subjects else None
    return isinstance(first, str) and not first.endswith("/")


def parse_attestation(payload: bytes) -> Attestation:
    """Read the verified payload of an attestation.

    Raises:
        SignatureError: `json-*`, `statement-type`, `predicate-type`, `no-subjects`, `bad-name`,
            `digest-algorithm`, `not-a-bom` or `bom-*`.
    """
    claims = read_claims(payload)
    subjects, bom = claims.get("subject"), claims.get("predicate")
    listed = files_of(bom)
    if not isinstance(subjects, list) or not subjects or not isinstance(bom, dict):
        raise SignatureError("no-subjects", "the statement has no subjects")
    found: set[tuple[str, str]] = set()
    for subject in subjects:
        name = check_name(subject_name(subject))
        found.add((name, subject_digest(name, subject)))
    return Attestation(subjects=frozenset(found), bom=bom, listed=listed)
