"""The strict schema of CycloneDX, applied in time linear in the document.

The schemas are those of cyclonedx-python-lib. Two of the checks of jsonschema are replaced, which
take quadratic time, or a millisecond a character, and so do not suit a stranger's BOM: whether the
items of a list are unique, and whether a text is an address (RFC 3987).
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any

from ...scanners.rule import Severity
from ...scanners.shapes import is_list, is_object
from .. import validate
from .document import Node
from .rule import MOST, LintRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

    from ..document import Json
    from .document import Document
    from .rule import Told

SHOWN = 300  # characters of a message, which quotes what it is about
QUOTED = 200  # characters of one beside others

# RFC 3987, section 2.2: what may stand in an IRI reference; then the one place for brackets.
_UCS = "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U000efffd"
_NAME = rf"A-Za-z0-9\-._~!$&'()*+,;={_UCS}"
_PLAIN = rf"{_NAME}:@"
_ENCODED = "%[0-9A-Fa-f]{2}"
# Possessive throughout (`++`): nothing is tried twice, and a long text takes no memory.
_AUTHORITY = (
    rf"(?:(?:[:{_NAME}]++|{_ENCODED})*+@)?"
    rf"(?:\[[0-9A-Fa-fv:.]++\]|(?:[{_NAME}]++|{_ENCODED})*+)(?::[0-9]*+)?"
)
IRI_REFERENCE = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.\-]*+:|(?![^/?#:]*+:))"  # a scheme, or no colon in the first step
    rf"(?://{_AUTHORITY}(?=[/?#]|\Z)|(?!//))"
    rf"(?:[/{_PLAIN}]++|{_ENCODED})*+"
    rf"(?:\?(?:[/?\ue000-\uf8ff{_PLAIN}]++|{_ENCODED})*+)?"
    rf"(?:\#(?:[/?{_PLAIN}]++|{_ENCODED})*+)?"
)
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*+:")


def check(document: Document) -> Told:
    """Readers may refuse the whole document, or drop what they do not know without a word.

    What to do: mend what is named, or the program that wrote it. The schema forbids keys that it
    does not name: what has no place of its own goes into `properties`.
    """
    errors: Iterator[ValidationError] = _validator(document.version).iter_errors(
        document.root.value
    )
    for error in islice(errors, MOST):  # the rest would be looked for before it is dropped
        yield _place(document.root, error.absolute_path), f"{error.message:.{SHOWN}}"


def faults(root: Json) -> Iterator[str]:
    """Yield where, by JSON path, a document breaks the schema of its version, and how.

    The version must be one that there is a schema of.
    """
    for error in _validator(root["specVersion"]).iter_errors(root):
        yield f"{error.json_path}: {error.message:.{QUOTED}}"


def _place(root: Node, steps: Any) -> Node:  # noqa: ANN401 - a deque of keys and indexes
    node = root
    for step in steps:
        node = Node(node.value[step], node, step)
    return node


@cache
def _validator(version: str) -> Validator:
    validate.load(version)  # imports jsonschema without its slow parts
    from jsonschema import Draft7Validator, FormatChecker, validators  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415
    from referencing.jsonschema import DRAFT7  # noqa: PLC0415

    shared = ("spdx", "jsf-0.82", "cryptography-defs")
    strict = "-strict" if version in {"1.2", "1.3"} else ""
    resources = [
        (f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", DRAFT7.create_resource(found))
        for name, found in ((name, _schema(name)) for name in shared)
    ]
    registry: Any = Registry
    formats = FormatChecker(("date-time", "idn-email"))
    formats.checks("iri-reference")(_is_iri_reference)
    formats.checks("uri")(_is_uri)
    untyped: Any = validators
    made: Validator = untyped.extend(Draft7Validator, {"uniqueItems": _unique})(
        _schema(f"bom-{version}{strict}"),
        registry=registry().with_resources(resources),
        format_checker=formats,
    )
    return made


def _schema(name: str) -> dict[str, Any]:
    file = files("cyclonedx.schema") / "_res" / f"{name}.SNAPSHOT.schema.json"
    schema: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return schema


def _is_iri_reference(value: object) -> bool:
    return not isinstance(value, str) or IRI_REFERENCE.fullmatch(value) is not None


def _is_uri(value: object) -> bool:
    is_whole = isinstance(value, str) and value.isascii() and SCHEME.match(value) is not None
    return not isinstance(value, str) or (is_whole and _is_iri_reference(value))


def _unique(_: object, wanted: object, items: object, __: object) -> Iterator[ValidationError]:
    from jsonschema import ValidationError  # noqa: PLC0415

    if not wanted or not is_list(items):
        return
    seen: dict[str, int] = {}
    for index, item in enumerate(items):
        first = seen.setdefault(_canonical(item), index)
        if first != index:
            yield ValidationError(f"items {first} and {index} of this list are the same")
            return


def _canonical(value: object) -> str:
    """Return a text that two values share if JSON Schema calls them equal: 1 and 1.0 do."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    if is_object(value):
        return {key: _plain(each) for key, each in value.items()}
    if is_list(value):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


RULE = LintRule(
    id="schema-invalid",
    title="The document breaks the schema of its version",
    severity=Severity.HIGH,
    check=check,
    flags=(
        {"components": [{"type": "model", "name": "m"}]},
        {"metadata": {"component": {"type": "machine-learning-model", "name": "m", "_todo": ""}}},
        {"components": [{"type": "file", "name": "m", "licenses": [{"license": {"id": "?"}}]}]},
    ),
    passes=(
        {},
        {"signature": {"algorithm": "ES256", "value": "AA=="}},
        {"components": [{"type": "machine-learning-model", "name": "m", "modelCard": {}}]},
    ),
)
