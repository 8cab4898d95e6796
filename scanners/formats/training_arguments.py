"""Hyper-parameters in the state that a pickled `TrainingArguments` would be given.

``training_args.bin`` of transformers' Trainer is such an object, pickled by torch.save; trl and
sentence-transformers have classes of their own. Only keys that say how a model was trained are
stated: others hold paths, names of machines, and tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..documents import scalar
from ..facts import Metadata, StateSet, shorten
from ..values import Global, Group, Made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..values import Value

LIBRARIES = frozenset({"transformers", "trl", "sentence_transformers", "setfit"})
CLASSES = ("Arguments", "Config")  # how their names end
NAMES = """
    learning_rate num_train_epochs max_steps weight_decay adam_beta1 adam_beta2 adam_epsilon
    max_grad_norm lr_scheduler_type warmup_ratio warmup_steps optim optim_args seed data_seed
    per_device_train_batch_size per_device_eval_batch_size gradient_accumulation_steps
    gradient_checkpointing label_smoothing_factor bf16 fp16 tf32 neftune_noise_alpha
    group_by_length torch_compile eval_strategy evaluation_strategy beta loss_type max_length
    max_prompt_length max_completion_length max_seq_length packing num_generations temperature
"""
TOLD = frozenset(NAMES.split())
PREFIX = "training_args"


def hyper_parameters(fact: StateSet) -> Iterator[Metadata]:
    """Yield each hyper-parameter in a state, if it is that of training arguments.

    A long state is not seen whole (`Group.left_out`); then a last fact says so.
    """
    if not _is_training(fact.target) or not isinstance(fact.state, Group):
        return
    items = fact.state.items
    for name, value in zip(items[::2], items[1::2], strict=False):
        text = _text(value)
        if isinstance(name, str) and name in TOLD and text:
            yield Metadata(at=fact.at, key=f"{PREFIX}.{name}", value=shorten(text))
    if fact.state.left_out:
        left = f"{fact.state.left_out} keys and values of the state are not seen"
        yield Metadata(at=fact.at, key=f"{PREFIX}.cut", value=left)


def _is_training(target: Value) -> bool:
    match target:
        case Made(Global(module, name)):
            return module.partition(".")[0] in LIBRARIES and name.endswith(CLASSES)
        case _:
            return False


def _text(value: Value) -> str | None:
    """Return a constant, or what a member of an enumeration stands for, as text."""
    match value:
        case Made(Global(), (str() as member,)):
            return member
        case _:
            return scalar(value)
