"""JSON with comments, as editors and compilers write it for themselves (`.vscode/settings.json`).

Comments are `//` to the end of the line and `/* */`; a comma may stand after the last item
(https://code.visualstudio.com/docs/languages/json#_json-with-comments). What loads models refuses
such a document, so it says nothing about one; but a document that could be meant for a loader, by a
key, a word or its name, stays one that was not read.
"""

from __future__ import annotations

import re

from ..patterns import pattern
from .json_roles import ROLES

# Every alternative takes what it began, or all that is left: each character is looked at once.
STRING = r'"(?:[^"\\]|\\.)*+"?'
COMMENT = pattern(rf"({STRING})|//[^\r\n]*|/\*(?:.*?\*/|.*)", re.DOTALL)
LAST_COMMA = pattern(rf"({STRING})|,(?=\s*[}}\]])", re.DOTALL)
MOST = 1 << 20  # characters; whoever writes comments writes by hand

# Words by which a loader finds its files, alone or behind a separator: not `tsconfig.json`.
FOR_LOADERS = pattern(
    r"(?:.*[_. -])?(?:args|classes|configs?|configuration|datasets?|hparams|hyperparameters|index|"
    r"infos?|labels?|manifest|map|merges|metadata|models?|modules|params|parameters|pipelines?|"
    r"recipe|results|states?|stats|templates?|tekken|tokenizer|tokens|vocab|vocabulary|weights)"
    r"\.json"
)
SIGNS = tuple({sign for role in ROLES.values() for sign in role.signs})
NAMES = frozenset({name for role in ROLES.values() for name in role.names})


def is_begun(head: bytes, name: str) -> bool:
    """Whether a file called JSON begins with a comment."""
    return head.startswith((b"//", b"/*")) and name.lower().endswith(".json")


def without_comments(text: str, name: str) -> str | None:
    """Return the JSON in `text`, or None if this could be a document for a loader."""
    if len(text) > MOST or not name.endswith(".json"):
        return None
    if name in NAMES or FOR_LOADERS.fullmatch(name):
        return None
    if any(sign in text for sign in SIGNS):  # in comments, too: readers differ in where one ends
        return None
    bare = COMMENT.sub(lambda found: found[1] or " ", text)
    return LAST_COMMA.sub(lambda found: found[1] or " ", bare)
