"""Rule: a document names what can open, fetch or write what it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Named
from ...rule import Rule, Severity
from . import judging

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(named: Named) -> Iterator[str]:
    """The library is known, and what it is asked for can reach files or other machines.

    Trainers, loggers, data sets and pretrained models do, so this is for information.

    What to do: look at the paths and addresses that it is given.
    """
    if judging.gravity(named) is judging.Grave.CAPABLE:
        yield f"{judging.sentence(named)}, which {judging.found_of(named).why}"


def _hydra(name: str, *texts: str) -> Named:
    return Named(key="data._target_", name=name, by="Hydra", way="calls", texts=texts)


RULE = Rule(
    id="document-names-capable-code",
    title="A configuration names what can open, fetch or write what it is given",
    severity=Severity.INFO,
    on=Named,
    check=check,
    refs=("CWE-829",),
    flags=(
        _hydra("torchvision.datasets.MNIST", "data/"),
        _hydra("transformers.AutoTokenizer.from_pretrained", "org/name"),
    ),
    passes=(_hydra("torch.nn.ReLU"), _hydra("os.system", "id"), _hydra("somewhere.Net")),
)
