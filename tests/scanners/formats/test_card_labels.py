"""What a card's text says behind labels, and which licence it names."""

import pytest

from aibom.scanners import kits
from aibom.scanners.facts import Fact, Licence, Metadata
from aibom.scanners.formats.card import FORMAT
from tests.helpers.reading import facts

kits.load_all()


def shown(data: bytes, fact: Fact) -> bytes:
    return data[fact.at.start : fact.at.end]


LABELLED = b"""# Cats
- **Developed by:** [The *cat* people](https://example.com)
- **Shared by [optional]:** Ann
- **License:** `MIT`.
- **License:** GPL
**Developers**: somebody else
"""


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        (b"", [("body.licence", "MIT", b"`MIT`.")]),
        (b"---\nlicense: other\n---\n", [("license", "other", b"other")]),
    ],
    ids=["no front matter", "a licence in the front matter"],
)
def test_values_behind_labels_are_told_once_and_a_licence_if_there_is_no_other(
    front: bytes, expected: list[tuple[str, str, bytes]]
) -> None:
    data = front + LABELLED
    found = facts(FORMAT, data, Licence, "README.md")
    assert [(fact.key, fact.value, shown(data, fact)) for fact in found] == expected
    (developer,) = facts(FORMAT, data, Metadata, "README.md")
    assert (developer.key, developer.value, shown(data, developer)) == (
        "body.developed-by",
        "The cat people",
        b"[The *cat* people](https://example.com)",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"## License\n\nApache 2.0\n", ["Apache 2.0"]),
        (b"## 7. License\n[MIT](LICENSE)\n", ["MIT"]),
        (b"## License\n\nThe code is free.\nThe weights are not.\n", []),
        (b"## License\n\nThis model is MIT licensed.\n", []),
        (b"## License\n\nSee [LICENSE](LICENSE).\n", []),
        (b"**License:** A licence of our own, which is said at the end of this.\n", []),
        (b"## License\n\n[More Information Needed]\n", []),
        (b"- **License:** unknown\n", []),
        (b"- **License:** " + b"x" * 201, []),
        (b"```\nlicense: mit\n```\n", []),
    ],
    ids=[
        *("line", "link", "sentences", "a sentence", "a pointer", "a long label", "unfilled"),
        *("unknown", "long", "code"),
    ],
)
def test_a_licence_in_the_text_is_a_name_and_no_sentence(text: bytes, expected: list[str]) -> None:
    assert [fact.value for fact in facts(FORMAT, text, Licence, "README.md")] == expected
