"""What the rules about named Python share: how grave it is that a reader gets hold of a name.

A configuration is no pickle: honest ones name trainers, loggers and loaders, which write files and
connect, and hand them texts. So a name counts for what it is known for, not for all that its
library can reach from it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from ...capability import (
    UNKNOWN,
    Ability,
    Capability,
    is_exact,
    of,
    sharp_names,
    stdlib_modules,
    verdict,
)
from ...patterns import pattern

if TYPE_CHECKING:
    from ...facts import Named


class Grave(IntEnum):
    """How grave a name is."""

    NOT = 0
    CAPABLE = 1  # can open, fetch or write what it is given; honest configurations name such
    UNKNOWN = 2  # nothing is known of it, where the reader takes no more than it knows
    HIGH = 3  # changes files, connects, loads what runs code, or finds such a function
    CRITICAL = 4  # starts programs, or runs code or native code


RUNS = frozenset({Ability.PROCESS, Ability.CODE, Ability.NATIVE})
ASKING = frozenset(  # of the standard library: they only ask, or keep what they are given
    {
        "os.getcwd", "os.getenv", "os.environ.get", "os.cpu_count", "os.getpid", "os.listdir",
        "os.fspath", "time.sleep", "time.time", "time.strftime", "threading.Lock",
        "threading.Event", "builtins.print", "io.StringIO", "io.BytesIO", "sys.stdout",
        "sys.stderr", "platform.node", "platform.platform", "getpass.getuser", "socket.gethostname",
        "tempfile.gettempdir", "tempfile.mkdtemp",
    }
)  # fmt: skip
# What a library offers to be named in configurations, though a review of pickles took all around it
# for dangerous: a public name, close to the top.
ORDINARY = pattern(
    r"hydra\.experimental\.[\w.]+|torch\.(?:jit|export|fx|onnx|compiler|library|multiprocessing|distributed)\.[a-z]\w*"
    r"|torch\.compile|numba\.\w+|(?:ray|pyspark|triton|dask\.distributed|distributed)\.[\w.]+"
    r"|(?:onnxruntime|jinja2|graphviz|docker|omegaconf|sympy|psutil|luigi|hydra\.utils)\.\w+"
    r"|mlflow\.(?:pyfunc|tracking|artifacts|store|models|sklearn|pytorch)\.\w+|wandb\.[\w.]+"
    r"|(?:deepspeed|lightning|pytorch_lightning|accelerate)\.(?!.*launch)[\w.]+"
    r"|sympy\.(?:plotting|printing)\.\w+|torch\.testing\.\w+|hydra\._internal\.core_plugins\.[\w.]+"
)
LOADING = pattern(
    r"\w*(?:unpickle|read_pickle|pickle_load)\w*|_?loads?|load_object|_load_from_bytes"
)
FETCHING = pattern(r"urlretrieve|urlopen|download|import_string|locate|resolve_name|subimport")
CONNECTING = frozenset({"requests", "httpx", "aiohttp", "urllib3", "paramiko", "websockets"})
OLD = frozenset({"__builtin__", "cPickle", "commands", "urllib2", "httplib"})  # of Python 2
FINDERS = frozenset({"builtins.getattr", "operator.attrgetter", "operator.methodcaller"})
STRICT = frozenset({"PyYAML", "skops", "MLflow", "Caffe"})  # honest ones name few, and known ones
FAMILIAR = frozenset(  # libraries whose functions of numbers no table lists one by one
    {"numpy", "scipy", "sklearn", "pandas", "xgboost", "lightgbm", "catboost"}
)
WORDS = pattern(r"\w+")
EVALUATED = pattern(r"\$")  # begins a text that MONAI evaluates, which is judged by itself
# What makes a text that a name is handed a command or code, and no path, address or message.
ACTING = pattern(
    r"^\s*(?:/\w+)*/?(?:ba|z|da|k|c)?sh\s+-\w*c\b|\$\(|`|[;|&]\s*(?:sh|bash|curl|wget|nc|python)\b"
    r"|\b(?:curl|wget)\s+\S*://|__import__|^\s*(?:import|from)\s+\w+|(?<![.\w])(?:eval|exec)\s*\("
    r"|\b(?:os|subprocess)\s*\.\s*\w+\s*\("
)


def gravity(named: Named) -> Grave:
    """Return how grave it is that a reader of the document gets hold of the name."""
    name, found = named.name, found_of(named)
    top = name.partition(".")[0]
    # Flavours of MLflow load what it wrote; another rule tells of the model's own files.
    is_own = named.by == "MLflow" and (top == "mlflow" or name.endswith(".py"))
    asking = f"os.{name.partition('.')[2]}" if top in {"posix", "nt"} else name
    if named.by == "R" or asking in ASKING or asking.startswith("os.path.") or is_own:
        return Grave.NOT
    if found.ability is Ability.HARMLESS:
        return Grave.NOT
    if named.way == "evaluates":
        return _of_evaluated(name, found)
    if found.is_dangerous and (top in stdlib_modules() | OLD or _is_walk(name)):
        return _of_python(named, found)
    if found.ability is Ability.CARRIES_CODE and top in stdlib_modules():
        return Grave.HIGH
    if found.is_dangerous and not found.is_derived:
        return _of_library(named, found)
    given = (text for text in named.texts if not EVALUATED.match(text))
    if any(map(ACTING.search, given)) and found.ability is not Ability.CALLBACK:
        return Grave.HIGH
    if found.is_dangerous:
        return Grave.HIGH if named.by == "PyYAML" and found.ability in RUNS else Grave.CAPABLE
    is_open = (named.by in STRICT and top not in FAMILIAR) or "${" in name
    return Grave.UNKNOWN if found.ability is Ability.UNKNOWN and is_open else Grave.NOT


def found_of(named: Named) -> Capability:
    """Return what is known of a name, as it is used."""
    if named.name.endswith(".") or "." not in named.name:
        return _of_module(named.name) if named.way == "imports" else of(f"builtins.{named.name}")
    steps = named.name.split(".")
    use = "call" if named.way in {"calls", "evaluates"} and named.by != "skops" else "import"
    for end in range(len(steps) - 1, 0, -1):
        found = verdict(".".join(steps[:end]), ".".join(steps[end:]), use)
        if found != UNKNOWN:
            return found
    return UNKNOWN


def _of_module(name: str) -> Capability:
    return Capability(Ability.HARMLESS) if name in stdlib_modules() else UNKNOWN


def _is_walk(name: str) -> bool:
    """Whether a name leads through a module of Python that a library imported."""
    steps = name.split(".")
    return any(
        step in stdlib_modules() and of(".".join(steps[number:])).is_dangerous
        for number, step in enumerate(steps[1:-1], 1)
    )


def _of_evaluated(name: str, found: Capability) -> Grave:
    """Return how grave it is that a text of the document calls a name: scripts of MONAI load."""
    is_pythons = name.partition(".")[0] in stdlib_modules() | OLD or _is_walk(name)
    if found.ability in RUNS and not found.is_derived:
        return Grave.NOT if ORDINARY.fullmatch(name) else Grave.CRITICAL
    if found.ability is Ability.WRITE or name == "builtins.getattr":
        return Grave.CAPABLE
    is_grave = found.ability in {Ability.NETWORK, Ability.UNPICKLE, Ability.RESOLVE}
    return Grave.HIGH if is_grave and is_pythons else Grave.NOT


def _of_python(named: Named, found: Capability) -> Grave:
    if found.ability in RUNS:
        return Grave.CRITICAL
    if named.name in FINDERS:
        sharp = sharp_names()
        words = {word for text in named.texts for word in WORDS.findall(text)}
        is_sharp = any(word in sharp or word.startswith("__") for word in words)
        is_any = named.by in STRICT and named.name == "builtins.getattr"
        return Grave.HIGH if is_sharp or is_any else Grave.CAPABLE
    return Grave.HIGH


def _of_library(named: Named, found: Capability) -> Grave:
    if ORDINARY.fullmatch(named.name) and named.by not in STRICT:
        return Grave.HIGH if _hands_name(named) else Grave.CAPABLE
    if found.ability in RUNS:
        return Grave.CRITICAL
    top, last = named.name.partition(".")[0], named.name.rpartition(".")[2]
    if found.ability is Ability.UNPICKLE:
        is_high = LOADING.fullmatch(last) is not None
    elif found.ability in {Ability.NETWORK, Ability.RESOLVE}:
        is_high = top in CONNECTING or FETCHING.fullmatch(last) is not None or _hands_name(named)
    else:
        is_high = is_exact(named.name)
    return Grave.HIGH if is_high or named.by == "PyYAML" else Grave.CAPABLE


def _hands_name(named: Named) -> bool:
    """Whether a text that is handed over is the name of what runs code."""
    return any("." in text and of(text).ability in RUNS for text in named.texts)


def sentence(named: Named) -> str:
    """Return what is named where and by whose way, as the start of a sentence."""
    given = f" with {named.texts[0]!r}" if named.texts and named.way != "evaluates" else ""
    if named.way == "evaluates":
        shown = named.texts[0] if named.texts else named.name
        return f"{named.key} holds code that {named.by} evaluates: it calls {shown}"
    return f"{named.key}: {named.by} {named.way} {named.name}{given}"
