"""Rules about names, paths and other texts that people and programs take at their word."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from typing import TYPE_CHECKING, Any

from ...scanners.placeholders import is_placeholder
from ...scanners.rule import Severity
from .document import Node, walk
from .rule import LintRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Document
    from .rule import Told

NAMES = (  # keys of texts that something is known by; all on one line
    *("name", "group", "version", "purl", "cpe", "bom-ref", "ref", "location", "author"),
    *("publisher", "mime-type", "dependsOn", "assemblies", "id", "url"),
)
PATH = "aibom:path"  # property: where a file lies
HIDING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # general categories of Unicode
# In any text: what does something to a terminal, to the order of letters, or to a decoder.
ACTING = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f"
    "\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
SHOWN = 8  # characters that are named

# Folders of people, of build machines and of containers, in a text of any kind.
LOCAL = re.compile(
    r"(?:^|[\s:=@#(])(?:/(?:home|root|Users|tmp|var|private|mnt|workspace|builds|github)/"
    r"|[A-Za-z]:[\\/](?!/)|file://)"
)
BACKSLASH = re.compile(r"\w\\(?!x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|\\)\w")  # no escape of ours
IDENTIFYING = ("name", "group", "version", "author", "publisher")


def hidden_characters(document: Document) -> Told:
    """What is shown is not what is compared: a name can look like another's, or rewrite the screen.

    What to do: take the characters out; if they came from a file's name, rename the file.
    """
    for key in NAMES:
        for node in document.texts(key):
            if not node.value.isprintable():  # the common case, a hundred times as quick
                hidden = [c for c in node.value if unicodedata.category(c) in HIDING]
                if hidden:
                    yield node, f"{key} holds {_named(hidden)}"
    for node in walk(document.root):
        if isinstance(node.value, str) and node.key not in NAMES:
            acting = [found[0] for found in islice(ACTING.finditer(node.value), SHOWN)]
            if acting:
                yield node, f"the text holds {_named(acting)}"


def _named(characters: list[str]) -> str:
    return ", ".join(dict.fromkeys(f"U+{ord(c):04X}" for c in characters[:SHOWN]))


def _paths(document: Document) -> Iterator[Node]:
    """Yield every text that is the place of a file."""
    yield from document.texts("location", "fullFilename")
    for component in document.components:
        if component.text("type") == "file":
            yield component.child("name")
    for node in document.objects("properties"):
        if node.text("name") == PATH:
            yield node.child("value")


def path_of_a_machine(document: Document) -> Told:
    """It tells everybody how a machine is laid out and who works there, and leads nowhere else.

    What to do: write paths relative to the model's folder.
    """
    seen: set[str] = set()
    for node in _paths(document):
        if isinstance(node.value, str) and node.value.startswith("/"):
            seen.add(node.pointer)
            yield node, f"{node.value!r:.200} is an absolute path"
    for key in ("location", "name", "bom-ref", "ref", "value", "url", "purl", "dependsOn"):
        for node in document.texts(key):
            if LOCAL.search(node.value) and node.pointer not in seen:
                yield node, f"{node.value!r:.200} holds a path of one machine"


def path_escapes(document: Document) -> Told:
    """Whoever joins it to a folder leaves that folder.

    What to do: write the path relative to the model's folder, without `..`.
    """
    for node in _paths(document):
        if isinstance(node.value, str) and ".." in re.split(r"[/\\]", node.value):
            yield node, f"{node.value!r:.200} leads out of its folder"


def path_with_backslashes(document: Document) -> Told:
    r"""On every system but one, `a\b` is a single name: the file is not found.

    What to do: write `/` between folders.
    """
    for node in _paths(document):
        if isinstance(node.value, str) and BACKSLASH.search(node.value):
            yield node, f"{node.value!r:.200} has backslashes between folders"


def path_twice(document: Document) -> Told:
    """Two components say that they are the file at this path; one of them is not.

    What to do: list each file once.
    """
    first: dict[str, Node] = {}
    for node in document.objects("properties"):
        if node.text("name") == PATH:
            known = first.setdefault(node.text("value"), node)
            if known is not node:
                yield node, f"{node.text('value')!r:.200} already stands at {known.pointer}"


def placeholder(document: Document) -> Told:
    """A word for "unknown" is taken for a value: it is counted, compared and matched.

    What to do: leave the key out. What was looked for and not found belongs into `compositions`.
    """
    for component in (*document.components, *document.objects("supplier", "manufacturer")):
        for key in IDENTIFYING:
            is_name = key == "name" and _is_called_so(component)
            if not is_name and is_placeholder(component.text(key)):
                yield component.child(key), f"{key} is {component.text(key)!r}"
    for licence in document.objects("license"):
        for key in ("id", "name"):
            if is_placeholder(licence.text(key)):
                yield licence.child(key), f"the licence's {key} is {licence.text(key)!r}"
    for node in document.texts("expression"):
        if node.value.strip().upper() in {"NOASSERTION", "NONE"}:
            yield node, f"the licence expression is {node.value!r}"


def _is_called_so(component: Node) -> bool:
    """Whether something has such a name: a file called TODO, the package nan of npm."""
    purl = re.split(r"[?#]", component.text("purl"))[0]
    own = purl.rpartition("/")[2].partition("@")[0]
    is_package = purl.startswith("pkg:") and not purl.startswith("pkg:generic/")
    return component.text("type") == "file" or (is_package and own == component.text("name"))


def _file(name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"components": [{"type": "file", "name": name, **more}]}


def _at(*paths: str) -> dict[str, Any]:
    return {
        "components": [
            {"type": "file", "name": f"x{n}", "properties": [{"name": PATH, "value": path}]}
            for n, path in enumerate(paths)
        ]
    }


_NAN = {"components": [{"type": "library", "name": "nan", "purl": "pkg:npm/nan@2.17.0"}]}

RULES = (
    LintRule(
        id="hidden-characters",
        title="A text holds characters that are not seen",
        severity=Severity.HIGH,
        check=hidden_characters,
        flags=(
            _file("model\u202egpj.bin"),
            _file("a\x1b[2Jb"),
            _file("pay\u200bpal"),
            _file("x", description="a\u202eb"),
            _file("x", version="\ud800"),
        ),
        passes=(_file("modèle 模型.bin", description="two\nlines"),),
    ),
    LintRule(
        id="path-of-a-machine",
        title="A path of the machine that wrote the BOM",
        severity=Severity.MEDIUM,
        check=path_of_a_machine,
        flags=(
            _file("/home/ann/model.bin"),
            _file("x", **{"bom-ref": "file:/home/ann/model.bin"}),
            _file("x", externalReferences=[{"type": "other", "url": "file:///srv/x"}]),
            _file("C:\\models\\x.bin"),
            _file("x", evidence={"occurrences": [{"location": "/srv/model.bin"}]}),
        ),
        passes=(
            _file("weights/model.bin"),
            _file("x", externalReferences=[{"type": "vcs", "url": "https://h.example/home/a"}]),
        ),
    ),
    LintRule(
        id="path-escapes",
        title="A path leads out of its folder",
        severity=Severity.HIGH,
        check=path_escapes,
        flags=(_at("../../etc/passwd"), _file("a\\..\\b")),
        passes=(_at("a/..b/c"),),
    ),
    LintRule(
        id="path-with-backslashes",
        title="A path is written for one system",
        severity=Severity.MEDIUM,
        check=path_with_backslashes,
        flags=(_at("weights\\model.bin"),),
        passes=(_at("weights/model.bin"), _at("a\\xff.bin")),
    ),
    LintRule(
        id="path-twice",
        title="Two components are the same file",
        severity=Severity.HIGH,
        check=path_twice,
        flags=(_at("model.bin", "model.bin"),),
        passes=(_at("model.bin", "model2.bin"),),
    ),
    LintRule(
        id="placeholder",
        title="A word for “unknown” stands where a value should",
        severity=Severity.MEDIUM,
        check=placeholder,
        flags=(
            {"components": [{"type": "machine-learning-model", "name": "unnamed-model"}]},
            _file("x", version="unknown"),
            _file("x", supplier={"name": "N/A"}),
            _file("x", licenses=[{"license": {"name": "unknown"}}]),
            _file("x", licenses=[{"expression": "NOASSERTION"}]),
        ),
        passes=(_file("x", version="1"), _file("unknown-pleasures"), _file("TODO"), _NAN),
    ),
)
