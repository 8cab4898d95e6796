"""What follows from other claims by a rule, and what was looked for and is not there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..scanners.facts import Metadata
from .addresses import hub_name
from .claims import claim, own_name
from .model import Claim, Field, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..scanners.artifact import Artifact
    from .model import Component

# Heads whose task is one only (transformers/models/auto/modeling_auto.py); a model "for conditional
# generation" may translate, transcribe or describe, so nothing follows from that.
TASKS = (
    ("LMHeadModel", "text-generation"),
    ("ForCausalLM", "text-generation"),
    ("ForMaskedLM", "fill-mask"),
    ("ForSequenceClassification", "text-classification"),
    ("ForTokenClassification", "token-classification"),
    ("ForQuestionAnswering", "question-answering"),
    ("ForMultipleChoice", "multiple-choice"),
    ("ForImageClassification", "image-classification"),
    ("ForObjectDetection", "object-detection"),
    ("ForSemanticSegmentation", "image-segmentation"),
    ("ForUniversalSegmentation", "image-segmentation"),
    ("ForDepthEstimation", "depth-estimation"),
    ("ForMaskedImageModeling", "image-feature-extraction"),
    ("ForAudioClassification", "audio-classification"),
    ("ForCTC", "automatic-speech-recognition"),
    ("ForVideoClassification", "video-classification"),
    ("ForZeroShotImageClassification", "zero-shot-image-classification"),
)
# A card without `pipeline_tag` has its task among its tags, and the Hub takes it from there.
TASK_TAGS = """
    text-classification token-classification table-question-answering question-answering
    zero-shot-classification translation summarization feature-extraction text-generation
    text2text-generation fill-mask sentence-similarity text-ranking text-to-speech text-to-audio
    automatic-speech-recognition audio-to-audio audio-classification voice-activity-detection
    depth-estimation image-classification object-detection image-segmentation text-to-image
    image-to-text image-to-image image-to-video unconditional-image-generation
    video-classification reinforcement-learning robotics tabular-classification
    tabular-regression time-series-forecasting text-to-video visual-question-answering
    document-question-answering zero-shot-image-classification graph-ml mask-generation
    zero-shot-object-detection text-to-3d image-to-3d image-feature-extraction
    image-text-to-text audio-text-to-text video-text-to-text keypoint-detection any-to-any
"""
TAGS = frozenset(TASK_TAGS.split())
CONFIG = "config.json"
ORIGIN = (CONFIG, "_name_or_path")  # what it was loaded from, before or after it was trained
PEFT_TASK = ("adapter_config.json", "task_type")
PEFT_TASKS = {  # peft.TaskType
    "CAUSAL_LM": "text-generation",
    "SEQ_CLS": "text-classification",
    "TOKEN_CLS": "token-classification",
    "QUESTION_ANS": "question-answering",
    "SEQ_2_SEQ_LM": "text2text-generation",
    "FEATURE_EXTRACTION": "feature-extraction",
}
TUNE_TAGS = frozenset(  # tags that TRL's and others' trainers write; each names a method
    {"sft", "dpo", "orpo", "kto", "grpo", "ppo", "cpo", "rloo", "reward-trainer", "rlhf", "qlora"}
)
APPROACHES = {
    "sft": "supervised",
    "ppo": "reinforcement-learning",
    "grpo": "reinforcement-learning",
    "rloo": "reinforcement-learning",
    "rlhf": "reinforcement-learning",
}
MODALITIES = {  # keys of a processor's or tokenizer's configuration -> what goes in
    "image_processor_type": "image",
    "video_processor_type": "video",
    "tokenizer_class": "text",
}
# "…FeatureExtractor" is what hears and, in older files, what sees: keys beside it tell which.
EXTRACTOR = "feature_extractor_type"
SENSES = {"sampling_rate": "audio", "do_resize": "image"}
PROCESSORS = frozenset(
    {"preprocessor_config.json", "processor_config.json", "tokenizer_config.json"}
    | {"video_preprocessor_config.json"}
)

LABEL = re.compile(r"id2label\.(\d{1,9})")  # key of transformers' configurations
MOST_LABELS = 50  # that are listed; ImageNet has a thousand

EXPECTED = (  # fields that a reader looks for in the subject
    Field.DESCRIPTION,
    Field.SUPPLIER,
    Field.VERSION,
    Field.TASK,
    Field.ARCHITECTURE_FAMILY,
    Field.LICENCE,
    Field.LIMITATIONS,
    Field.USE_CASES,
)
TOLD_BY_WEIGHTS = frozenset({Field.ARCHITECTURE_FAMILY, Field.LICENCE})
ROLES = ("training", "evaluation")


def from_claims(told: Iterable[Claim]) -> Iterator[Claim]:
    """Yield task, method and approach that follow from what is declared."""
    claims = list(told)
    if not any(each.field is Field.TASK for each in claims):
        yield from _tasks(claims)
    for each in claims:
        if each.field is Field.TAG and each.value.lower() in TUNE_TAGS:
            yield Claim(Field.TUNE_METHOD, each.value.lower(), Status.INFERRED, each.evidence)
        if each.field is Field.TAG and each.value.lower() in APPROACHES:
            approach = APPROACHES[each.value.lower()]
            yield Claim(Field.APPROACH, approach, Status.INFERRED, each.evidence)


def _tasks(claims: list[Claim]) -> list[Claim]:
    """Return the task that an architecture tells, or else the one task among the tags."""
    found = [
        Claim(Field.TASK, task, Status.INFERRED, each.evidence)
        for each in claims
        if each.field is Field.ARCHITECTURE
        for suffix, task in TASKS
        if each.value.endswith(suffix)
    ]
    tags = [each for each in claims if each.field is Field.TAG and each.value in TAGS]
    if found or len({each.value for each in tags}) != 1:
        return found
    return [Claim(Field.TASK, tags[0].value, Status.INFERRED, tags[0].evidence)]


def from_files(artifacts: Iterable[Artifact]) -> Iterator[Claim]:
    """Yield what goes into the model by its processors, and an adapter's task."""
    for artifact in artifacts:
        name = own_name(artifact)
        if name == CONFIG:
            yield from _labels(artifact)
        senses = {
            SENSES[fact.key]
            for fact in artifact.facts
            if isinstance(fact, Metadata) and fact.key in SENSES
        }
        for fact in artifact.facts:
            if not isinstance(fact, Metadata):
                continue
            if name in PROCESSORS and (kind := _modality(fact, senses)):
                yield claim(Field.MODALITY, fact, kind, artifact, Status.INFERRED)
                text = f"{kind} ({fact.value})"
                yield claim(Field.INPUT, fact, text, artifact, Status.INFERRED)
            if (name, fact.key) == ORIGIN and hub_name(fact.value):
                yield claim(Field.BASE_HINT, fact, hub_name(fact.value), artifact, Status.INFERRED)
            if (name, fact.key) == PEFT_TASK and fact.value in PEFT_TASKS:
                task = PEFT_TASKS[fact.value]
                yield claim(Field.TASK, fact, task, artifact, Status.INFERRED)


def _labels(artifact: Artifact) -> Iterator[Claim]:
    """Yield the labels that a classifier gives, in order of their numbers, as its output."""
    labels = {
        int(found[1]): fact
        for fact in sorted(artifact.facts, key=repr)
        if isinstance(fact, Metadata) and (found := LABEL.fullmatch(fact.key))
    }
    if labels:
        shown = [labels[number].value for number in sorted(labels)[:MOST_LABELS]]
        more = f", and {len(labels) - MOST_LABELS} more" if len(labels) > MOST_LABELS else ""
        text = f"labels: {', '.join(shown)}{more}"
        yield claim(Field.OUTPUT, labels[min(labels)], text, artifact, Status.INFERRED)


def _modality(fact: Metadata, senses: set[str]) -> str:
    if fact.key == EXTRACTOR:
        return next(iter(senses)) if len(senses) == 1 else ""
    return MODALITIES.get(fact.key, "")


def unknown(subject: Component, datasets: Iterable[str]) -> Iterator[Claim]:
    """Yield what was looked for and not found. `datasets` are the roles of those that were."""
    known = {claim.field for claim in subject.claims}
    for field in EXPECTED:
        if field not in known:
            yield Claim(field, "", Status.UNKNOWN)
    if not subject.ancestors:
        yield Claim(Field.BASE_MODEL, "", Status.UNKNOWN)
    if not subject.metrics:
        yield Claim(Field.METRIC, "", Status.UNKNOWN)
    for role in ROLES:
        if role not in datasets:
            yield Claim(Field.DATASET, "", Status.UNKNOWN, detail=role)


def without_found(claims: Iterable[Claim], of_weights: Iterable[Claim]) -> tuple[Claim, ...]:
    """Return the claims of the subject without those that call unknown what its weights tell."""
    told = {
        each.field for each in of_weights if each.status is not Status.UNKNOWN
    } & TOLD_BY_WEIGHTS
    return tuple(
        each for each in claims if each.status is not Status.UNKNOWN or each.field not in told
    )
