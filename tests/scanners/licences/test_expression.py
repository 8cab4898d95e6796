"""SPDX expressions are read strictly and given back as SPDX spells them."""

import pytest

from aibom.scanners.licences.expression import Expression, NotAnExpression, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mit", Expression("MIT", ("MIT",))),
        (" Apache-2.0  or mit ", Expression("Apache-2.0 OR MIT", ("Apache-2.0", "MIT"))),
        (
            "MIT AND (BSD-3-Clause OR GPL-2.0+) AND MIT",
            Expression(
                "MIT AND (BSD-3-Clause OR GPL-2.0+) AND MIT", ("MIT", "BSD-3-Clause", "GPL-2.0+")
            ),
        ),
        (
            "apache-2.0 with llvm-exception",
            Expression("Apache-2.0 WITH LLVM-exception", ("Apache-2.0",)),
        ),
        ("mpl-1.1+", Expression("MPL-1.1+", ("MPL-1.1+",))),
        ("LicenseRef-Own-1.0", Expression("LicenseRef-Own-1.0", ("LicenseRef-Own-1.0",))),
        (
            "DocumentRef-a:LicenseRef-b",
            Expression("DocumentRef-a:LicenseRef-b", ("DocumentRef-a:LicenseRef-b",)),
        ),
    ],
    ids=["id", "or", "brackets", "exception", "later", "own", "document"],
)
def test_an_expression_is_spelled_as_spdx_does(text: str, expected: Expression) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it ends where a licence should stand"),
        ("MIT OR", "it ends where a licence should stand"),
        ("MIT Apache-2.0", "'Apache-2.0' stands where AND, OR or the end should"),
        ("(MIT", "a bracket is not closed"),
        ("MIT)", "')' stands where AND, OR or the end should"),
        ("MIT WITH", "no known exception stands after WITH"),
        ("MIT WITH MIT", "no known exception stands after WITH"),
        ("Llama-3.1", "'Llama-3.1' is no licence of the SPDX list"),
        ("LLVM-exception", "'LLVM-exception' is no licence of the SPDX list"),
        ("+LLVM-exception", "'+LLVM-exception' is no licence of the SPDX list"),
        ("nothing+", "'nothing+' is no licence of the SPDX list"),
        ("MIT, BSD", "no expression from character 3"),
        ("MIT AND " * 300 + "MIT", "no expression from character 1999"),
        ("(" * 21 + "MIT", "more than 20 brackets in each other"),
    ],
)
def test_what_is_none_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(NotAnExpression) as raised:
        parse(text)
    assert str(raised.value) == why


def test_one_licence_is_told_from_more() -> None:
    texts = ["MIT", "MIT OR ISC", "Apache-2.0 WITH LLVM-exception", "(MIT)"]
    assert [parse(text).is_one for text in texts] == [True, False, False, False]
