"""Rule: a document has its reader change files, connect, or load what runs code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Named
from ...rule import Rule, Severity
from . import judging

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(named: Named) -> Iterator[str]:
    """The name is known for reaching beyond the model, or is handed a command.

    Honest configurations name classes that write checkpoints or fetch data on their way; these are
    not meant. Here something is called that does little else, with what the document gives it.

    What to do: do not load it unless you know why the entry is there.
    """
    if judging.gravity(named) is judging.Grave.HIGH:
        found = judging.found_of(named)
        why = found.why if found.is_dangerous else "which is handed what could be a command or code"
        yield f"{judging.sentence(named)}, {why if why.startswith('which') else f'which {why}'}"


def _hydra(name: str, *texts: str) -> Named:
    return Named(key="data._target_", name=name, by="Hydra", way="calls", texts=texts)


RULE = Rule(
    id="document-reaches-out",
    title="A configuration has its reader change files, connect, or load what runs code",
    severity=Severity.HIGH,
    on=Named,
    check=check,
    refs=("CWE-94", "CWE-470"),
    flags=(
        _hydra("shutil.rmtree", "/home"),
        _hydra("urllib.request.urlopen", "http://example.com"),
        _hydra("pickle.loads"),
        _hydra("torch.load", "x.pt"),
        _hydra("sqlalchemy.sql.sqltypes.pickle.loads", "x"),
        _hydra("types.FunctionType"),
        _hydra("somewhere.run", "sh -c id"),
    ),
    passes=(
        _hydra("os.path.join", "a", "b"),
        _hydra("torchvision.datasets.MNIST", "data/"),
        _hydra("pandas.read_csv", "https://example.com/x.csv"),
        _hydra("os.system", "id"),  # told by its own rule
    ),
)
