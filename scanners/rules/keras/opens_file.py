"""A configuration of Keras with a layer that reads a file elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...facts import Configured
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

OUTSIDE = re.compile(r"[/\\~]|[A-Za-z][A-Za-z0-9+.-]*:|(?:.*[/\\])?\.\.(?:[/\\].*)?$", re.DOTALL)
SHOWN = 200  # characters


def check(found: Configured) -> Iterator[str]:
    """A layer that looks words up opens its vocabulary by path or address when it is made.

    What is read becomes part of the model, and can leave with it or with what it answers: a key, a
    password file, or what an address inside of your network says. Keras itself writes the words
    into the file and clears the path.

    What to do: do not load it; ask for a model that holds its vocabulary.
    """
    if found.kind == "file" and OUTSIDE.match(found.name):
        yield f"{found.key} has {found.name[:SHOWN]!r} read when the layer is made"


def _opens(name: str) -> Configured:
    return Configured(
        loader="keras", kind="file", key="config.layers[1].config.vocabulary", name=name
    )


RULE = Rule(
    id="keras-opens-file",
    title="A layer reads a file or address outside the model",
    severity=Severity.HIGH,
    on=Configured,
    check=check,
    refs=("CWE-73", "CWE-918"),
    flags=tuple(
        map(
            _opens,
            ("/etc/passwd", "~/.ssh/id_rsa", "http://169.254.169.254/", "a/../../b", "..", "C:\\x"),
        )
    ),
    passes=(_opens("vocabulary.txt"), _opens("assets/words..txt")),
)
