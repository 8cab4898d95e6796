"""What the locked process must have before its lock."""

import ast
from collections.abc import Iterator
from pathlib import Path

from aibom.scanners.child import CODECS
from tests.helpers.checkout import ROOT

HANDLERS = {"strict", "replace", "backslashreplace", "surrogatepass", "surrogateescape", "ignore"}


def codecs_named(path: Path) -> Iterator[str]:
    """Yield the codec of every decode() and encode() with a literal name."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="decode" | "encode"),
                args=[ast.Constant(value=str() as name), *_],
            ):
                yield name
            case _:
                pass


def test_every_codec_that_a_parser_names_is_loaded_before_the_lock() -> None:
    parsers = [p for p in (ROOT / "scanners").rglob("*.py") if "isolate" not in p.parts]
    named = {name.lower() for path in parsers for name in codecs_named(path)} - HANDLERS
    assert named
    assert named <= set(CODECS)
