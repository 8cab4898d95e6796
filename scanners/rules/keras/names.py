"""What an object can do that a configuration of Keras names, and whose it is.

Keras up to 3.8 imports any module that is named and calls what it finds there, with arguments that
stand in the configuration too. Later ones still take every function of their own public modules but
for a list of exceptions. So functions are harmless only where models are made of them.
"""

from __future__ import annotations

import re
from enum import Enum

from ... import capability_table
from ...capability import Ability, import_acts, import_runs, of, stdlib_modules, verdict
from ...facts import Configured
from ...record import record

MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
MAIN = re.compile(r"__main__\.[^_]")
DUNDER = re.compile(r"(?:^|\.)__\w+__(?:$|\.)")
OUTER = frozenset({"tensorflow", "python", "compat", "v1", "v2"})  # before `keras`
ROOTS = frozenset({"keras", "tf_keras"})
INNER = frozenset({"src", "api", "_v1", "_v2", "_tf_keras", "keras"})  # of its package, and behind
# Parts of Keras whose functions models are made of.
MODELLING = frozenset(
    {"activations", "constraints", "initializers", "losses", "metrics", "optimizers",
     "regularizers", "ops", "nn", "random", "layers", "quantizers", "backend", "applications",
     "tree"}
)  # fmt: skip
# Of these parts: what looks up, or makes, another object that it is given the configuration of.
LOADING = frozenset({"deserialize", "serialize", "get", "from_config", "func_load"})
MERGING = frozenset(  # functions of `keras.layers` that only add a layer
    {"add", "average", "concatenate", "dot", "maximum", "minimum", "multiply", "subtract"}
)
SWITCHES = frozenset({"config", "saving"})  # parts whose functions change how models are loaded
NO_MODELS = frozenset(  # parts of which no class belongs in a model
    {"callbacks", "config", "datasets", "export", "saving", "visualization", "wrappers"}
)
FRIENDS = frozenset({"tensorflow", "jax", "jaxlib", "numpy", "torch"})  # what Keras computes with
# Parts of TensorFlow that the table takes for writers, and of which these only compute.
COMPUTING = re.compile(
    r"tensorflow\.(?:(?:io|image)\.(?:decode|encode|parse|is|extract)_\w+|__operators__\.\w+)"
)
RAW = "tensorflow.raw_ops."
ACTING = re.compile(  # operators that act on the machine; saving and restoring is not among them
    r"(?:\w*(?:ReadFile|WriteFile|PyFunc\w*|MatchingFiles|LoadLibrary|LoadDataset|Py[A-Z]\w*"
    r"|SaveDataset\w*|ReaderV?\d?|FileSystem\w*|RpcCall|DebugIdentity\w*|Summary\w*Writer))"
)


class Kind(Enum):
    """What a named object is to whoever loads the model."""

    MODEL = "an ordinary part of a model"
    RUNS = "can do harm when it is called"
    ODD = "belongs in no model"
    OTHERS = "code of another package"


@record
class Judged:
    """A kind, and why, to end a sentence with."""

    kind: Kind
    why: str = ""


PLAIN = Judged(Kind.MODEL)
AS_LAYER = Judged(Kind.ODD, "which is called with what stands there, as if it were a layer")


def judge(found: Configured) -> Judged:
    """Return what is to be said of a class or function that a configuration names."""
    if found.kind not in {"class", "function", "layer"} or not found.name:
        return PLAIN
    judged = _named(found.module, found.name)
    is_mild = judged.kind in {Kind.MODEL, Kind.OTHERS}
    return AS_LAYER if found.kind == "layer" and is_mild else judged


def _named(module: str, name: str) -> Judged:
    if module in {"builtins", "__builtin__"}:
        return _builtin(name)
    dotted = f"{module}.{name}"
    if module and DUNDER.search(dotted) and not MAIN.match(dotted) and not COMPUTING.match(dotted):
        return Judged(Kind.ODD, "which is no name of a class")
    if module in {"", "__main__"}:
        return PLAIN if is_of_keras(name) else Judged(Kind.OTHERS, "which Keras does not have")
    if not MODULE.fullmatch(module):
        return Judged(Kind.ODD, "whose module is no name of one")
    path = _in_keras(module)
    return _foreign(dotted) if path is None else _own(path, name, dotted)


def spoken(found: Configured) -> str:
    """Return how a sentence speaks of a named object."""
    is_whole = not found.module or ">" in found.name  # a package of the author's stands before it
    name = found.name if is_whole else f"{found.module}.{found.name}"
    where = f"{found.key} " if found.key else "the configuration "
    times = f" {found.count} times" if found.count > 1 else ""
    kind = "function" if found.kind == "layer" else found.kind
    return f"{where}names the {kind} {name!r}{times}"


def is_of_keras(name: str) -> bool:
    """Whether Keras has a class or function of this name, whose module is not given."""
    parts = ("layers", "models", *sorted(MODELLING - {"layers", "backend"}))
    last = name.rpartition(">")[2]  # Keras registers its own as `Custom>` or `keras>`, too
    return any(capability_table.lookup(f"keras.{part}", last).is_known for part in parts)


def _in_keras(module: str) -> tuple[str, ...] | None:
    """Return the parts of a module below the root of Keras; None if it is not of Keras."""
    steps = module.split(".")
    while steps and steps[0] in OUTER:
        del steps[0]
    if not steps or steps[0] not in ROOTS:
        return None
    del steps[0]
    while steps and steps[0] in INNER:
        del steps[0]
    return tuple(steps)


def _own(path: tuple[str, ...], name: str, dotted: str) -> Judged:
    part = path[0] if path else ""
    if _is_class(name) and part not in NO_MODELS and not _is_whole_model(part, dotted):
        return PLAIN
    if _is_modelling(path, name):
        return PLAIN
    for spelled in (dotted, ".".join(("keras", *path, name))):  # as it is, and as users import it
        found = of(spelled)
        if found.is_dangerous and not _is_class(name):
            return Judged(Kind.RUNS, f"which {found.why}")
    if part in SWITCHES:
        return Judged(Kind.RUNS, "which changes how Keras loads models")
    return Judged(Kind.ODD, "of which no model is made")


def _is_whole_model(part: str, dotted: str) -> bool:
    """Whether a name is a function that makes a model and fetches its weights: `ResNet50`."""
    module, _, name = dotted.rpartition(".")
    is_class = capability_table.lookup(module, name).kind == "class"
    return part == "applications" and not is_class


def _is_modelling(path: tuple[str, ...], name: str) -> bool:
    """Whether a function of Keras is one of those that models are made of."""
    part = path[0] if path else ""
    if part not in MODELLING or name in LOADING or name.startswith("_"):
        return False
    if part == "layers":
        return name in MERGING
    if part == "applications":
        return name == "preprocess_input"
    if part == "backend":  # below it lie modules that keep the state of the process
        return len(path) == 1 and not name.startswith(("set_", "clear_"))
    return not of(f"keras.{'.'.join(path)}.{name}").is_dangerous


def _is_class(name: str) -> bool:
    return name.lstrip("_")[:1].isupper()


def _builtin(name: str) -> Judged:
    """Return what is to be said of a function of Python: Keras names its own so, and everyone's."""
    found = verdict("builtins", name)
    if found.is_dangerous:
        return Judged(Kind.RUNS, f"which {found.why}")
    if is_of_keras(name):
        return PLAIN
    if found.ability is Ability.UNKNOWN:
        return Judged(Kind.OTHERS, "which neither Keras nor Python has")
    return Judged(Kind.ODD, "a function of Python")


def _foreign(dotted: str) -> Judged:
    module, _, name = dotted.rpartition(".")
    package = module.partition(".")[0]
    if COMPUTING.fullmatch(dotted):
        return PLAIN
    if dotted.startswith(RAW):
        acts = ACTING.fullmatch(dotted.removeprefix(RAW))
        return Judged(Kind.RUNS, "an operator that acts on the machine") if acts else PLAIN
    found = of(dotted)
    if found.is_dangerous:
        return Judged(Kind.RUNS, f"which {found.why}")
    if import_runs(module, name):
        return Judged(Kind.RUNS, "whose module runs a program of its own when it is imported")
    if why := import_acts(module):
        return Judged(Kind.RUNS, why)
    if package in stdlib_modules():
        return Judged(Kind.ODD, "of the standard library")
    if package in FRIENDS:
        return PLAIN
    return Judged(Kind.OTHERS, f"of the package {package!r}")


def example(kind: str, module: str, name: str) -> Configured:
    """Return an object of the second layer, as rules give examples of what they flag and pass."""
    return Configured(loader="keras", kind=kind, key="config.layers[1]", module=module, name=name)
