"""Rule: code that loading the model imports acts on the machine, at once or when it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...facts import Call, Named, Reference, Refers, SourceCode
from ...rule import Evidence, Rule, Severity
from ...values import Global, Group
from . import acts, loading

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(target: Target) -> Iterator[Evidence]:
    """A loader that is allowed to run the model's own code imports this file and makes its classes.

    What stands here then starts programs, runs text as code, changes files or reaches the network,
    before anyone has used the model. Code that defines a model has no need to.

    What to do: do not load the model with `trust_remote_code` or its like. Read the lines that are
    named; ask the author what they are for.
    """
    found = loading.sources(target)
    for path in sorted(loading.loaded(target, found)):
        source = found[path]
        called = acts.calls(source.at_import, acts.AT_IMPORT, writing=True)
        at_import = acts.listed(called)
        at_init = acts.listed(acts.calls(source.at_init, acts.AT_INIT))
        if at_import and source.is_parsed:
            yield Evidence(f"importing it calls {at_import}", path)
        elif at_import:
            yield Evidence(f"it cannot be parsed here, and holds the words {at_import}", path)
        if at_init:
            yield Evidence(f"making its objects calls {at_init}", path)
    yield from _called(target, found)
    yield from _served(target, found)


def _served(target: Target, found: loading.Sources) -> Iterator[Evidence]:
    """Yield the sources of TorchServe archives whose methods act: it calls `initialize` at once."""
    for artifact in target.artifacts:
        for each in artifact.walk() if found else ():
            if "torchserve" not in each.formats:
                continue
            for path in sorted(path for path in found if path[:-1] == each.path):
                if acted := acts.listed(acts.calls(found[path].elsewhere, acts.AT_INIT)):
                    yield Evidence(f"TorchServe calls its methods, which call {acted}", path)


def _called(target: Target, found: loading.Sources) -> Iterator[Evidence]:
    """Yield the files of PyTorch packages of which their own pickles call something."""
    for path, name in sorted(loading.called(target, found).items()):
        if acted := acts.listed(acts.calls(found[path].elsewhere, acts.AT_INIT)):
            yield Evidence(
                f"a pickle of the package calls {name} of it, and it calls {acted}", path
            )


def _target(code: SourceCode, name: str = "modeling_x.py", points: str = "modeling_x.X") -> Target:
    reference = Reference(kind=Refers.REMOTE_CODE, key="auto_map.AutoModel", target=points)
    return Target(
        (Artifact(("config.json",), 2, facts=(reference,)), Artifact((name,), 2, facts=(code,)))
    )


def _mlflow(name: str) -> Target:
    named = Named(
        key="loader_module", name="mlflow.sklearn", by="MLflow", way="imports", files=("code/*",)
    )
    source = Artifact((name,), 9, facts=(SourceCode(at_import=("1: os.system('id')",)),))
    return Target((Artifact(("MLmodel",), 9, facts=(named,)), source))


def _package(op: str, code: SourceCode) -> Target:
    call = Call(callee=Global("<torch_package_0>.my.mod", "run"), arguments=Group("tuple"), op=op)
    pickle = Artifact(("m.pt", "p/model/model.pkl"), 9, facts=(call,))
    source = Artifact(("m.pt", "p/my/mod.py"), 9, facts=(code,))
    return Target((Artifact(("m.pt",), 9, formats=("torch-package",), parts=(pickle, source)),))


def _served_by(code: SourceCode) -> Target:
    source = Artifact(("m.mar", "handler.py"), 9, facts=(code,))
    return Target((Artifact(("m.mar",), 9, formats=("torchserve",), parts=(source,)),))


RULE = Rule(
    id="source-acts-on-load",
    title="Loading the model imports code that acts on the machine",
    severity=Severity.HIGH,
    on=Target,
    check=check,
    refs=("CWE-506", "CWE-829"),
    flags=(
        _target(SourceCode(at_import=("3: os.system('id')",))),
        _target(SourceCode(at_init=("3: subprocess.run(…)",))),
        _target(SourceCode(at_import=("3: open(…, 'a')",))),
        _target(SourceCode(at_import=("3: pathlib.Path.write_text('x')",))),
        _target(SourceCode(at_import=("3: eval(…)",), is_parsed=False)),
        Target((Artifact(("handler.py",), 2, facts=(SourceCode(at_import=("1: exec(…)",)),)),)),
        _package("REDUCE", SourceCode(elsewhere=("3: os.system('id')",))),
        _served_by(SourceCode(elsewhere=("5: subprocess.run(…)",))),
        _mlflow("code/sklearn/__init__.py"),
    ),
    passes=(
        _target(SourceCode(at_import=("3: torch.nn.Linear(…)",), at_init=("4: requests.get(…)",))),
        _target(SourceCode(elsewhere=("3: os.system('id')",))),
        _target(SourceCode(at_import=("3: open('vocab.json')", "4: open('a', 'rb')"))),
        _target(SourceCode(at_import=("3: os.system('id')",)), name="train.py"),
        _package("NEWOBJ", SourceCode(elsewhere=("3: os.system('id')",))),
        _package("REDUCE", SourceCode(elsewhere=("3: open('x', 'w')",))),
        _served_by(SourceCode(elsewhere=("5: torch.load(…)",))),
        _mlflow("scripts/train.py"),
    ),
)
