"""What a loader takes each file for: by the names it looks for, or since another file says so.

A name is no proof of content, so such a role is inferred. The content is told by the formats.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..scanners.facts import Reference, Refers
from .claims import evidence_of, own_name
from .model import Claim, Evidence, Field, Pointer, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..scanners.artifact import Artifact

BY_NAME = {
    "README.md": "model-card",
    "config.json": "model-configuration",
    "model_index.json": "pipeline-configuration",
    "adapter_config.json": "adapter-configuration",
    "generation_config.json": "generation-configuration",
    "tokenizer.json": "tokenizer",
    "tokenizer.model": "tokenizer",
    "tokenizer_config.json": "tokenizer",
    "special_tokens_map.json": "tokenizer",
    "added_tokens.json": "tokenizer",
    "vocab.json": "tokenizer",
    "vocab.txt": "tokenizer",
    "merges.txt": "tokenizer",
    "spiece.model": "tokenizer",
    "sentencepiece.bpe.model": "tokenizer",
    "chat_template.jinja": "chat-template",
    "chat_template.json": "chat-template",
    "preprocessor_config.json": "processor-configuration",
    "processor_config.json": "processor-configuration",
    "trainer_state.json": "training-state",
    "training_args.bin": "training-arguments",
    "requirements.txt": "requirements",
}
LICENCE_FILE = re.compile(r"(?i)(?:licen[cs]e|copying|notice|use_policy)(?:[-_.].*)?")
SIGNATURE = re.compile(r".*\.(?:sig|asc|minisig|sigstore|sigstore\.json|intoto\.jsonl)")
BUNDLE = "sigstore-bundle"  # a format: here the content tells
INDEX = "weight_map"

ROLES_OF_DOCUMENTS = {  # role -> CycloneDX's type of external reference
    "model-card": "model-card",
    "licence": "license",
    "model-configuration": "configuration",
    "pipeline-configuration": "configuration",
    "adapter-configuration": "configuration",
    "generation-configuration": "configuration",
    "signature": "digital-signature",
}


def roles(artifacts: Iterable[Artifact]) -> dict[str, list[Claim]]:
    """Return, by path, what each of the files is for."""
    files = list(artifacts)
    names = {artifact.path[0] for artifact in files}
    found: dict[str, list[Claim]] = {}
    for artifact in files:
        if role := _role(artifact):
            found.setdefault(artifact.path[0], []).append(role)
        for name, claim in _named_code(artifact):
            if name in names:
                found.setdefault(name, []).append(claim)
    return found


def _role(artifact: Artifact) -> Claim | None:
    name, here = own_name(artifact), (Evidence(artifact.path[0]),)
    if BUNDLE in artifact.formats:
        return Claim(Field.ROLE, "signature", Status.OBSERVED, here)
    index = [f for f in artifact.facts if isinstance(f, Reference) and f.key == INDEX]
    if index:
        where = (evidence_of(min(index, key=repr), artifact),)
        return Claim(Field.ROLE, "weight-index", Status.OBSERVED, where)
    role = BY_NAME.get(name)
    if not role and LICENCE_FILE.fullmatch(name):
        role = "licence"
    if not role and SIGNATURE.fullmatch(name):
        role = "signature"
    return Claim(Field.ROLE, role, Status.INFERRED, here) if role else None


def _named_code(artifact: Artifact) -> Iterator[tuple[str, Claim]]:
    """Yield each file of the same folder whose code a loader would run, as a configuration says."""
    folder = posixpath.dirname(artifact.path[0])
    for fact in artifact.facts:
        if isinstance(fact, Reference) and fact.kind is Refers.REMOTE_CODE:
            module, _, _ = fact.target.rpartition(".")
            evidence = (evidence_of(fact, artifact),)
            name = posixpath.join(folder, module.replace(".", "/") + ".py")
            yield name, Claim(Field.ROLE, "custom-code", Status.DECLARED, evidence)


def documents(artifacts: Iterable[Artifact]) -> Iterator[Pointer]:
    """Yield a pointer to each file that documents, configures or signs the model, by its path."""
    for artifact in sorted(artifacts, key=lambda each: (each.path, each.digests)):
        role = _role(artifact)
        kind = ROLES_OF_DOCUMENTS.get(role.value) if role else None
        digest = dict(artifact.digests).get("sha256")
        if role and kind and digest:
            yield Pointer(kind, quote(artifact.path[0]), role, (("SHA-256", digest),))
