"""Files called ``.json`` that hold one JSON object a line: records and reports, not a document.

JSON Lines (https://jsonlines.org/). No loader of models reads a configuration like that: under a
name that one looks for, it is a broken document.
"""

from __future__ import annotations

from .json_comments import FOR_LOADERS, NAMES

MOST = 100_000  # lines


def rows(text: str, name: str) -> tuple[str, ...]:
    """Return the lines that are not empty and begin an object; none if there are not several.

    `name` is the file's own, in small letters.
    """
    if name in NAMES or not name.endswith(".json") or FOR_LOADERS.fullmatch(name):
        return ()
    if text.count("\n") > MOST:
        return ()
    found = tuple(line for line in text.split("\n") if line.strip(" \t\r"))
    is_begun = len(found) > 1 and all(line.lstrip(" \t")[:1] == "{" for line in found)
    return found if is_begun else ()
