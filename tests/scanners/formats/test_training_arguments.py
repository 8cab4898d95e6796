"""Hyper-parameters that stand in pickled training arguments."""

import struct

import pytest

from aibom.scanners.facts import Metadata, StateSet
from aibom.scanners.formats.pickle import FORMAT
from aibom.scanners.formats.training_arguments import hyper_parameters
from aibom.scanners.source import Span
from aibom.scanners.values import Global, Group, Made, Opaque, Value
from tests.helpers.reading import facts

ARGUMENTS = Made(Global("transformers.training_args", "TrainingArguments"))
LINEAR = Made(Global("transformers.trainer_utils", "SchedulerType"), ("linear",))
RATE = ("learning_rate", 5e-05)


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def state(*items: Value, left_out: int = 0) -> Group:
    return Group("dict", items, left_out)


def told(target: Value, given: Value) -> list[tuple[str, str]]:
    at = Span(3, 1)
    found = list(hyper_parameters(StateSet(at=at, target=target, state=given)))
    assert all(fact.at == at for fact in found)
    return [(fact.key, fact.value) for fact in found]


def test_a_file_of_arguments_tells_how_the_model_was_trained() -> None:
    data = (
        b"\x80\x02ctransformers.training_args\nTrainingArguments\n)\x81}("
        + text("output_dir") + text("/home/me")
        + text("learning_rate") + b"G" + struct.pack(">d", 5e-05)
        + text("lr_scheduler_type")
        + b"ctransformers.trainer_utils\nSchedulerType\n" + text("linear") + b"\x85R"
        + text("max_steps") + b"J\xff\xff\xff\xff"
        + b"ub."
    )  # fmt: skip
    at = Span(len(data) - 2, 1)
    assert facts(FORMAT, data, Metadata) == [
        Metadata(at=at, key="training_args.learning_rate", value="5e-05"),
        Metadata(at=at, key="training_args.lr_scheduler_type", value="linear"),
        Metadata(at=at, key="training_args.max_steps", value="-1"),
    ]


def test_says_when_it_has_not_seen_all() -> None:
    values = (*RATE, "bf16", True, "seed")
    assert told(ARGUMENTS, state(*values, left_out=7)) == [
        ("training_args.learning_rate", "5e-05"),
        ("training_args.bf16", "true"),
        ("training_args.cut", "7 keys and values of the state are not seen"),
    ]


def test_keys_of_other_things_and_values_that_are_no_constants_are_left_out() -> None:
    values = ("hub_token", "secret", 3, 4, "seed", None, "optim", Opaque("x"), "beta", LINEAR)
    assert told(ARGUMENTS, state(*values)) == [("training_args.beta", "linear")]


@pytest.mark.parametrize(
    ("target", "is_read"),
    [
        (Made(Global("trl.trainer.dpo_config", "DPOConfig")), True),
        (Made(Global("sentence_transformers.training_args", "TrainingArguments")), True),
        (Made(Global("transformers.training_args", "TrainingArgumentsMaker")), False),
        (Made(Global("mine", "TrainingArguments")), False),
        (Made(Opaque("x")), False),
        (Global("transformers", "TrainingArguments"), False),
    ],
    ids=["trl", "sentences", "another name", "another library", "unknown", "not made"],
)
def test_only_arguments_of_known_trainers_are_read(target: Value, is_read: bool) -> None:
    assert told(target, state(*RATE)) == (
        [("training_args.learning_rate", "5e-05")] if is_read else []
    )


def test_a_state_that_is_no_mapping_says_nothing() -> None:
    assert told(ARGUMENTS, "text") == []
