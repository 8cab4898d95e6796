"""Settings of a project: `aibom.toml`, or `[tool.aibom]` in `pyproject.toml`.

::

    policy = "release"
    fail-on = "medium"
    waivers = ".aibom-waivers.yaml"
    baseline = "aibom-baseline.json"
    require-lock = true
    jobs = 2
    cache = ".aibom-cache"

They are defaults of options; an option that is given wins. A file that `--config` names is obeyed
whole. One that merely lies in the current folder may have come with a model, as a part of
somebody's repository: it can only make a verdict stricter, and not even that if it lies in what is
scanned.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import operator_file
from .errors import TargetError
from .folder import readable
from .policy_file import BUNDLED
from .scanners.rule import Severity
from .scanners.shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NAME, PYPROJECT = "aibom.toml", "pyproject.toml"
FILES = ("waivers", "baseline", "cache")  # name files or folders, from that of the settings
# How [tool.aibom] may begin, escaped too. A file without it need not be read as TOML, which takes
# longer than to judge ten small files.
MENTIONED = re.compile(rb"""tool["']?[ \t]*(?:\.[ \t]*["']?aibom|\]|=)|\\[uU]""")
LEVELS = ("never", *(level.name.lower() for level in Severity))


def read_settings(path: Path) -> dict[str, Any]:
    """Return the settings in a file: names of options with underscores, and their values.

    Raises:
        TargetError: It cannot be read, or says something that is not understood.
    """
    import tomllib  # noqa: PLC0415 - most runs have no such file

    where = readable(str(path))
    try:
        found: Any = tomllib.loads(operator_file.read(path, "file of settings").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TargetError(f"{where}: no TOML: {error}.") from error
    if path.name == PYPROJECT:
        found = found.get("tool", {}).get("aibom", {})
    if not is_object(found):
        raise TargetError(f"{where}: [tool.aibom] is no table.")
    settings: dict[str, Any] = {}
    for key, value in found.items():
        if key not in READERS:
            from difflib import get_close_matches  # noqa: PLC0415 - of a mistake alone

            near = get_close_matches(key, READERS, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(READERS)}."
            raise TargetError(f"{where}: {key!r:.80} is unknown. {hint}")
        is_right, expected = READERS[key]
        if not is_right(value):
            raise TargetError(f"{where}: {key} is {value!r:.80}, expected {expected}.")
        settings[key.replace("-", "_")] = value
    return _placed(settings, path.parent)


def _placed(settings: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return settings whose files are named from here, not from the folder of the settings."""
    named = {key: str(folder / settings[key]) for key in FILES if key in settings}
    policy = settings.get("policy")
    if policy is not None and policy not in BUNDLED and (folder / policy).is_file():
        named["policy"] = str(folder / policy)
    return settings | named


def discovered(targets: Iterable[str]) -> tuple[Path | None, Path | None]:
    """Return the file of the current folder that is obeyed, and one that is not.

    A file in a target is not: whoever made the model could have put it there.

    Raises:
        TargetError: `pyproject.toml` mentions aibom and is no TOML.
    """
    own = next((path for path in (Path(NAME), Path(PYPROJECT)) if _has_settings(path)), None)
    if own is None:
        return None, None
    places = (own.resolve(), Path.cwd().resolve() / own.name)  # a link may lead out of a target
    wholes = [Path(target).resolve() for target in targets]
    if any(place.is_relative_to(whole) for place in places for whole in wholes):
        return None, own
    return own, None


def stricter(settings: dict[str, Any]) -> dict[str, Any]:
    """Return those of the settings that cannot turn a failure into a pass."""
    return {name: value for name, value in settings.items() if STRICTER[name](value)}


def _has_settings(path: Path) -> bool:
    if not path.is_file():
        return False
    if path.name == NAME:
        return True
    is_mentioned = MENTIONED.search(operator_file.read(path, "file of settings"))
    return bool(is_mentioned and read_settings(path))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


STRICTER: dict[str, Callable[[Any], bool]] = {  # whether a value demands no less than the default
    "policy": lambda value: value in BUNDLED,
    "fail_on": lambda value: value in {"info", "low", "medium", "high"},
    "waivers": lambda _: False,
    "baseline": lambda _: False,
    "cache": lambda _: False,
    "require_lock": lambda _: True,
    "sha512": lambda _: True,
    "jobs": lambda _: True,
}
READERS: dict[str, tuple[Callable[[object], bool], str]] = {
    "policy": (_is_text, "the name or the file of a policy"),
    "fail-on": (lambda value: value in LEVELS, f"one of {', '.join(LEVELS)}"),
    "waivers": (_is_text, "a file"),
    "baseline": (_is_text, "a file"),
    "cache": (_is_text, "a folder"),
    "require-lock": (_is_bool, "true or false"),
    "sha512": (_is_bool, "true or false"),
    "jobs": (_is_count, "a number"),
}
