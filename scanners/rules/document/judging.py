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
        "os.fspath", "time.sleep", "time.time", "time.strftime", "logging.FileHandler",
        "logging.handlers.RotatingFileHandler", "threading.Thread", "threading.Lock",
        "threading.Event", "builtins.print", "io.StringIO", "io.BytesIO", "sys.stdout",
        "sys.stderr", "platform.node", "platform.platform", "getpass.getuser", "socket.gethostname",
        "tempfile.gettempdir", "tempfile.mkdtemp",
    }
)  # fmt: skip
LOADERS = frozenset(  # of other libraries, that load what runs code from a file
    {
        "torch.load", "torch.hub.load", "torch.serialization.load", "joblib.load", "numpy.load",
        "pandas.read_pickle", "dill.load", "dill.loads", "cloudpickle.load", "cloudpickle.loads",
        "torch.storage._load_from_bytes", "torch.hub.load_state_dict_from_url",
    }
)  # fmt: skip
ORDINARY = ("torch.jit.", "torch.compile", "torch.hub.load_state_dict_from_url", "sympy.")
CONNECTING = frozenset({"requests", "httpx", "aiohttp", "urllib3", "paramiko", "websockets"})
FINDERS = frozenset({"builtins.getattr", "operator.attrgetter", "operator.methodcaller"})
STRICT = frozenset({"PyYAML", "skops", "MLflow", "Caffe"})  # honest ones name few, and known ones
FAMILIAR = frozenset(  # libraries whose functions of numbers no table lists one by one
    {"numpy", "scipy", "sklearn", "pandas", "xgboost", "lightgbm", "catboost"}
)
WORDS = pattern(r"\w+")
# What makes a text that a name is handed a command or code, and no path, address or message.
ACTING = pattern(
    r"^\s*(?:/\w+)*/?(?:ba|z|da|k|c)?sh\s+-\w*c\b|\$\(|`|[;|&]\s*(?:sh|bash|curl|wget|nc|python)\b"
    r"|\b(?:curl|wget)\s+\S*://|__import__|^\s*(?:import|from)\s+\w+|\b(?:eval|exec)\s*\("
    r"|\b(?:os|subprocess)\s*\.\s*\w+\s*\("
)


def gravity(named: Named) -> Grave:
    """Return how grave it is that a reader of the document gets hold of the name."""
    name, found = named.name, found_of(named)
    top = name.partition(".")[0]
    is_own = named.by == "MLflow" and top == "mlflow"  # its flavours, which load what they wrote
    asking = f"os.{name.partition('.')[2]}" if top in {"posix", "nt"} else name
    if named.by == "R" or asking in ASKING or asking.startswith("os.path.") or is_own:
        return Grave.NOT
    if found.ability is Ability.HARMLESS:
        return Grave.NOT
    if named.way == "evaluates":
        return _of_evaluated(found)
    if found.is_dangerous and (top in stdlib_modules() or _is_walk(name)):
        return _of_python(named, found)
    if found.is_dangerous and is_exact(name):
        return _of_library(named, found)
    if any(map(ACTING.search, named.texts)) and found.ability is not Ability.CALLBACK:
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
        step in stdlib_modules() and is_exact(".".join(steps[number:]))
        for number, step in enumerate(steps[1:-1], 1)
    )


def _of_evaluated(found: Capability) -> Grave:
    if found.ability in RUNS:
        return Grave.CRITICAL
    is_grave = found.ability in {Ability.NETWORK, Ability.WRITE, Ability.UNPICKLE}
    return Grave.HIGH if is_grave and not found.is_derived else Grave.NOT


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
    if named.name.startswith(ORDINARY):
        return Grave.CAPABLE
    if found.ability in {Ability.PROCESS, Ability.NATIVE}:
        return Grave.CRITICAL
    top = named.name.partition(".")[0]
    is_high = found.ability is Ability.CODE or named.name in LOADERS or top in CONNECTING
    return Grave.HIGH if is_high or named.by in STRICT else Grave.CAPABLE


def sentence(named: Named) -> str:
    """Return what is named where and by whose way, as the start of a sentence."""
    given = f" with {named.texts[0]!r}" if named.texts and named.way != "evaluates" else ""
    if named.way == "evaluates":
        shown = named.texts[0] if named.texts else named.name
        return f"{named.key} holds code that {named.by} evaluates: it calls {shown}"
    return f"{named.key}: {named.by} {named.way} {named.name}{given}"
