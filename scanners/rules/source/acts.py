"""What a call by its full name does to the machine, for code that people write themselves.

Source is judged by the primitives that it names, not by all that a library can reach: honest models
call half of their framework.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHOWN = 3  # calls in one sentence

_PROCESS = (
    r"(?:os|posix|nt)\.(?:system|popen\w*|spawn\w+|exec[lv]\w*|posix_spawnp?|startfile|fork\w*)",
    r"(?:subprocess|commands|popen2|pty|pexpect|sh|plumbum|fabric|invoke)\.\w[\w.]*",
    r"asyncio\.(?:subprocess\.)?create_subprocess_\w+",
    r"webbrowser\.open\w*",
)
_CODE = (
    r"eval|exec|compile",
    r"(?:code|codeop|runpy)\.\w[\w.]*",
    r"marshal\.loads?",
    r"types\.(?:FunctionType|CodeType)",
)
_NATIVE = (r"ctypes\.(?:CDLL|PyDLL|WinDLL|OleDLL|cdll|pydll|windll|oledll)(?:\.\w+)*",)
_SEND = (
    r"socket\.(?:socket|create_connection|create_server|fromfd)",
    r"requests\.(?:Session\.)?(?:post|put|patch|delete|request)",
    r"httpx\.(?:(?:Async)?Client\.)?(?:post|put|patch|delete|request|stream)",
    r"(?:http\.client|httplib|ftplib|smtplib|telnetlib|paramiko|websocket|websockets)\.\w[\w.]*",
)
_FETCH = (
    r"(?:requests|httpx)\.(?:(?:Session|Client|AsyncClient)\.)?(?:get|head)",
    r"requests\.Session|httpx\.(?:Async)?Client",
    r"urllib\.(?:request\.\w[\w.]*|urlopen|urlretrieve)|(?:urllib2|urllib3|aiohttp)\.\w[\w.]*",
)


_WRITE = (
    r"(?:io\.|codecs\.|gzip\.)?open\([^,]*, (?:mode=)?'[^']*[wax+][^']*'.*\)",
    r"os\.(?:remove|unlink|rename|renames|replace|rmdir|removedirs|chmod|chown|symlink|link)\(.*",
    r"pathlib\.\w*Path\.(?:write_\w+|unlink|rename|replace|symlink_to|hardlink_to|chmod|rmdir)\(.*",
    r"pathlib\.\w*Path\.open\((?:mode=)?'[^']*[wax+][^']*'.*\)",
    r"shutil\.(?:copy\w*|move|rmtree|chown|unpack_archive)\(.*",
)
WRITES = re.compile("|".join(_WRITE), re.DOTALL)  # the whole call, as only its mode tells


def _any(*groups: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(pattern for group in groups for pattern in group))


AT_IMPORT = _any(_PROCESS, _CODE, _NATIVE, _SEND, _FETCH)  # honest modules define, and do nothing
AT_INIT = _any(_PROCESS, _CODE, _SEND)  # honest models may fetch their weights, and load kernels
LATER = _any(_PROCESS, _CODE, _NATIVE, _SEND, _FETCH)


def calls(found: Iterable[str], which: re.Pattern[str], *, writing: bool = False) -> Iterator[str]:
    """Yield the calls (``LINE: name(arguments)``) whose name is one of `which`, in words.

    With `writing`, those too that change files.
    """
    for text in found:
        line, _, call = text.partition(": ")
        if which.fullmatch(call.partition("(")[0]) or (writing and WRITES.fullmatch(call)):
            yield f"{call} (line {line})"


def listed(found: Iterable[str]) -> str:
    """Return the first calls, and how many more there are; "" for none."""
    every = list(found)
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + more
