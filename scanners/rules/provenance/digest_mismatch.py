"""Rule: a file is not the one that was recorded in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...facts import Metadata, Reference, Refers
from ...recorded import recorded
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...facts import Fact


def check(target: Target) -> Iterator[Evidence]:
    """What is known of the model by its commit is not true of these bytes.

    Whoever downloaded the folder recorded the SHA-256 that the Hub gave for a large file, or keeps
    the file under its digest as its name. The bytes have another one: the file was changed or
    swapped afterwards, or is damaged. The record is signed by nobody, so that agreement proves
    little; but somebody who only reads the commit would take these bytes for others.

    What to do: download the file again. If you changed it yourself, remove the folder
    `.cache/huggingface`, which no longer speaks of these files.
    """
    for each in recorded(target):
        if each.found != each.recorded:
            message = f"{each.by} says SHA-256 {each.recorded}, the bytes have {each.found}"
            yield Evidence(message, each.path)


ONE, OTHER = "1b" * 32, "2c" * 32
NAME = "model.safetensors"
RECORD = f".cache/huggingface/download/{NAME}.metadata"


def _file(name: str, digest: str, *facts: Fact) -> Artifact:
    return Artifact((name,), 8, (("sha256", digest),), facts=facts)


def _record(etag: str, name: str = RECORD) -> Artifact:
    facts = (
        Metadata(key="hub.commit", value="c0" * 20),
        Metadata(key="hub.etag", value=etag),
    )
    return Artifact((name,), 8, formats=("hub-metadata",), facts=facts)


POINTER = Reference(kind=Refers.LFS, key="oid", target=f"sha256:{OTHER}")
LINK = Artifact(("snapshots/c0/m",), 0, facts=(Reference(kind=Refers.LINK, key="l", target="x"),))
# Without a fact of a kind that the family judges, nothing here is a model.
SOME = Metadata(key="format", value="pt")

RULE = Rule(
    id="digest-mismatch",
    title="The bytes are not those that were recorded",
    severity=Severity.HIGH,
    on=Target,
    check=check,
    refs=("CWE-345", "LLM03:2025"),
    flags=(
        Target((_record(ONE), _file(NAME, OTHER))),
        Target((_record(ONE), _file(NAME, ONE, POINTER))),
        Target((_record(ONE, f"a/{RECORD}"), _file(f"a/{NAME}", OTHER))),
        Target((_file(f"blobs/{ONE}", OTHER, SOME), LINK)),
        Target((_file(f"blobs/sha256-{ONE}", OTHER, SOME),)),
    ),
    passes=(
        Target((_record(ONE), _file(NAME, ONE))),
        Target((_record(OTHER), _file(NAME, ONE, POINTER))),
        Target((_record("c0" * 20), _file(NAME, OTHER))),
        Target((_record(ONE),)),
        Target((_record(ONE, "record.metadata"), _file(NAME, OTHER))),
        Target((_record(ONE), Artifact((NAME,), 8))),
        Target((_file(f"blobs/{ONE}", ONE, SOME), LINK)),
        Target((_file(f"blobs/{ONE}", OTHER, SOME),)),
    ),
)
