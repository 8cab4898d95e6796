"""Which classes an annotation says a parameter is an instance of."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 4
_PLAIN = {"str", "int", "float", "bool", "bytes", "Any", "object", "dict", "list", "tuple", "None"}
_WRAPPERS = {"Optional", "Union", "Annotated", "Final"}
_OTHERS = {  # their arguments are not what the value is
    "Callable", "List", "Dict", "Sequence", "Iterable", "list", "dict", "Tuple", "tuple", "Literal",
    "Type", "type", "Any",
}  # fmt: skip


def classes_of(annotation: ast.expr | None, depth: int = 0) -> Iterator[ast.expr]:
    """Yield the names and attributes in `annotation` that are classes of the value itself."""
    if annotation is None or depth > DEEPEST:
        return
    if isinstance(annotation, ast.Constant):
        yield from _text(annotation, depth)
    elif isinstance(annotation, ast.Name | ast.Attribute):
        if _last(annotation) not in _PLAIN:
            yield annotation
    elif isinstance(annotation, ast.BinOp):
        yield from classes_of(annotation.left, depth + 1)
        yield from classes_of(annotation.right, depth + 1)
    elif isinstance(annotation, ast.Subscript):
        yield from _subscript(annotation, depth)


def _text(annotation: ast.Constant, depth: int) -> Iterator[ast.expr]:
    if not isinstance(annotation.value, str):
        return
    try:
        parsed = ast.parse(annotation.value, mode="eval")
    except (SyntaxError, ValueError):
        return
    yield from classes_of(parsed.body, depth + 1)


def _subscript(annotation: ast.Subscript, depth: int) -> Iterator[ast.expr]:
    name = _last(annotation.value)
    if name in _WRAPPERS:
        inner = annotation.slice
        for each in inner.elts if isinstance(inner, ast.Tuple) else [inner]:
            yield from classes_of(each, depth + 1)
    elif name not in _OTHERS:
        yield from classes_of(annotation.value, depth + 1)


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
