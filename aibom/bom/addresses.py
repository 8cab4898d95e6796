"""Addresses and names of repositories as files spell them, and the package URLs of the latter.

https://github.com/package-url/purl-spec: the type `huggingface` has a namespace, is case-sensitive,
and its version is the full hash of a commit.
"""

from __future__ import annotations

import re
from urllib.parse import quote

ADDRESS = re.compile(
    r"https?://[A-Za-z0-9.-]{1,253}(?::\d{1,5})?(?:/[\w.~%/?=&#@:+,-]*)?", re.ASCII
)
MAX_ADDRESS = 2000  # characters
BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
PART = r"[A-Za-z0-9][\w.-]{0,95}"
HUB = re.compile(
    rf"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/({PART}/{PART}?)(?:/.*|\.git)?", re.ASCII
)
NAME = re.compile(rf"{PART}/{PART}", re.ASCII)
NO_OWNERS = frozenset({"datasets", "spaces", "models", "api", "docs", "blog", "papers"})


def is_address(text: str) -> bool:
    """Whether `text` is a plain address on the web, fit for a field that takes nothing else."""
    is_plain = len(text) <= MAX_ADDRESS and ADDRESS.fullmatch(text) is not None
    return is_plain and text.count("#") <= 1 and not BAD_ESCAPE.search(text)


def hub_name(text: str) -> str:
    """Return the ``owner/name`` that an address of the Hub, or such a name itself, stands for."""
    found = HUB.fullmatch(text.strip())
    name = found[1] if found else text.strip()
    return name if NAME.fullmatch(name) and name.partition("/")[0] not in NO_OWNERS else ""


def hub_purl(name: str, commit: str = "") -> str:
    """Return the package URL of the model ``owner/name`` on the Hugging Face Hub."""
    owner, _, own = name.partition("/")
    version = f"@{commit}" if commit else ""
    return f"pkg:huggingface/{quote(owner, safe='')}/{quote(own, safe='')}{version}"


def hub_download(name: str, commit: str) -> str:
    """Return the address of the files of ``owner/name`` at a commit on the Hugging Face Hub."""
    return f"https://huggingface.co/{name}/tree/{commit}"


def file_purl(name: str, sha256: str) -> str:
    """Return a package URL for a file that nobody published under a name, by its content."""
    return f"pkg:generic/{quote(name, safe='')}?checksum=sha256:{sha256}"


def library_purl(name: str, version: str = "") -> str:
    """Return the package URL of a Python package, whose name is normalised as PyPI does."""
    plain = re.sub(r"[-_.]+", "-", name).lower()
    return f"pkg:pypi/{quote(plain, safe='')}" + (f"@{quote(version, safe='')}" if version else "")
