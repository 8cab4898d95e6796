"""All analysed modules together: what a name, an attribute or a base class means."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Protocol

from .ir import Function
from .seeds import seeds
from .statics import static_call
from .values import MOST_REFS, NO_REFS, Ref, Refs, Summary, limited

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .ir import Class, Expr, Module

DEEPEST = 40  # re-exports and attribute chains followed
MOST_RUNS = 12  # of one function in one solution
MODULE_BODY = ".<module>"  # the pseudo-function that importing a module calls


class Analyse(Protocol):
    """Summarises one function again; says whether its summary grew."""

    def __call__(self, program: Program, function: str) -> bool:
        """Summarise `function`."""
        ...


class Program:
    """Modules, classes and functions by full name, and the summaries made so far."""

    def __init__(self, native: Mapping[str, Mapping[str, str]]) -> None:
        """Start with the names of the standard library's C modules."""
        self.native = native
        self.standard: set[str] = set()  # top-level modules of the standard library
        self.modules: dict[str, Module] = {}
        self.classes: dict[str, Class] = {}
        self.functions: dict[str, Function] = {}
        self.module_of: dict[str, str] = {}
        self.summaries: dict[str, Summary] = {}
        self.extensions: set[str] = set()
        self.submodules: defaultdict[str, set[str]] = defaultdict(set)
        self.by_method: defaultdict[str, list[str]] = defaultdict(list)
        self.callers: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self.fields: defaultdict[str, dict[str, Refs]] = defaultdict(dict)
        self.field_names: defaultdict[str, set[str]] = defaultdict(set)
        self.constructed: defaultdict[str, dict[int, Refs | None]] = defaultdict(dict)
        self._members: dict[tuple[str, str], Refs] = {}
        self._orders: dict[str, list[Ref]] = {}
        self._found: dict[tuple[str, str, int], Refs] = {}

    # -- loading and solving

    def load(self, modules: Iterable[Module], extensions: Iterable[str] = ()) -> list[str]:
        """Add modules; return the functions that are new and not yet summarised."""
        new: list[str] = []
        for name in extensions:
            self.extensions.add(name)
            self._nest(name)
        for module in modules:
            if module.name in self.native and module.name != "zipimport":
                continue
            self.modules[module.name] = module
            self._nest(module.name)
            self.classes.update(module.classes)
            for each in module.classes.values():
                for method, definition in each.methods.items():
                    self.by_method[method].append(definition)
            body = Function(
                "<module>", (), 0, None, None, (), module.body, module.nested, 1, (), "", None
            )
            for full, function in (*module.functions.items(), (module.name + MODULE_BODY, body)):
                self.functions[full] = function
                self.module_of[full] = module.name
                new.append(full)
        self._members.clear()
        self._orders.clear()
        self._found.clear()
        return new

    def solve(self, functions: Iterable[str], analyse: Analyse) -> None:
        """Summarise functions, and their callers again, until no summary grows."""
        waiting = deque(functions)
        queued = set(waiting)
        runs: defaultdict[str, int] = defaultdict(int)
        while waiting:
            function = waiting.popleft()
            queued.discard(function)
            runs[function] += 1
            if runs[function] > MOST_RUNS or not analyse(self, function):
                continue
            for caller in self.callers.get(function, ()):
                if caller not in queued and caller in self.functions:
                    queued.add(caller)
                    waiting.append(caller)

    def _nest(self, module: str) -> None:
        parts = module.split(".")
        for end in range(1, len(parts)):
            self.submodules[".".join(parts[:end])].add(parts[end])

    # -- names of modules

    def is_module(self, name: str) -> bool:
        """Say whether a module of this name is known."""
        return any(
            name in each for each in (self.modules, self.submodules, self.native, self.extensions)
        )

    def is_opaque(self, name: str) -> bool:
        """Say whether a name lies outside of all text and of the C modules vouched for."""
        top = name.split(".", 1)[0]
        vouched = top in self.native or top in self.standard or top in seeds().doubted
        return not vouched and not self.is_native(name)

    def is_data(self, name: str) -> bool:
        """Say whether a name of a C module is no callable: what is called is something it holds."""
        module, _, member = name.rpartition(".")
        return self.native.get(module, {}).get(member) == "v"

    def is_native(self, name: str) -> bool:
        """Say whether a name lies in an extension module of an analysed package."""
        while name and name not in self.extensions:
            name = name.rpartition(".")[0]
        return bool(name)

    def module_ref(self, name: str) -> Refs:
        """Return what importing `name` gives."""
        if self.is_module(name):
            return frozenset([("m", name)])
        return frozenset([("x", name)]) if name else NO_REFS

    def member(self, module: str, name: str, depth: int = 0) -> Refs:
        """Return what a module's attribute means."""
        key = (module, name)
        found = self._members.get(key)
        if found is not None:
            return found
        self._members[key] = NO_REFS  # an import in a circle
        found = self._member(module, name, depth) if depth <= DEEPEST else NO_REFS
        if not found and f"{module}.{name}" in seeds().primitives:
            found = frozenset([("x", f"{module}.{name}")])
        self._members[key] = found
        return found

    def has(self, module: str, name: str) -> bool:
        """Say whether a module binds a name, whatever it means."""
        known = self.modules.get(module)
        if known is None:
            return name in self.native.get(module, ())
        if name in known.symbols or name in self.submodules.get(module, ()):
            return True
        return any(self.has(star, name) for star in known.stars if star != module)

    def is_partly_unknown(self, module: str, name: str) -> bool:
        """Say whether one of the meanings of a name, of those that are not data, is not known."""
        known = self.modules.get(module)
        bindings = known.symbols.get(name, ()) if known else ()
        return any(
            binding[0] == "E" and binding[1][0] in "ca" and not self.static(binding[1], module)
            for binding in bindings
        )

    def global_ref(self, module: str, name: str) -> Refs:
        """Return what a global name means in the text of a module."""
        found = self.member(module, name)
        if found or name in self.modules[module].symbols:
            return found
        return self._builtin(name)

    def _builtin(self, name: str) -> Refs:
        known = name in self.native["builtins"]
        return frozenset([("x", f"builtins.{name}")]) if known else NO_REFS

    def _member(self, module: str, name: str, depth: int) -> Refs:
        known = self.modules.get(module)
        full = f"{module}.{name}"
        if known is None:
            return self._native_member(module, name)
        if name in known.symbols:
            return self._symbol(known, name, depth)
        if name in self.submodules.get(module, ()) or full in self.extensions:
            return frozenset([("m", full)])
        for star in known.stars:
            if star != module and star not in self.extensions:
                found = self.member(star, name, depth + 1) if self.is_module(star) else NO_REFS
            else:
                found = frozenset([("x", f"{star}.{name}")]) if star != module else NO_REFS
            if found:
                return found
        return NO_REFS

    def _native_member(self, module: str, name: str) -> Refs:
        full = f"{module}.{name}"
        if module in self.native:
            return frozenset([("x", full)]) if name in self.native[module] else NO_REFS
        is_module = any(full in each for each in (self.extensions, self.modules, self.submodules))
        return frozenset([("m" if is_module else "x", full)])

    def _symbol(self, module: Module, name: str, depth: int) -> Refs:
        out: set[Ref] = {
            ("x", f"{star}.{name}")
            for star in module.stars
            if star.startswith("_") and name in self.native.get(star, ())
        }
        for binding in module.symbols[name]:
            match binding:
                case ("F",):
                    out |= self._definitions(f"{module.name}.{name}")
                case ("C", full):
                    out.add(("c", full))
                case ("I", source, attribute):
                    out |= self._imported(module.name, name, source, attribute, depth)
                case ("E", expr):
                    out |= self.static(expr, module.name, depth + 1)
                case ("K", str(text)):
                    out.add(("k", text))
                case _:
                    pass
        return limited(frozenset(out))

    def _definitions(self, full: str) -> set[Ref]:
        names, number = {("f", full)} if full in self.functions else set[Ref](), 2
        while f"{full}#{number}" in self.functions:
            names.add(("f", f"{full}#{number}"))
            number += 1
        return set(names)

    def _imported(
        self, module: str, name: str, source: str, attribute: str | None, depth: int
    ) -> Refs:
        if attribute is None:
            return self.module_ref(source)
        if (source, attribute) != (module, name):
            return self.member(source, attribute, depth + 1)
        full = f"{source}.{attribute}"
        is_module = full in self.modules or full in self.extensions
        return frozenset([("m", full)]) if is_module else NO_REFS

    # -- expressions outside functions

    def static(self, expr: Expr, module: str, depth: int = 0, owner: str | None = None) -> Refs:
        """Return what an expression of a module or class body means, without running it."""
        if expr is None or depth > DEEPEST:
            return NO_REFS
        match expr:
            case ("g", str(name)):
                return self._static_name(name, module, depth, owner)
            case ("a", base, str(name)):
                found = self.static(base, module, depth + 1)
                return NO_REFS.union(*(self.attribute(ref, name, depth + 1) for ref in found))
            case ("c", callee, arguments, *_):
                return static_call(self, callee, arguments, module, depth)
            case ("j", exprs):
                return self._static_any(exprs, module, depth)
            case ("s", base, _):
                return self.static(base, module, depth + 1)
            case ("k", str(text)):
                return frozenset([("k", text)])
            case ("C", full):
                return frozenset([("c", full)])
            case ("I", source, attribute):
                return self.member(source, attribute, depth + 1)
            case _:
                return NO_REFS

    def _static_name(self, name: str, module: str, depth: int, owner: str | None) -> Refs:
        made = self.classes.get(owner) if owner else None
        if made and name in made.methods:
            return frozenset([("f", made.methods[name])])
        found = self.member(module, name, depth + 1)
        return found or (NO_REFS if self.has(module, name) else self._builtin(name))

    def _static_any(self, exprs: tuple[Expr, ...], module: str, depth: int) -> Refs:
        out: set[Ref] = set()
        for each in exprs[:DEEPEST]:
            out |= self.static(each, module, depth + 1)
            if len(out) > MOST_REFS:
                break
        return frozenset(out)

    # -- classes

    def order(self, full: str) -> list[Ref]:
        """Return a class and its bases in about the order in which attributes are looked up."""
        known = self._orders.get(full)
        if known is not None:
            return known
        self._orders[full] = [("c", full)]  # a class that inherits from itself
        found: dict[Ref, None] = {("c", full): None}
        for tag, base in self._bases(full):
            each: list[Ref] = self.order(base) if tag == "c" else [(tag, base)]
            found.update(dict.fromkeys(each))
        self._orders[full] = list(found)
        return self._orders[full]

    def _bases(self, full: str) -> list[Ref]:
        made = self.classes.get(full)
        if made is None:
            return []
        return [
            ref
            for base in made.bases
            for ref in sorted(self.static(base, made.module), key=repr)
            if ref[0] in "cx"
        ]

    def find(self, full: str, name: str, skip: int = 0) -> Refs:
        """Return what an attribute of a class means, after `skip` classes of its order."""
        key = (full, name, skip)
        found = self._found.get(key)
        if found is None:
            self._found[key] = NO_REFS
            found = self._found[key] = self._find(full, name, skip)
        return found

    def _find(self, full: str, name: str, skip: int) -> Refs:
        for tag, owner in self.order(full)[skip:]:
            if tag == "x":
                if f"{owner}.{name}" in seeds().primitives:
                    return frozenset([("x", f"{owner}.{name}")])
                continue
            made = self.classes.get(owner)
            if made is None:
                continue
            if name in made.methods:
                return frozenset([("f", made.methods[name])])
            if name in made.attributes:
                return self.static(made.attributes[name], made.module, 0, owner)
        return NO_REFS

    def method(self, full: str, name: str) -> str | None:
        """Return the function that a method of a class is, if it is one."""
        return next((ref[1] for ref in self.find(full, name) if ref[0] == "f"), None)

    def attribute(self, ref: Ref, name: str, depth: int = 0) -> Refs:
        """Return what an attribute of a reference means."""
        match ref:
            case ("m", module):
                return self.member(module, name, depth + 1)
            case ("x", full):
                return frozenset([("x", f"{full}.{name}")])
            case ("c", full):
                return NO_REFS if name == "__class__" else self.find(full, name)
            case ("i", full):
                if name == "__class__":
                    return frozenset([("c", full)])
                found = self.find(full, name)
                return frozenset(("b", each[1]) if each[0] == "f" else each for each in found)
            case ("f", _) if name == "__func__":
                return frozenset([ref])
            case _:
                return NO_REFS
