"""What the rules about pickles share: the verdict about a callee, and one sentence of evidence."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from ... import telling
from ...capability import UNKNOWN, Ability, Capability, of, verdict
from ...facts import Call, Import
from ...look_ups import gives_known
from ...rule import Evidence
from ...telling import MANY, is_telling
from ...values import Blob, Global, Group, Made, Value, show
from .names import MAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ...artifact import Artifact

REBUILDS = frozenset({"NEWOBJ", "NEWOBJ_EX"})
CYTHON = "__pyx_unpickle_"
RECONSTRUCTORS = frozenset(
    {"copyreg._reconstructor", "copyreg.__newobj__", "copyreg.__newobj_ex__"}
)
# What SymPy's expressions are made of; the third makes the bytes of protocols before 3.
EXPRESSIONS = ("sympy.", "mpmath.", "_codecs.encode")
VALUES = {
    f"builtins.{name}" for name in ["object", "set", "frozenset", "complex", "slice", "range"]
}
PLAIN = "object dict list tuple set frozenset int float complex str bytes bytearray"
PLAIN_BASES = {f"builtins.{name}" for name in PLAIN.split()}


def callee(call: Call) -> Global | None:
    """Return the imported object that is called, or whose class is rebuilt; None if computed."""
    target = call.callee
    if call.op in REBUILDS:  # protocols before 4 get a class in a class as its member
        inner = member(target)
        target = inner if inner is not None and is_class_name(inner.name) else target
    if not isinstance(target, Global):
        return None
    base = _called_base(call, target)
    if base is not None:
        return base
    if target.dotted in RECONSTRUCTORS and isinstance(call.arguments, Group):
        match call.arguments.items:
            case (Global() as rebuilt, *_):
                return rebuilt
            case _:
                pass
    return _rebuilt_by_cython(call, target) or target


def _called_base(call: Call, target: Global) -> Global | None:
    """Return the base that ``copyreg._reconstructor(cls, base, state)`` calls with the state.

    It makes ``base.__new__(cls, state)`` and, unless the base is `object`, runs ``base.__init__``.
    Of a plain base that says nothing; nor does it matter where the class itself is worse.
    """
    if target.dotted != "copyreg._reconstructor" or not isinstance(call.arguments, Group):
        return None
    match call.arguments.items:
        case (made, Global() as base, *_) if base.dotted not in PLAIN_BASES:
            is_worse = (
                isinstance(made, Global) and verdict(made.module, made.name, "rebuild").is_dangerous
            )
            return None if is_worse else base
        case _:
            return None


def _rebuilt_by_cython(call: Call, target: Global) -> Global | None:
    """Return the class that Cython's generated reconstructor makes an object of.

    Its call reads ``module.__pyx_unpickle_Name(Name, checksum, state)``: it calls `Name.__new__`
    and sets the state.
    """
    if not target.name.startswith(CYTHON) or verdict(target.module, target.name).is_dangerous:
        return None
    match call.arguments:
        case Group(items=(Global() as rebuilt, int(), Group() | None)):
            return rebuilt
        case _:
            return None


def member(value: Value) -> Global | None:
    """Return the member of a class that `getattr(Class, "name")` made; None for anything else."""
    match value:
        case Made(Global("builtins", "getattr"), (Global() as owner, str() as name)):
            return Global(owner.module, f"{owner.name}.{name}")
        case _:
            return None


def capability(call: Call) -> Capability:
    """Return what the callee can do; `UNKNOWN` for one that is computed."""
    target = callee(call)
    use = ("bare" if is_bare(call) else "rebuild") if is_rebuild(call) else "call"
    return verdict(target.module, target.name, use) if target else UNKNOWN


def is_bare(call: Call) -> bool:
    """Whether a rebuild hands nothing to `__new__`."""
    if call.op in REBUILDS:
        return call.arguments == Group("tuple") and call.keywords in {None, Group("dict")}
    match call:
        case Call(
            callee=Global("copyreg", "_reconstructor"),
            arguments=Group(items=(_, Global("builtins", "object"), None)),
        ):
            return True
        case _:
            return False


def why_unknown(known: Capability) -> str:
    """Return why nothing can be said of a callee, to end a sentence with."""
    return "which no table knows" if known == UNKNOWN else f"which {known.why}"


def is_rebuild(call: Call) -> bool:
    """Whether the call only makes an object of a class, by the ordinary protocol."""
    target = call.callee
    if call.op in REBUILDS or not isinstance(target, Global):
        return call.op in REBUILDS
    if _called_base(call, target) is not None:
        return False
    return target.dotted in RECONSTRUCTORS or _rebuilt_by_cython(call, target) is not None


def hands_others(call: Call) -> bool:
    """Whether a call is given an object of another library, which SymPy takes for its text."""
    return not all(name.startswith(EXPRESSIONS) or name in VALUES for name in call.names)


def reaches(call: Call, ability: Ability) -> Iterator[str]:
    """Yield a sentence when the callee can do this."""
    found = capability(call)
    if found.ability is ability and not gives_known(call.callee, call.arguments):
        yield f"{shown(call)}, which {found.why}"


def shown(call: Call) -> str:
    """Return the call as the start of a sentence."""
    arguments = show(call.arguments)
    inner = arguments if arguments.startswith("(") else f"({arguments})"
    inner = f"{inner[:-2]})" if inner.endswith(",)") else inner  # no tuple stands in a call
    times = f" {call.count} times" if call.count > 1 else ""
    times = f" and the like{times}" if call.keywords == MANY else times
    return f"{call.op} calls {show(call.callee)}{inner}{times}"


def not_called(
    artifact: Artifact,
    judge: Callable[[Import], str],
    *,
    reported: frozenset[Ability],
    passes: Callable[[Call], bool] = lambda _: False,
) -> Iterator[Evidence]:
    """Yield what `judge` says of each import, but for names whose use another rule reports here.

    That is a call that can reach one of `reported`, unless it `passes` there, or one that hands
    the name to a caller.
    """
    said = [(fact, judge(fact)) for fact in artifact.facts if isinstance(fact, Import)]
    used = _used_names(artifact, reported, passes) if any(why for _, why in said) else set[str]()
    for fact, why in said:
        if why and fact.dotted not in used:
            yield Evidence(f"{fact.op} imports {fact.dotted}, {why}", artifact.path, fact.at)


def _used_names(
    artifact: Artifact, reported: frozenset[Ability], passes: Callable[[Call], bool]
) -> set[str]:
    found: set[str] = set()
    for fact in artifact.facts:
        if not isinstance(fact, Call) or passes(fact):
            continue
        target, ability = callee(fact), capability(fact).ability
        if target is not None and ability in reported:
            found |= {target.dotted, show(fact.callee)}
        elif ability is Ability.CALLBACK:
            found |= {*fact.names}
        elif ability is Ability.CARRIES_CODE:
            found |= MAIN & {*fact.names}
    return found


def dangerous_names(names: tuple[str, ...]) -> list[str]:
    """Return those of the dotted names that can do harm when called."""
    return [name for name in names if of(name).is_dangerous]


def hands_text(call: Call) -> bool:
    """Whether an argument could be a path, an address, a command or code, or is not known."""
    return call.arguments == MANY or given_text(call) is not None


def given_text(call: Call) -> str | None:
    """Return the first text that a call hands over and that could make it do something.

    To a function any word is one: the name of a program, module or file. A class may be an enum,
    whose members are made of their values, so a word alone says nothing there, unless the class is
    one that runs what it is given. Nor do messages in exceptions, and sentences that sets hold.
    """
    target = call.callee
    if not (isinstance(target, Global) and is_class_name(target.name)):
        return next(chain(told(call), _words(call.arguments), call.texts), None)
    if telling.is_runner(target.name):
        words = _words(call.arguments, in_dicts=True)
        return next(chain(told(call), words, call.texts), None)
    found = told(call)
    if telling.is_exception(target.name):
        found = (each for each in found if not telling.is_message(each))
    elif _is_only_a_list(call.arguments):
        found = (each for each in found if not telling.is_sentence(each))
    return next(chain(found, _command_lines(call.arguments)), None)


def _is_only_a_list(arguments: Value) -> bool:
    """Whether a call has the arguments by which sub-classes of sets are pickled."""
    match arguments:
        case Group("tuple", (Group("list", items),)):
            return all(isinstance(each, str | int | float | None) for each in items)
        case _:
            return False


def _command_lines(arguments: Value) -> Iterator[str]:
    """Yield every list of a program and its arguments that a call is given, as one text."""
    pending = [*arguments.items] if isinstance(arguments, Group) else []
    while pending:
        match pending.pop():
            case Group("tuple" | "list", items) if telling.is_command_line(items):
                yield " ".join(str(each) for each in items)
            case Group(items=items):
                pending += items
            case _:
                pass


def is_class_name(name: str) -> bool:
    """Whether a name, perhaps dotted, is written as names of classes are."""
    return name.rpartition(".")[2].lstrip("_")[:1].isupper()


def _words(value: Value, *, in_dicts: bool = False) -> Iterator[str]:
    """Yield every text in a value; those that are keys or values of a dict only if asked to.

    A text that is put together while loading, or of which only the beginning is seen, may be any.
    """
    pending = [value]
    while pending:
        match pending.pop():
            case str() as text if text:
                yield text
            case Made(Global() as made) if telling.makes_text(made.module, made.name):
                yield f"a text that {made.dotted} makes"
            case Blob(at, head) if at.length > len(head) // 2:
                text = telling.text_in(bytes.fromhex(head), at.length)
                yield from [f"{text}…"] if text else []
            case Group(kind, items) if kind in {"tuple", "list"} or (kind == "dict" and in_dicts):
                pending += reversed(items)
            case _:
                pass


def told(call: Call) -> Iterator[str]:
    """Yield every text of a call that could be a path, an address, a command or code.

    Those in parts of the arguments that are not shown, too; one that is put together while the file
    is loaded may be any.
    """
    yield from texts(call.arguments)
    yield from (text for text in call.texts if is_telling(text))


def texts(value: Value) -> Iterator[str]:
    """Yield every text in a value that could be a path, an address, a command or code.

    Bytes count like a text, but not where a known function makes data of them.
    """
    pending = [value]
    while pending:
        match pending.pop():
            case str() as text if is_telling(text):
                yield text
            case Blob(at, head):
                text = telling.text_in(bytes.fromhex(head), at.length)
                if is_telling(text):
                    yield text
            case Group(items=items):
                pending += items
            case Made(Global("_codecs", "encode"), (str() as text, "latin1" | "latin-1")):
                found = telling.text_in(text.encode("latin-1", "replace"), len(text))
                if is_telling(found):
                    yield found
            case Made(made, arguments):
                is_data = isinstance(made, Global) and _makes_data(made)
                pending += [each for each in arguments if not (is_data and isinstance(each, Blob))]
            case _:
                pass


def _makes_data(made: Global) -> bool:
    """Whether a function makes an object, and no text, of the bytes that it is given."""
    is_text = made.module in {"builtins", "_codecs", "codecs"}
    return not is_text and verdict(made.module, made.name).ability is Ability.HARMLESS


def unknown_names(names: tuple[str, ...]) -> list[str]:
    """Return those of the dotted names that no table holds."""
    return [name for name in names if of(name).ability is Ability.UNKNOWN]
