"""What can be different between two bills of materials, and how much that matters.

The grades are for whoever compares a release with the one before it. They are rules of thumb with a
reason each, not the truth about a change: `docs/boms.md` lists them, from this table.
"""

from __future__ import annotations

from enum import IntEnum

from ..scanners.record import record


class Grade(IntEnum):
    """How much a change matters; later is worse."""

    EXPECTED = 0
    REVIEW_REQUIRED = 1
    RELEASE_BLOCKING = 2

    @property
    def word(self) -> str:
        """Return it as people and programs read it: ``review-required``."""
        return self.name.lower().replace("_", "-")


@record
class Kind:
    """One kind of change."""

    id: str
    grade: Grade
    title: str  # what it is called on the screen
    why: str  # why it has this grade


_E, _R, _B = Grade.EXPECTED, Grade.REVIEW_REQUIRED, Grade.RELEASE_BLOCKING

# In the order in which a reader sees those of one grade.
KINDS = {
    each.id: each
    for each in (
        Kind("severe-finding-added", _B, "finding added", "`aibom scan` fails on it by default"),
        Kind("finding-added", _R, "finding added", "it is medium: a person decides"),
        Kind("slight-finding-added", _E, "finding added", "it is low or for information"),
        Kind(
            "finding-dropped",
            _B,
            "finding dropped",
            "same rules, same bytes: one of the two BOMs does not tell it",
        ),
        Kind("finding-removed", _E, "finding removed", "the bytes or the rules changed"),
        Kind("unread-appeared", _B, "not read", "what was not read can hold anything"),
        Kind("unread-gone", _E, "now read", "more is known than before"),
        Kind("completeness-lost", _R, "less is known", "the BOM does not claim to be whole"),
        Kind("completeness-gained", _E, "more is known", "the BOM claims more than before"),
        Kind(
            "weights-changed-in-place",
            _B,
            "weights changed",
            "the version is the same: whoever pinned it gets another model",
        ),
        Kind("weights-changed", _R, "weights changed", "it is another model"),
        Kind("weights-added", _R, "weights added", "a loader may take them"),
        Kind("weights-removed", _R, "weights removed", "a loader may need them"),
        Kind("weights-repacked", _E, "weights repacked", "the tensors are the same"),
        Kind("file-changed", _R, "file changed", "what it does is for a person to see"),
        Kind("file-added", _R, "file added", "what it does is for a person to see"),
        Kind("file-removed", _R, "file removed", "something may need it"),
        Kind("file-renamed", _E, "file renamed", "its bytes are the same"),
        Kind("component-added", _R, "component added", "it brings its own risks and licence"),
        Kind("component-removed", _R, "component removed", "something may need it"),
        Kind("licence-changed", _B, "licence changed", "users get other rights than before"),
        Kind("licence-removed", _B, "licence removed", "without one, nobody may use it"),
        Kind("licence-added", _R, "licence added", "it may ask for more than people think"),
        Kind("base-model-changed", _B, "base model changed", "it is another model with its terms"),
        Kind("base-model-removed", _R, "base model removed", "its terms still hold"),
        Kind("base-model-added", _R, "base model added", "its terms hold for this model"),
        Kind("publisher-changed", _B, "publisher changed", "somebody else vouches for it"),
        Kind("publisher-removed", _R, "publisher removed", "nobody vouches for it"),
        Kind("publisher-added", _R, "publisher added", "check that it is who it says"),
        Kind("identity-changed", _R, "identity changed", "it is called otherwise"),
        Kind("version-changed", _E, "version changed", "a new release has a new one"),
        Kind("parameters-changed", _R, "parameters changed", "it computes something else"),
        Kind(
            "parameters-restated",
            _R,
            "parameters stated otherwise",
            "the bytes are the same: other rules read them, or one of the two BOMs is wrong",
        ),
        Kind("fingerprints-added", _E, "now measured", "tensors were not measured before"),
        Kind("fingerprints-removed", _E, "not measured", "`aibom bom` takes no fingerprints"),
        Kind("task-changed", _R, "task changed", "it is for something else"),
        Kind("data-changed", _R, "data changed", "it learnt from, or was measured on, other data"),
        Kind("card-changed", _R, "card changed", "what it is for, or not for, reads otherwise"),
        Kind("metric-changed", _E, "metric changed", "a new release measures anew"),
        Kind("dependency-changed", _R, "dependency changed", "it needs something else"),
        Kind("statement-changed", _R, "statement changed", "no rule knows this field"),
        Kind("rules-changed", _E, "rules changed", "findings can differ for that alone"),
        Kind("tool-changed", _E, "tool changed", "another program or version wrote it"),
    )
}

# A property's name, without `aibom:` or `cdx:ai-ml:model:`, begins with -> the kind of its change.
BY_PROPERTY = (
    ("commit", "version-changed"),
    ("model:name", "identity-changed"),
    ("address", "identity-changed"),
    ("task", "task-changed"),
    ("approach", "task-changed"),
    ("modality", "task-changed"),
    ("language", "task-changed"),
    ("licence", "licence-changed"),
    ("dataset", "data-changed"),
    ("base-model", "base-model-changed"),
    ("card", "card-changed"),
    ("tag", "card-changed"),
    ("co2", "metric-changed"),
    ("metric", "metric-changed"),
    *(
        (name, "parameters-changed")
        for name in (
            *("architecture", "context", "vocabulary", "layers", "attention", "hidden", "experts"),
            *("feed-forward", "rope"),
            *(
                "tensor",
                "weights",
                "parameter",
                "dtype",
                "quantisation",
                "operator",
                "tokenizer",
                "template",
            ),
            *("generation", "hyperparameter", "input", "output", "embedding"),
        )
    ),
)


@record
class Change:
    """One difference. What is only on one side has no name on the other."""

    kind: str  # of `KINDS`
    before: str  # what is different, as the old document calls it; "" is the model as a whole
    after: str
    field: str = ""  # of what is different, if not all of it
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()

    @property
    def rule(self) -> Kind:
        """The kind, with its grade and reason."""
        return KINDS[self.kind]

    @property
    def grade(self) -> Grade:
        """How much it matters."""
        return self.rule.grade
