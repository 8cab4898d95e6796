"""What a code object names: imports, looked-up names and simple calls, followed without running it.

The instructions are followed front to back, jumps not taken, with the few values that matter on a
stack: imported modules, looked-up names, constants. Whatever else would be on it is not known, and
an instruction that is not followed here, such as any jump, forgets the stack. So what is told is
certain to be named, and what is built at run time is not told: compiled code stays code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ..record import record
from .effects import QUIET, TAKES
from .instructions import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .code import Code, Constant
    from .instructions import Instruction
    from .tables import Python

MAX_STACK = 100  # values; deeper ones are forgotten
MAX_TOLD = 2000  # names, imports or calls of one code object
LONGEST = 300  # characters of a dotted name

IMPORTERS = frozenset({"__import__", "builtins.__import__", "importlib.import_module"})
GETTERS = frozenset({"getattr", "builtins.getattr"})


@record
class Path:
    """What a dotted name stands for."""

    dotted: str


@record
class Const:
    """A constant."""

    value: Constant


class Null:
    """The place beside a callable that calls leave free."""


NULL = Null()
Item: TypeAlias = Path | Const | Null | None  # None: not known


class Told:
    """What one code object names, in order; the values of the dicts say nothing."""

    __slots__ = ("calls", "fits", "imports", "names")

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Start with these names."""
        self.imports: dict[str, None] = {}
        self.names = dict.fromkeys(names)
        self.calls: dict[tuple[str, tuple[Constant, ...]], None] = {}
        self.fits = True  # every instruction is one of this Python, and names what there is


Scope: TypeAlias = dict[str, str]  # names to what they were bound to


class Trace:
    """One pass over a code object as one Python would run it."""

    def __init__(self, code: Code, python: Python, scope: Scope) -> None:
        """Start with the names that the code around it bound."""
        self.code, self.scope, self.told = code, scope, Told()
        self._version, self._python = python.version, python
        self._stack: list[Item] = []

    def run(self) -> None:
        """Follow every instruction."""
        for instruction in decode(self.code.instructions, self._python):
            try:
                self._follow(instruction)
            except IndexError:
                self.told.fits = False
                self._stack.clear()

    def _follow(self, instruction: Instruction) -> None:
        step = STEPS.get(instruction.name)
        takes = TAKES.get(instruction.name)
        if step is not None:
            step(self, instruction.argument)
        elif takes is not None:
            self._take(takes(instruction.argument))
        elif instruction.name not in QUIET:
            # A cache entry in the place of an instruction: another Python's caches are longer.
            self.told.fits = self.told.fits and instruction.name not in {"", "CACHE"}
            self._stack.clear()
        del self._stack[:-MAX_STACK]

    # --- The stack --------------------------------------------------------------------------------

    def push(self, item: Item) -> None:
        """Put a value on the stack."""
        self._stack.append(item)

    def pop(self) -> Item:
        """Take a value from the stack; what was forgotten is not known."""
        return self._stack.pop() if self._stack else None

    def _take(self, effect: int) -> None:
        """Take values from the stack; below zero, one that is not known comes in their place."""
        self._arguments(abs(effect) - (effect < 0))
        if effect < 0:
            self.push(None)

    def push_path(self, dotted: str) -> None:
        """Put what a name stands for on the stack, and tell of it."""
        if len(dotted) <= LONGEST:
            self._tell(self.told.names, dotted)
            self.push(Path(dotted))
        else:
            self.push(None)

    def _tell(self, where: dict[str, None], text: str) -> None:
        if len(where) < MAX_TOLD:
            where.setdefault(text)

    # --- Instructions -----------------------------------------------------------------------------

    def name_at(self, number: int) -> str:
        """Return a name of the code; IndexError when there is none, as for those below."""
        return self.code.names[number]

    def load_const(self, number: int) -> None:
        """A constant."""
        self.push(Const(self.code.constants[number]))

    def load_number(self, number: int) -> None:
        """A small integer, which is the argument itself."""
        self.push(Const(number))

    def load_name(self, number: int) -> None:
        """A name of the module or a builtin."""
        self._load(self.name_at(number))

    def load_global(self, argument: int) -> None:
        """As `load_name`; from 3.11 on perhaps with a free place for the call."""
        has_null, number = argument & 1, argument >> 1
        if self._version < (3, 11):
            self.load_name(argument)
            return
        if has_null and self._version < (3, 13):
            self.push(NULL)
        self.load_name(number)
        if has_null and self._version >= (3, 13):
            self.push(NULL)

    def _load(self, name: str) -> None:
        self.push_path(self.scope.get(name, name))

    def load_fast(self, number: int) -> None:
        """A local variable: known if something known was bound to it."""
        bound = self.scope.get(self.code.local_names[number])
        self.push(Path(bound) if bound else None)

    def load_deref(self, number: int) -> None:
        """A variable that functions share."""
        bound = self.scope.get(self.code.cell_names[number])
        self.push(Path(bound) if bound else None)

    def load_two(self, argument: int) -> None:
        """Two local variables."""
        self.load_fast(argument >> 4)
        self.load_fast(argument & 15)

    def store_and_load(self, argument: int) -> None:
        """Bind one local variable, load another."""
        self.store_fast(argument >> 4)
        self.load_fast(argument & 15)

    def store_two(self, argument: int) -> None:
        """Bind two local variables."""
        self.store_fast(argument >> 4)
        self.store_fast(argument & 15)

    def load_attr(self, argument: int) -> None:
        """An attribute; from 3.12 on perhaps a method, which takes two places."""
        is_wide = self._version >= (3, 12)
        self._attribute(self.pop(), self.name_at(argument >> 1 if is_wide else argument))
        if is_wide and argument & 1:
            self.push(NULL)

    def load_method(self, number: int) -> None:
        """A method, which takes two places."""
        self.load_attr(number)
        self.push(NULL)

    def _attribute(self, owner: Item, name: str) -> None:
        if isinstance(owner, Path):
            self.push_path(f"{owner.dotted}.{name}")
        else:
            self.push(None)

    def execute(self, _argument: int) -> None:
        """The statement `exec` of Python 2, which takes three values."""
        self.push_path("exec")
        self._stack.clear()

    def import_name(self, number: int) -> None:
        """A module; without a list of wanted names, the package that it lies in."""
        wanted, level = self.pop(), self.pop()
        name = self.name_at(number)
        dots = level.value if isinstance(level, Const) and isinstance(level.value, int) else 0
        full = "." * max(0, min(dots, 8)) + name
        self._tell(self.told.imports, full[:LONGEST])
        is_whole = isinstance(wanted, Const) and wanted.value is None and not full.startswith(".")
        self.push(Path(full.partition(".")[0] if is_whole else full))

    def import_from(self, number: int) -> None:
        """A name of the module on the stack, which stays there."""
        name = self.name_at(number)
        owner = self._stack[-1] if self._stack else None
        if isinstance(owner, Path):
            self._tell(self.told.imports, f"{owner.dotted}.{name}"[:LONGEST])
        self._attribute(owner, name)

    def store_name(self, number: int) -> None:
        """Bind a name."""
        self._bind(self.name_at(number))

    def store_fast(self, number: int) -> None:
        """Bind a local variable."""
        self._bind(self.code.local_names[number])

    def store_deref(self, number: int) -> None:
        """Bind a variable that functions share."""
        self._bind(self.code.cell_names[number])

    def _bind(self, name: str) -> None:
        value = self.pop()
        if (
            isinstance(value, Path) and len(self.scope) < MAX_TOLD
        ):  # what is not known leaves an older meaning: it may still hold
            self.scope[name] = value.dotted

    def push_null(self, _argument: int) -> None:
        """A free place beside a callable."""
        self.push(NULL)

    def pop_top(self, _argument: int) -> None:
        """Drop a value."""
        self.pop()

    def copy(self, argument: int) -> None:
        """Put a value on the stack once more."""
        self.push(self._stack[-argument] if 0 < argument <= len(self._stack) else None)

    def swap(self, argument: int) -> None:
        """Change the topmost value with a deeper one."""
        if not 0 < argument <= len(self._stack):
            self._stack.clear()
        else:
            stack = self._stack
            stack[-1], stack[-argument] = stack[-argument], stack[-1]

    def swap_two(self, _argument: int) -> None:
        """Change the two topmost values with one another."""
        self.swap(2)

    def duplicate(self, _argument: int) -> None:
        """Put the topmost value on the stack once more."""
        self.copy(1)

    # --- Calls ------------------------------------------------------------------------------------

    def call(self, count: int) -> None:
        """A call with its callable below the arguments, and a free place beside it."""
        arguments = self._arguments(count)
        first, second = self.pop(), self.pop()
        self._called(second if isinstance(first, Null) else first, arguments)

    def call_function(self, count: int) -> None:
        """A call without a free place; Python 2 counts keywords apart."""
        positional, keywords = (count & 255, count >> 8) if self._version < FIRST else (count, 0)
        self._arguments(2 * keywords)
        arguments = self._arguments(positional)
        self._called(self.pop(), arguments)

    def call_spread(self, argument: int) -> None:
        """A call with its arguments in a tuple, and its keywords in a dict if there are any."""
        has_keywords = argument & 1 or self._version >= (3, 14)
        self._arguments(2 if has_keywords else 1)
        if self._version >= (3, 11):
            self.call(0)
        else:
            self._called(self.pop(), [])

    def make_function(self, argument: int) -> None:
        """A function out of its code: what it is made of lies on the stack, by version."""
        if self._version >= (3, 13):
            count = 1
        elif self._version >= (3, 11):
            count = 1 + (argument & 15).bit_count()
        elif self._version >= FIRST:
            count = 2 + (argument & 15).bit_count()
        else:
            count = 1 + argument
        self._arguments(count)
        self.push(None)

    def call_keywords(self, count: int) -> None:
        """A call whose topmost value names the keywords of its last arguments."""
        self.pop()
        if self._version >= (3, 11):
            self.call(count)
        else:
            self.call_function(count)

    def _arguments(self, count: int) -> list[Item]:
        if count > len(self._stack):
            self._stack.clear()
            return []
        found = self._stack[len(self._stack) - count :]
        del self._stack[len(self._stack) - count :]
        return found

    def _called(self, callee: Item, arguments: list[Item]) -> None:
        if not isinstance(callee, Path):
            self.push(None)
            return
        constants = tuple(each.value for each in arguments if isinstance(each, Const))
        if len(self.told.calls) < MAX_TOLD:
            self.told.calls.setdefault((callee.dotted, constants))
        name = next((each for each in constants if isinstance(each, str)), "")
        if callee.dotted in IMPORTERS and name:
            self._tell(self.told.imports, name[:LONGEST])
            whole = callee.dotted.endswith("import_module")
            self.push_path(name if whole else name.partition(".")[0])
        elif callee.dotted in GETTERS and name and arguments:
            self._attribute(arguments[0], name)
        else:
            self.push(None)


FIRST = (3, 6)
STEPS: dict[str, Callable[[Trace, int], None]] = {
    **dict.fromkeys(("LOAD_CONST", "RETURN_CONST"), Trace.load_const),
    "LOAD_SMALL_INT": Trace.load_number,
    **dict.fromkeys(("LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"), Trace.load_name),
    "LOAD_GLOBAL": Trace.load_global,
    **dict.fromkeys(
        ("LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_AND_CLEAR", "LOAD_FAST_BORROW"),
        Trace.load_fast,
    ),
    **dict.fromkeys(("LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW_LOAD_FAST_BORROW"), Trace.load_two),
    "STORE_FAST_LOAD_FAST": Trace.store_and_load,
    "STORE_FAST_STORE_FAST": Trace.store_two,
    **dict.fromkeys(("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF"), Trace.load_deref),
    "LOAD_ATTR": Trace.load_attr,
    "LOAD_METHOD": Trace.load_method,
    "EXEC_STMT": Trace.execute,
    "IMPORT_NAME": Trace.import_name,
    "IMPORT_FROM": Trace.import_from,
    **dict.fromkeys(("STORE_NAME", "STORE_GLOBAL"), Trace.store_name),
    "STORE_FAST": Trace.store_fast,
    "STORE_DEREF": Trace.store_deref,
    "PUSH_NULL": Trace.push_null,
    "POP_TOP": Trace.pop_top,
    "COPY": Trace.copy,
    "SWAP": Trace.swap,
    "ROT_TWO": Trace.swap_two,
    "DUP_TOP": Trace.duplicate,
    **dict.fromkeys(("CALL", "CALL_METHOD"), Trace.call),
    "CALL_FUNCTION": Trace.call_function,
    **dict.fromkeys(("CALL_FUNCTION_KW", "CALL_KW"), Trace.call_keywords),
    "CALL_FUNCTION_EX": Trace.call_spread,
    "MAKE_FUNCTION": Trace.make_function,
}
