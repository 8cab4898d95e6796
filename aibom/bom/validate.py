"""Strict validation of a CycloneDX document by cyclonedx-python-lib, in time linear in its length.

The schema demands that the items of a list are unique, and the library compares each item with
every other: minutes for 20,000 components. So the long lists are cut into slices, and the library
validates a whole document for each slice. Uniqueness across slices is what is left to check here.
"""

from __future__ import annotations

import json
import locale
import re
import sys
from collections import Counter
from contextlib import contextmanager, suppress
from importlib import import_module
from itertools import islice
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..errors import BomError
from ..scanners.shapes import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from cyclonedx.validation.json import JsonStrictValidator

SLICE = 25  # items; longer slices cost more for uniqueness, shorter ones for the rest
SHOWN = 3  # errors that are told
LOADING = Lock()

# The lists that grow with the number of files and findings: at the top, and in items of one there.
LONG = ("components", "dependencies", "vulnerabilities", "citations")
LONG_INSIDE = (("dependencies", "dependsOn"), ("compositions", "assemblies"))


def check(document: dict[str, Any]) -> None:
    """Return if `document` is strictly valid and its references are unique and lead somewhere.

    Raises:
        BomError: It is not; with the first problems.
    """
    problems = list(islice(_problems(document), SHOWN))
    if problems:
        raise BomError(
            "the bill of materials would not be valid CycloneDX, so it was not written: "
            f"{'; '.join(problems)}. This is a bug in aibom: please report it."
        )


def load(version: str = "1.7", *, alone: bool = False) -> JsonStrictValidator:
    """Return the library's validator, with everything imported that it needs.

    Takes up to 100 ms the first time; call it on a thread while files are hashed. A program that is
    `alone` (the command line: nobody else in the process uses jsonschema) saves a third of it by
    leaving out checks of formats that no CycloneDX schema names.
    """
    with LOADING:  # a second thread waits for the first
        return _validator(version, alone=alone)


_made: dict[str, JsonStrictValidator] = {}


def _validator(version: str, *, alone: bool) -> JsonStrictValidator:
    if version in _made:
        return _made[version]
    with _replaced(_STAND_INS | (_ABSENT if alone else {})), _utf8():
        from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 - 60 ms
        from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

        validator = JsonStrictValidator(SchemaVersion[f"V{version.replace('.', '_')}"])
        # The first validation reads the schemas.
        validator.validate_str(json.dumps({"bomFormat": "CycloneDX", "specVersion": version}))
    return _made.setdefault(version, validator)


@contextmanager
def _utf8() -> Generator[None]:
    """Have files opened as UTF-8, whatever the locale: so are the schemas, and nobody says it."""
    if locale.getpreferredencoding(do_setlocale=False).lower().replace("-", "") == "utf8":
        yield
        return
    before = locale.setlocale(locale.LC_CTYPE)
    for name in ("C.UTF-8", ".UTF-8", "en_US.UTF-8"):  # glibc and musl; Windows; macOS
        with suppress(locale.Error):
            locale.setlocale(locale.LC_CTYPE, name)
            break
    try:
        yield
    finally:
        locale.setlocale(locale.LC_CTYPE, before)


def _later(module: str, function: str) -> ModuleType:
    """Return a stand-in for a module that imports the real one when its function is called."""
    stand_in = ModuleType(module)

    def call(*arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - whatever the real one takes
        return getattr(import_module(module), function)(*arguments, **keywords)

    vars(stand_in)[function] = call
    return stand_in


def _plain_first(module: str, function: str) -> ModuleType:
    """Return a stand-in as `_later` does, which knows the plainest relative addresses by itself."""
    stand_in = _later(module, function)
    real: Any = vars(stand_in)[function]

    def call(term: str, value: str) -> bool:
        is_plain = term in ADDRESSES and PLAIN.fullmatch(value) is not None
        return is_plain or bool(real(term, value))

    vars(stand_in)[function] = call
    return stand_in


# Grammars that are built when imported, one of them for most of a second, to check addresses. Most
# BOMs hold only names of files and plain addresses of the web; the checks stay the same.
ADDRESSES = frozenset({"iri_reference"})
PLAIN = re.compile(
    r"(?:https?://[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}/?)?"
    r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})*(?:/(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+)*/?"
)
_STAND_INS = {
    "rfc3987_syntax": _plain_first("rfc3987_syntax", "is_valid_syntax"),
    "rfc3986_validator": _later("rfc3986_validator", "validate_rfc3986"),
}
# What checks formats that no schema of ours names -> those formats; jsonschema does without.
UNUSED_FORMATS = {
    "fqdn": ("hostname",),
    "isoduration": ("duration",),
    "jsonpointer": ("json-pointer", "relative-json-pointer"),
    "uri_template": ("uri-template",),
    "webcolors": ("color",),
}
_ABSENT: dict[str, ModuleType | None] = dict.fromkeys(UNUSED_FORMATS)


@contextmanager
def _replaced(modules: Mapping[str, ModuleType | None]) -> Generator[None]:
    """While jsonschema is imported, if it is, let it find these modules, or none of a name."""
    if "jsonschema" in sys.modules:
        yield
        return
    ours = {name: module for name, module in modules.items() if name not in sys.modules}
    imported: dict[str, Any] = sys.modules  # which may hold None: "there is none"
    imported |= ours
    try:
        yield
    finally:
        for name in ours:
            imported.pop(name, None)


def _problems(document: dict[str, Any]) -> Iterator[str]:
    is_valid = True
    for fault in faults(document):
        is_valid = False
        yield fault
    if is_valid:  # then every reference is where it is looked for
        yield from _bad_references(document)


def faults(document: dict[str, Any]) -> Iterator[str]:
    """Yield what the schema of its version has against `document`, whoever wrote it.

    References are not followed. The version must be one that the library knows.
    """
    misshapen = list(_misshapen(document))
    if misshapen:
        yield from misshapen
        return
    validator = load(document["specVersion"])
    for part in slices(document):
        errors: Any = validator.validate_str(json.dumps(part), all_errors=True)
        for error in errors or ():
            yield f"{error.data.json_path}: {error.data.message:.200}"


def _misshapen(document: dict[str, Any]) -> Iterator[str]:
    """Yield where a long list is none, so that it could not be cut, or holds a thing twice."""
    for key in dict.fromkeys((*LONG, *dict(LONG_INSIDE))):
        if not is_list(document.get(key, [])):
            yield f"$.{key} is no list"
    for key, inner in LONG_INSIDE:
        items: object = document.get(key, [])
        seen: set[str] = set()
        for number, item in enumerate(items if is_list(items) else ()):
            if not is_object(item) or not is_list(item.get(inner, [])):
                yield f"$.{key}[{number}] is no object, or its {inner} no list"
            text = json.dumps(item, sort_keys=True)
            if text in seen:
                yield f"$.{key}[{number}] stands there before"
            seen.add(text)


def slices(document: dict[str, Any], length: int = SLICE) -> Iterator[dict[str, Any]]:
    """Yield documents that together hold all of `document`, each with short lists only."""
    frame = {key: value for key, value in document.items() if key not in LONG}
    for key, inner in LONG_INSIDE:
        if key in frame:
            frame[key] = _without(frame[key], inner)
    yield frame
    fixed = {key: document[key] for key in ("bomFormat", "specVersion")}
    for key in LONG:
        for items in _cut(document.get(key, []), length):
            yield fixed | {key: _without(items, dict(LONG_INSIDE).get(key, ""))}
    for key, inner in LONG_INSIDE:
        for item in document.get(key, []):
            for items in _cut(item.get(inner, []), length):
                yield fixed | {key: [item | {inner: items}]}


def _without(items: list[dict[str, Any]], inner: str) -> list[dict[str, Any]]:
    """Return the items with one text, in each another, in the list `inner` where they have one."""
    return [
        item | {inner: [str(number)]} if inner in item else item
        for number, item in enumerate(items)
    ]


def _cut(items: list[Any], length: int) -> Iterator[list[Any]]:
    for start in range(0, len(items), length):
        yield items[start : start + length]


# --- References -----------------------------------------------------------------------------------


def _bad_references(document: dict[str, Any]) -> Iterator[str]:
    """Yield what the schema cannot say: references stand once, and lead to something."""
    defined = list(_defined(document))
    known = set(defined)
    if len(known) != len(defined):
        seen = Counter(defined)
        yield from (f"bom-ref {ref!r} stands {n} times" for ref, n in seen.items() if n > 1)
    for where, refs in _used(document):
        if len(set(refs)) != len(refs):
            yield f"{where} names a reference twice"
        yield from (f"{where} names {ref!r}, which is nowhere" for ref in refs if ref not in known)


def _defined(document: dict[str, Any]) -> Iterator[str]:
    metadata = document.get("metadata", {})
    subject = [metadata["component"]] if "component" in metadata else []
    for key in ("components", "vulnerabilities"):
        for item in document.get(key, []):
            yield item.get("bom-ref", "")
    for item in (*metadata.get("tools", {}).get("components", []), *subject):
        yield item.get("bom-ref", "")
    for item in (*subject, *document.get("components", [])):
        family = item.get("pedigree", {})
        for each in (*family.get("ancestors", []), *family.get("variants", [])):
            if "bom-ref" in each:
                yield each["bom-ref"]


def _used(document: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for item in document.get("dependencies", []):
        yield "dependencies", [item["ref"]]
        yield "dependsOn", item.get("dependsOn", [])
    for item in document.get("compositions", []):
        yield "compositions.assemblies", item.get("assemblies", [])
        yield "compositions.dependencies", item.get("dependencies", [])
    for item in document.get("vulnerabilities", []):
        yield "affects", [each["ref"] for each in item.get("affects", [])]
    for item in document.get("citations", []):
        yield "citations.attributedTo", [item["attributedTo"]]
    subject = document.get("metadata", {}).get("component", {})
    for item in (subject, *document.get("components", [])):
        parameters = item.get("modelCard", {}).get("modelParameters", {})
        yield "datasets", [each["ref"] for each in parameters.get("datasets", []) if "ref" in each]
