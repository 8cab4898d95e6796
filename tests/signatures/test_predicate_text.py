"""A BOM file is compared as text with the signed one, but only where that shows what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aibom.signatures.statement import compare_bom, parse_statement
from aibom.signatures.strictjson import dumps
from tests.signatures.examples import BOM_NAME, Document, bom, code_of, dump, statement

if TYPE_CHECKING:
    from collections.abc import Callable

FORMS: dict[str, tuple[Callable[[Document], bytes], bool]] = {
    "as ours are": (dumps, True),
    "a newline at the end": (lambda it: dumps(it) + b"\n", False),
    "a space at the start": (lambda it: b" " + dumps(it), False),
    "space inside": (dump, False),
    "the predicate first": (lambda it: dumps(dict(reversed(it.items()))), False),
    "one more member": (lambda it: dumps({**it, "x": 1}), False),
}


@pytest.mark.parametrize(("form", "is_known"), FORMS.values(), ids=FORMS)
def test_the_text_of_the_predicate_is_known_of_a_payload_with(
    form: Callable[[Document], bytes], *, is_known: bool
) -> None:
    document = statement()
    found = parse_statement(form(document), bom_name=BOM_NAME)
    assert found.bom_text == (dumps(document["predicate"]) if is_known else b"")
    assert found.bom == document["predicate"]


@pytest.mark.parametrize(
    "raw",
    [dump(bom()) + b"}", b"[" + dump(bom()), dump(bom())[:-1], dump(bom()).replace(b'"', b"")],
)
def test_a_bom_that_is_no_json_is_refused(raw: bytes) -> None:
    text = dumps(bom())
    assert code_of(lambda: compare_bom("b", raw, bom(), text)) == "json-malformed"


def test_another_order_and_other_escapes_say_the_same() -> None:
    raw = dump(dict(reversed(bom().items()))).replace(b"CycloneDX", b"\\u0043ycloneDX")
    compare_bom("b", raw, bom(), dumps(bom()))
    other = dump({**bom(), "version": True})
    code = code_of(lambda: compare_bom("b", other, bom(), dumps(bom())))
    assert code == "bom-differs-from-predicate"
