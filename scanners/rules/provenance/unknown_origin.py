"""Rule: nothing in the folder says from where the weights came, at which commit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...facts import Metadata, Operator, Tensor
from ...recorded import commits
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

SNAPSHOT = re.compile(r"(?:.*/)?snapshots/[0-9a-f]{40}/.+")


def check(target: Target) -> Iterator[str]:
    """Whoever finds something wrong with the weights later cannot tell which others are the same.

    The files hold no record of a download and no snapshot of a commit. A signature beside them is
    not counted here, since anybody can make one: it says where the model is from once it was
    verified. The history of a git clone is not read.

    What to do: nothing, if you know where the model is from. Else verify its signature (`aibom
    verify`), or download it again at a commit, with `hf download --revision COMMIT --local-dir`.
    """
    has_weights = any(isinstance(fact, Tensor | Operator) for _, fact in target.facts())
    if has_weights and not _is_pinned(target):
        yield "there are weights, and no record of a download or snapshot of a commit"


def _is_pinned(target: Target) -> bool:
    if any(SNAPSHOT.fullmatch(artifact.path[0]) for artifact in target.artifacts):
        return True
    return any(True for _ in commits(target))


WEIGHTS = Artifact(("model.safetensors",), 8, facts=(Tensor(name="w", dtype="F32", shape=(2,)),))
RECORD = Artifact(
    (".cache/huggingface/download/model.safetensors.metadata",),
    8,
    formats=("hub-metadata",),
    facts=(Metadata(key="hub.commit", value="c0" * 20),),
)

RULE = Rule(
    id="unknown-origin",
    title="Nothing says from where the weights came",
    severity=Severity.INFO,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(Target((WEIGHTS,)),),
    passes=(
        Target((WEIGHTS, RECORD)),
        Target((Artifact((f"snapshots/{'c0' * 20}/m.gguf",), 8, facts=WEIGHTS.facts),)),
        Target((RECORD,)),
    ),
)
