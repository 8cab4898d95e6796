"""The Python that a document of plain values names for its reader to import, call or evaluate.

A kit (see `kits`) without a library: most documents name none. Read are the tags of PyYAML
(``!!python/object/apply:os.system``) and of HyperPyYAML (``!new:torch.nn.Linear``); `_target_` of
Hydra, which MONAI and Detectron2 use, too; `target` beside `params`, as latent diffusion and NeMo
have it; `class_path` of Lightning's command line; `loader_module` of MLflow; the nodes of a skops
schema; and texts that are Python themselves, which MONAI, YOLO and resolvers of OmegaConf evaluate.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from . import kits
from .documents import dotted
from .facts import Named, shorten
from .limits import Exceeded
from .record import field, record, replace
from .shapes import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .documents import Key, Places
    from .source import Span

MOST = 20_000  # names of one document
TEXTS = 12  # that a name is handed, of those kept
ROOM = 300  # characters of a text, a key or a name
FILES = 12  # that importing one name can run
HOPS = 20  # interpolations that lead to one text
CODES = 5000  # texts of one document that are looked at as Python
LONGEST = 4096  # characters of a text that is looked at as Python

PYTHON = "tag:yaml.org,2002:python/"
PLAIN = frozenset(  # tags of PyYAML that make a value of Python's own and import nothing
    {
        "none", "bool", "str", "unicode", "bytes", "int", "long", "float", "complex", "list",
        "tuple", "dict",
    }
)  # fmt: skip
HYPER = {"!new:": "calls", "!apply:": "calls", "!name:": "takes", "!module:": "imports",
         "!applyref:": "calls", "!function": "calls"}  # fmt: skip
NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
INTERPOLATION = re.compile(r"\$\{([^${}]*)\}")
RESOLVER = re.compile(r"\$\{\s*[\w.]+\s*:(.*)\}", re.DOTALL)
# What a text that is evaluated needs to do harm; only such are looked at as Python.
HINT = re.compile(
    r"__\w+__|\b(?:eval|exec|compile|open|getattr|globals|vars)\s*\("
    r"|\b(?:os|posix|nt|subprocess|sys|builtins|importlib|shutil|socket|pty|runpy|ctypes|pickle"
    r"|marshal|urllib|requests|code|timeit|pdb|platform|webbrowser)\s*\.\s*\w"
)
OBJECT = re.compile(r"(?<![\w.])([A-Za-z_]\w*)(?=\s*\.)")
MONAI = re.compile(r"@[\w:#]+")  # a reference to another part of the configuration


def named(documents: list[Any], places: Places, *, is_yaml: bool) -> Iterator[Named]:
    """Yield all Python that `documents` name, in the order in which it stands there."""
    walk = _Walk(documents, places, is_yaml=is_yaml)
    yield from islice(walk.found(), MOST)


@record(frozen=False, eq=False)
class _Walk:
    """One walk over values, each of which is looked at once, however often an alias names it."""

    documents: list[Any]
    places: Places
    is_yaml: bool
    seen: set[int] = field(default_factory=set[int])
    imports: list[str] = field(default_factory=list[str])  # statements that texts stand under
    texts: dict[str, str] = field(default_factory=dict[str, str])  # by the last part of their key
    evaluated: int = 0

    def found(self) -> Iterator[Named]:
        pending: list[tuple[Key, Any]] = [
            ((number,), each) for number, each in reversed([*enumerate(self.documents)])
        ]
        while pending:
            key, value = pending.pop()
            if isinstance(value, str):
                yield from self._text(key, value)
                continue
            if id(value) in self.seen:
                continue
            self.seen.add(id(value))
            pending += reversed([*_inside(key, value)])
            if hasattr(value, "tag"):
                yield from self._tag(key, value.tag, value.value)
            elif is_object(value):
                yield from self._mapping(key, value)

    # --- Names ------------------------------------------------------------------------------------

    def _tag(self, key: Key, tag: str, value: object) -> Iterator[Named]:
        if tag.startswith(PYTHON):
            kind, _, name = tag.removeprefix(PYTHON).partition(":")
            name = name.strip() or (str(value) if isinstance(value, str) else "")
            if kind in PLAIN or not name:
                return
            way = {"name": "takes", "module": "imports"}.get(kind, "calls")
            if "." not in name and way != "imports":
                name = f"builtins.{name}"
            yield self._named(key, name, "PyYAML", way, value)
            return
        for start, way in HYPER.items():
            name = tag.removeprefix(start).strip() if tag.startswith(start) else ""
            if start == "!function" and tag == start and isinstance(value, str):
                name = value.strip()
            if name:
                yield self._named(key, name, "HyperPyYAML", way, value)

    def _mapping(self, key: Key, table: dict[str, Any]) -> Iterator[Named]:
        target = self._resolved(table, "_target_")
        if target is not None:
            yield self._named((*key, "_target_"), target, "Hydra", "calls", table)
        kind = self._resolved(table, "target")
        if kind is not None and NAME.fullmatch(kind) and (self.is_yaml or "params" in table):
            yield self._named((*key, "target"), kind, "NeMo", "calls", table)
        kind = self._resolved(table, "class_path")
        if kind is not None and NAME.fullmatch(kind):
            yield self._named((*key, "class_path"), kind, "Lightning", "calls", table)
        module = table.get("loader_module")
        if isinstance(module, str):
            yield from self._mlflow(key, module, table)
        if "__loader__" in table:
            yield from self._skops(key, table)

    def _mlflow(self, key: Key, module: str, table: dict[str, Any]) -> Iterator[Named]:
        """Yield the loader of a flavour of MLflow, and the code of the model's own.

        MLflow puts the folder `code` before all others, so that any file in it may be imported, and
        runs the file that `model_code_path` names, by its last part.
        """
        folder = table.get("code")
        named = self._named((*key, "loader_module"), module, "MLflow", "imports", None)
        inner = _files(module, folder if isinstance(folder, str) else "code")
        every = (f"{folder.strip('/')}/*",) if isinstance(folder, str) and folder else ()
        yield replace(named, files=(*inner, *every))
        path = table.get("model_code_path")
        if isinstance(path, str):
            file = path.replace("\\", "/").rpartition("/")[2]
            own = self._named((*key, "model_code_path"), file, "MLflow", "imports", None)
            yield replace(own, files=(file,))

    def _skops(self, key: Key, table: dict[str, Any]) -> Iterator[Named]:
        """Yield what one node of a skops schema names, as any version of skops reads it."""
        loader = str(table["__loader__"])
        way = "takes" if loader in {"FunctionNode", "TypeNode", "MethodNode"} else "calls"
        given = table.get("attrs") if loader == "OperatorFuncNode" else None
        for name in dict.fromkeys(_names_of_node(table, loader)):
            yield self._named((*key, "__class__"), name, "skops", way, given)

    def _named(self, key: Key, name: str, by: str, way: str, given: object) -> Named:
        texts = islice(dict.fromkeys(_texts(given)), TEXTS)
        return Named(
            at=self._at(key),
            key=self._shown(key),
            name=shorten(name.strip(), ROOM),
            by=by,
            way=way,
            texts=tuple(shorten(text, ROOM) for text in texts if text != name),
            files=_files(name, ""),
        )

    def _at(self, key: Key) -> Span:
        return self.places.at(key if self.is_yaml else key[1:])

    def _shown(self, key: Key) -> str:
        return shorten(dotted(key if len(self.documents) > 1 else key[1:]), ROOM)

    def _resolved(self, table: dict[str, Any], name: str) -> str | None:
        """Return a text with its interpolations resolved, as far as this document has them."""
        value = table.get(name)
        if hasattr(value, "tag"):
            value = getattr(value, "value", None)
        if not isinstance(value, str):
            return None
        for _ in range(HOPS):
            hit = INTERPOLATION.search(value)
            found = self._interpolated(hit[1].strip(), table) if hit else None
            if hit is None or found is None:
                return value
            value = shorten(value[: hit.start()] + found + value[hit.end() :], LONGEST)
        return value

    def _interpolated(self, inner: str, table: dict[str, Any]) -> str | None:
        """Return what ``${inner}`` stands for: another value, or the last word of a resolver."""
        resolver, colon, rest = inner.partition(":")
        if colon:
            is_word = "," in rest or resolver != "oc.env"
            return rest.rpartition(",")[2].strip().strip("'\"") if is_word else None
        steps = [step for step in re.split(r"[.\[\]]+", inner) if step]
        for root in [table] if inner.startswith(".") else self.documents:
            value = _inner(root, steps)
            if isinstance(value, str):
                return value
        return self._anywhere(steps[-1]) if steps else None

    def _anywhere(self, name: str) -> str | None:
        """Return a text under a key, wherever that is: a reference may count levels, or files."""
        if not self.texts:
            self.texts = {"": ""}
            pending, seen = [*self.documents], set[int]()
            while pending:
                value = pending.pop()
                if isinstance(value, str) or id(value) in seen:
                    continue
                seen.add(id(value))
                for key, each in _inside((), value):
                    if isinstance(each, str):
                        self.texts.setdefault(str(key[-1]) if key else "", each)
                    pending.append(each)
        return self.texts.get(name)

    # --- Texts that are Python --------------------------------------------------------------------

    def _text(self, key: Key, text: str) -> Iterator[Named]:
        """Yield what a text calls that somebody could evaluate."""
        if text.startswith(("$import ", "$from ")):
            self.imports.append(text[1:LONGEST])
        if text.startswith("$") and not text.startswith("${") and "(" in text:
            yield from self._evaluated(key, MONAI.sub("_reference", text[1:]), "MONAI")
            return
        if key[-1] == "download" and text.startswith("bash "):
            shown = (shorten(text, ROOM),)
            yield Named(at=self._at(key), key=self._shown(key), name="os.system",
                        by="Ultralytics", way="evaluates", texts=shown)  # fmt: skip
        if not HINT.search(text[:LONGEST]):
            return
        resolver = RESOLVER.search(text[:LONGEST])
        if resolver:
            yield from self._evaluated(key, resolver[1].strip().strip("'\""), "OmegaConf")
        elif self.is_yaml and (key[-1] == "download" or "\n" not in text.strip()):
            yield from self._evaluated(key, text.strip(), "Ultralytics")

    def _evaluated(self, key: Key, code: str, by: str) -> Iterator[Named]:
        self.evaluated += 1
        if self.evaluated > CODES:
            raise Exceeded("codes", CODES, "texts that could be evaluated")
        code = code[:LONGEST]
        objects = sorted({each for each in OBJECT.findall(code) if each.isascii()})[:50]
        heads = [*self.imports[-50:], *(f"import {each}" for each in objects)]
        account = kits.need("python").read("\n".join([*heads, code]).encode("utf-8", "replace"))
        if not account.is_parsed:
            return
        for calls in (account.at_import, account.at_init, account.elsewhere):
            for name, (_, shown) in islice(calls.items(), TEXTS):
                yield Named(
                    at=self._at(key),
                    key=self._shown(key),
                    name=shorten(name.partition("(")[0], ROOM),
                    by=by,
                    way="evaluates",
                    texts=(shorten(shown, ROOM),),
                )


def _names_of_node(table: dict[str, Any], loader: str) -> Iterator[str]:
    """Yield the class of a node of skops, or the function or method that it stands for.

    Older versions have a function's name in its content, and take any name for one of `operator`.
    """
    module, kind = table.get("__module__"), table.get("__class__")
    content = table.get("content")
    inner = content if is_object(content) else {}
    if loader == "FunctionNode" and isinstance(content, str):
        yield f"{module}.{content}"
    elif loader == "FunctionNode" and "function" in inner:
        yield f"{inner.get('module_path')}.{inner['function']}"
    elif isinstance(module, str) and isinstance(kind, str):
        yield f"{module}.{kind}"
    if loader == "OperatorFuncNode":
        yield f"operator.{kind}"
    owner = inner.get("obj")
    if loader == "MethodNode" and is_object(owner):
        yield f"{owner.get('__module__')}.{owner.get('__class__')}.{inner.get('func')}"


def _inner(value: Any, steps: list[str]) -> object:  # noqa: ANN401 - of any shape
    for step in steps:
        if is_object(value):
            value = value.get(step)
        elif is_list(value) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _inside(key: Key, value: Any) -> Iterator[tuple[Key, Any]]:  # noqa: ANN401 - of any shape
    if hasattr(value, "tag"):
        if not isinstance(value.value, str):
            yield key, value.value
    elif is_object(value):
        for name, each in value.items():
            yield (*key, name), each
        for each in getattr(value, "odd", ()):
            yield (*key, "?"), each
    elif is_list(value):
        for number, each in enumerate(value):
            yield (*key, number), each


def _texts(given: Any) -> Iterator[str]:  # noqa: ANN401 - of any shape
    """Yield the texts that a call is given, those in lists and small mappings, too."""
    pending, steps = [given], 0
    seen: set[int] = set()
    while pending and steps < 100 * TEXTS:
        steps += 1
        value = pending.pop()
        if isinstance(value, str):
            yield value
            continue
        if id(value) in seen:
            continue
        seen.add(id(value))
        if is_list(value) and value and all(isinstance(each, str) for each in value[:TEXTS]):
            yield " ".join(value[:TEXTS])
        pending += [inner for _, inner in reversed([*_inside((), value)])]


def _files(name: str, folder: str) -> tuple[str, ...]:
    """Return the files, beside the document, that importing `name` would run if they are there."""
    steps = name.strip().split(".")
    if not all(step.isidentifier() for step in steps):
        return ()
    before = f"{folder.strip('/')}/" if folder else ""
    found: list[str] = []
    for end in range(1, len(steps) + 1):
        inner = before + "/".join(steps[:end])
        found += [f"{inner}.py", f"{inner}/__init__.py"]
    return tuple(found[:FILES])
