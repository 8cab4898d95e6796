"""Rule: a document has its reader start a program or run code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Named
from ...rule import Rule, Severity
from . import judging

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(named: Named) -> Iterator[str]:
    """Whoever reads the document with the program that it is for runs what it names.

    Hydra, NeMo and their like import and call whatever stands at `_target_`; `yaml.unsafe_load`
    does with tags, skops with its nodes, Caffe with its Python layers. No model needs a program
    started, or a text run as code, to be set up.

    What to do: do not load it. Take the entry out, or ask the author what it is for.
    """
    if judging.gravity(named) is judging.Grave.CRITICAL:
        yield f"{judging.sentence(named)}, which {judging.found_of(named).why}"


def _hydra(name: str, *texts: str, by: str = "Hydra", way: str = "calls") -> Named:
    return Named(key="model._target_", name=name, by=by, way=way, texts=texts)


RULE = Rule(
    id="document-runs-code",
    title="A configuration has its reader start a program or run code",
    severity=Severity.CRITICAL,
    on=Named,
    check=check,
    refs=("CWE-94", "CWE-502"),
    flags=(
        _hydra("os.system", "id"),
        _hydra("builtins.exec", "import os"),
        _hydra("tqdm.utils.os.system", "id"),
        _hydra("builtins.eval", by="PyYAML", way="takes"),
        _hydra("torch.utils.collect_env.run", "id"),
        _hydra("numpy.f2py.crackfortran.getlincoef", "x"),
        Named(
            key="init", name="os.system", by="MONAI", way="evaluates", texts=("os.system('id')",)
        ),
    ),
    passes=(
        _hydra("torch.optim.AdamW"),
        _hydra("pytorch_lightning.Trainer"),
        _hydra("somewhere.Net", "ls"),
        _hydra("transformers.Trainer", "/out"),
        _hydra("torch.jit.load", "model.ts"),
        _hydra("ray.tune.TuneConfig"),
        _hydra("onnxruntime.InferenceSession", "model.onnx"),
    ),
)
