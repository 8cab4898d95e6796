"""What makes a call worth a closer look.

The pickle kernel, which merges calls that are alike, and the rules, which judge one of each kind,
have to agree about it.
"""

from __future__ import annotations

import re

from .values import Opaque

# Arguments of the calls beyond those that are kept, or keywords of one that stands for many.
MANY = Opaque("more calls, with other arguments")

# Bytes that protocols before 3 write as a text, where a loader of the pickle would load them: they
# were decoded, and are judged as a part.
READ_APART = Opaque("bytes that are read apart")

PATH_OR_CODE = re.compile(r"[/\\\\;|&$`(){}<>\s=]|\.\.|://|^[\w-]+\.[\w.-]+$")
SHORTEST_TEXT = 4  # characters; shorter ones name no file, address or command


def is_telling(text: str) -> bool:
    """Whether a text could be a path, an address, a command or code."""
    return len(text) >= SHORTEST_TEXT and PATH_OR_CODE.search(text) is not None
