"""What a file would do and holds, fact by fact, for the analyst who got an alert.

Nothing is judged here: what is listed is true of the bytes, in the order in which it stands there.
Every text from the file is escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from ..scanners import facts as f
from ..scanners.values import Opaque, show
from .escape import counted, place, safe, size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..report import Report
    from ..scanners.artifact import Artifact
    from ..scanners.values import Value

FEW, MANY = 12, 200  # lines of one section that are shown unless all are wanted
ROOM, ALL_ROOM = 300, 20_000  # characters of a value


class Section(NamedTuple):
    """Facts of some kinds under one heading."""

    title: str
    kinds: tuple[type[f.Fact], ...]
    line: Callable[[f.Fact, int], str]  # of a fact, with room for values
    most: int


def render(report: Report, *, prefix: str = "", is_full: bool = False) -> str:
    """Return the listing of every file in `report`, and of every part that says something.

    `prefix` leads from where the user stands to the target. Of long sections the beginning is
    shown, unless `is_full`.
    """
    prefix = safe(prefix)
    lines: list[str] = []
    for artifact in report.artifacts:
        for each in artifact.walk():
            lines += [*_artifact(each, prefix, is_full=is_full), ""]
    return "\n".join(lines[:-1]) + "\n"


def _artifact(artifact: Artifact, prefix: str, *, is_full: bool) -> Iterator[str]:
    formats = ", ".join(artifact.formats) or "not a format I know"
    yield (
        f"{click.style(prefix + place(artifact.path), bold=True)}  {size(artifact.size)}, {formats}"
    )
    for section in SECTIONS:
        found = [fact for fact in artifact.facts if isinstance(fact, section.kinds)]
        yield from _section(section, found, is_full=is_full)
    if artifact.plain_parts:
        yield f"  {counted(artifact.plain_parts, 'part')} of which nothing is to say"
    if not artifact.facts and not artifact.parts:
        yield "  nothing is to say of it"


def _section(section: Section, found: list[f.Fact], *, is_full: bool) -> Iterator[str]:
    if not found:
        return
    shown = found if is_full else found[: section.most]
    yield f"  {click.style(section.title, bold=True)} ({len(found):,})"
    for fact in shown:
        yield f"    {_at(fact)}{section.line(fact, ALL_ROOM if is_full else ROOM)}"
    if len(found) > len(shown):
        yield f"    … and {len(found) - len(shown):,} more; `--all` lists them"


def _at(fact: f.Fact) -> str:
    return f"{fact.at.start:>8}  " if fact.at.start or fact.at.length else f"{'':>8}  "


# --- One line for each kind of fact ---------------------------------------------------------------


def _effect(fact: f.Fact, room: int) -> str:
    match fact:
        case f.Import():
            return safe(f"{fact.op} imports {fact.dotted}")
        case f.Call():
            return safe(f"{fact.op} calls {_call(fact, room)}") + _times(fact.count)
        case f.StateSet():
            text = f"BUILD gives {show(fact.target, room)} the state {show(fact.state, room)}"
            return safe(text) + _times(fact.count)
        case f.ItemsSet():
            text = f"{fact.op} puts {show(fact.items, room)} into {show(fact.target, room)}"
            return safe(text) + _times(fact.count)
        case f.ExtensionUse():
            return f"takes extension {fact.code} of the copyreg registry"
        case f.Operation():
            return _operation(fact) + _times(fact.count)
        case _:
            return type(fact).__name__


def _operation(fact: f.Operation) -> str:
    names = [*map(repr, fact.given), *(f"asset {asset!r}" for asset in fact.assets)]
    names += ["(fed)"] if fact.is_fed else []
    names += ["(computed)"] if fact.is_computed else []
    where = f" in {fact.function}" if fact.function else ""
    return safe(f"{fact.operator}({', '.join(names)}){where}")


def _call(call: f.Call, room: int) -> str:
    arguments = show(call.arguments, room)
    inner = arguments if arguments.startswith("(") else f"(*{arguments})"
    inner = f"{inner[:-2]})" if inner.endswith(",)") else inner
    keywords = _keywords(call.keywords, room)
    cut = f"; names in all: {', '.join(call.names)}" if _is_cut(call, inner) else ""
    return f"{show(call.callee, room)}{inner}{keywords}{cut}"


def _keywords(keywords: Value, room: int) -> str:
    if keywords is None:
        return ""
    is_merged = isinstance(keywords, Opaque)  # one of very many calls stands for those like it
    return " and the like" if is_merged else f" with {show(keywords, room)}"


def _is_cut(call: f.Call, shown: str) -> bool:
    """Whether the arguments hold an imported name that is not shown with them."""
    return any(name not in shown for name in call.names)


def _times(count: int) -> str:
    return f", {count:,} times" if count > 1 else ""


def _tensor(fact: f.Fact, _room: int) -> str:
    match fact:
        case f.Tensor(name=name, dtype=dtype, shape=shape, storage=storage):
            where = f" in {storage}" if storage else ""
            axes = ", ".join(map(str, shape))
            return safe(f"{name or '(no name)'}  {dtype or '(no dtype)'} [{axes}]{where}")
        case f.Storages():
            return f"{counted(len(fact.keys), 'storage')} of {size(sum(fact.lengths))}"
        case _:
            return type(fact).__name__


def _text(fact: f.Fact, room: int) -> str:  # noqa: C901 - one case for each kind
    match fact:
        case f.Metadata() | f.Licence():
            return safe(f"{fact.key} = {show(fact.value, room)}")
        case f.Reference():
            return safe(f"{fact.kind}: {fact.key} -> {fact.target}")
        case f.TemplateUse():
            return safe(f"{fact.template}: {fact.kind} {fact.name or '(computed)'}")
        case f.Operator():
            return safe(f"{fact.domain}.{fact.name}" if fact.domain else fact.name) + _times(
                fact.count
            )
        case f.Member():
            target = f" -> {fact.target}" if fact.target else ""
            return safe(f"{fact.kind} {fact.name}{target}")
        case f.Expansion():
            return safe(f"{fact.name}: {fact.compressed} bytes expand to {fact.produced} or more")
        case f.Unclaimed():
            return f"{counted(fact.at.length, 'byte')} that belong to nothing"
        case f.Impossible():
            return safe(f"impossible: {fact.detail}")
        case f.Overlap():
            return safe(f"{fact.first} and {fact.second} share {fact.at.length} bytes")
        case f.Conflict():
            return safe(f"{fact.kind}: {fact.detail}")
        case f.Unread():
            return safe(f"{fact.reason}: {fact.detail}")
        case _:
            return type(fact).__name__


def _named(fact: f.Fact, _room: int) -> str:
    match fact:
        case f.Named():
            return safe(f"{fact.by} {fact.way} {fact.name}, by {fact.key}")
        case f.Configured():
            name = f"{fact.module}.{fact.name}" if fact.module else fact.name or "(no name)"
            return safe(f"{fact.loader} takes {fact.kind} {name}, by {fact.key}") + _times(
                fact.count
            )
        case _:
            return type(fact).__name__


def _told(fact: f.Fact, room: int) -> str:
    match fact:
        case f.Dataset():
            return safe(_joined(fact.role, fact.name, fact.config, fact.split, fact.revision))
        case f.Metric():
            on = _joined(fact.dataset, fact.config, fact.split)
            return safe(f"{fact.kind} = {fact.value}{f' on {on}' if on else ''}")
        case f.Passage():
            return safe(f"{' > '.join((*fact.above, fact.heading))}: {show(fact.text, room)}")
        case f.Port():
            axes = ", ".join(axis or "?" for axis in fact.shape) if fact.is_ranked else "..."
            return safe(f"{fact.direction} {fact.name}  {fact.dtype} [{axes}]")
        case _:
            return type(fact).__name__


def _joined(*words: str) -> str:
    return " ".join(word for word in words if word)


def _code(fact: f.Fact, room: int) -> str:
    match fact:
        case f.CompiledCode():
            pythons = ", ".join(fact.pythons) or "(no Python we know)"
            told = [f"{fact.name or '(no name)'}  Python {pythons}, {fact.file or '(no file)'}"]
            for what in ("imports", "names", "calls", "texts"):
                found: tuple[str, ...] = getattr(fact, what)
                shown = ", ".join(map(repr, found) if what == "texts" else found)
                cut = "…" if len(shown) > room else ""
                told += [f"{'':>14}{what}: {safe(shown[:room])}{cut}"] if found else []
            return "\n".join([safe(told[0]), *told[1:]])
        case _:
            return type(fact).__name__


SOURCE = (
    ("imports", "imports"),
    ("at_import", "when imported, line"),
    ("at_init", "when its objects are made, line"),
    ("elsewhere", "in other functions, line"),
)


def _source(fact: f.Fact, room: int) -> str:
    told = [] if getattr(fact, "is_parsed", True) else ["cannot be parsed here: read as words"]
    for field, what in SOURCE:
        found: tuple[str, ...] = getattr(fact, field, ())
        shown = ", ".join(found)
        cut = "…" if len(shown) > room else ""
        told += [f"{what} {safe(shown[:room])}{cut}"] if found else []
    return f"\n{'':>14}".join(told or ["imports and calls nothing"])


EFFECTS = (f.Import, f.Call, f.StateSet, f.ItemsSet, f.ExtensionUse)
SECTIONS = (
    Section("not read", (f.Unread,), _text, MANY),
    Section("loading does", EFFECTS, _effect, MANY),
    Section("running the graph does", (f.Operation,), _effect, MANY),
    Section("compiled Python", (f.CompiledCode,), _code, MANY),
    Section("Python source", (f.SourceCode,), _source, MANY),
    Section("rendering the template looks up", (f.TemplateUse,), _text, MANY),
    Section("names Python", (f.Named, f.Configured), _named, MANY),
    Section("refers to", (f.Reference,), _text, MANY),
    Section(
        "odd",
        (f.Conflict, f.Impossible, f.Unclaimed, f.Overlap, f.Expansion, f.Member),
        _text,
        MANY,
    ),
    Section("licences", (f.Licence,), _text, FEW),
    Section("metadata", (f.Metadata,), _text, FEW),
    Section("inputs and outputs", (f.Port,), _told, FEW),
    Section("datasets and measurements", (f.Dataset, f.Metric), _told, FEW),
    Section("said in words", (f.Passage,), _told, FEW),
    Section("operators", (f.Operator,), _text, FEW),
    Section("tensors", (f.Tensor, f.Storages), _tensor, FEW),
)
