"""Python text of a wheel or of an interpreter's standard library, lowered; cached under build/."""

from __future__ import annotations

import functools
import json
import marshal
import re
import subprocess
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from .ir import Module, from_plain, to_plain
from .lower import lower
from .native import reach

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SHARED_OBJECT = re.compile(r"(.+?)(?:\.cpython-[^/]*|\.abi3|\.cp\d+-[^/]*)?\.(?:so|pyd)$")
_DATA = re.compile(r"^[^/]+\.data/(?:purelib|platlib)/")
_TESTS = {"test", "tests", "turtledemo", "__pycache__"}  # a pickle that names one names the unknown
LARGEST_NATIVE = 1 << 29  # bytes of a shared object that is read for its import table
LARGEST_TEXT = 4_000_000  # bytes; larger modules are generated tables

_NAMES = """
import importlib, json, os, sys, sysconfig, warnings
warnings.simplefilter("ignore")
found, names = {}, set(sys.builtin_module_names)
folder = sysconfig.get_path("platstdlib") + "/lib-dynload"
names.update(each.split(".")[0] for each in os.listdir(folder))
for name in sorted(names):
    if name.startswith(("_test", "xx", "_xx")) and name != "_xxsubinterpreters":
        continue
    try:
        module = importlib.import_module(name)
    except Exception:
        continue
    found[name] = {}
    for each in sorted(dir(module)):
        value = getattr(module, each)
        found[name][each] = "c" if isinstance(value, type) else "f" if callable(value) else "v"
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "names": found,
                  "folder": sysconfig.get_path("stdlib")}))
"""


@dataclass(slots=True)
class Lowered:
    """The lowered modules of one distribution."""

    modules: list[Module]
    extensions: dict[str, list[str] | None]  # native module to what it can reach
    unparsed: list[str]


@dataclass(frozen=True, slots=True)
class Stdlib:
    """One version of the standard library."""

    version: str
    names: dict[str, dict[str, str]]  # of its C modules
    folder: Path

    def digest(self) -> str:
        """Return a SHA-256 over the names of its C modules and the text of all others."""
        digest = sha256(json.dumps(self.names, sort_keys=True).encode())
        for relative, content in _stdlib_files(self.folder):
            digest.update(f"{relative}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


def read_stdlib(python: str) -> Stdlib:
    """Ask an interpreter for its version, its folder and the names in its own C modules.

    Those modules are part of the interpreter that runs; nothing else is imported.
    """
    done = subprocess.run([python, "-I", "-S", "-c", _NAMES], check=True, capture_output=True)  # noqa: S603 - named by whoever builds
    raw = json.loads(done.stdout)
    return Stdlib(raw["version"], raw["names"], Path(raw["folder"]))


def lower_stdlib(stdlib: Stdlib) -> Lowered:
    """Lower a standard library."""
    return _lower((relative, content) for relative, content in _stdlib_files(stdlib.folder))


def lower_wheel(wheel: Path, cache: Path) -> Lowered:
    """Lower a wheel, or return what an earlier run made of the same bytes."""
    cache = cache / _lowering_digest()
    kept = cache / f"{wheel.name}.ir"
    if kept.exists():
        modules, extensions, unparsed = marshal.loads(kept.read_bytes())  # noqa: S302 - written below
        return Lowered([from_plain(each) for each in modules], extensions, unparsed)
    with zipfile.ZipFile(wheel) as archive:
        made = _lower(_wheel_files(archive))
        made.extensions = dict(_extensions(archive))
    cache.mkdir(parents=True, exist_ok=True)
    plain = [to_plain(each) for each in made.modules]
    kept.write_bytes(marshal.dumps((plain, made.extensions, made.unparsed)))
    return made


@functools.cache
def _lowering_digest() -> str:
    """Return a digest of the programs that lower: what they made before a change is not used."""
    here = Path(__file__).parent
    own = [*here.glob("lower*.py"), *(here / name for name in ("annotations.py", "ir.py"))]
    digest = sha256(Path(__file__).read_bytes())
    for path in sorted(own):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _stdlib_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*.py")):
        relative = path.relative_to(folder)
        if not {"site-packages", "lib-dynload", *_TESTS} & set(relative.parts):
            yield relative.as_posix(), path.read_bytes()


def _wheel_files(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    for info in sorted(archive.infolist(), key=lambda each: each.filename):
        relative = _DATA.sub("", info.filename)
        parts = relative.split("/")
        if not relative.endswith(".py") or info.file_size > LARGEST_TEXT or _is_test(parts):
            continue
        if not parts[0].endswith((".dist-info", ".data")):
            yield relative, archive.read(info)


def _is_test(parts: list[str]) -> bool:
    return not _TESTS.isdisjoint(parts[:-1])


def _extensions(archive: zipfile.ZipFile) -> Iterator[tuple[str, list[str] | None]]:
    for info in sorted(archive.infolist(), key=lambda each: each.filename):
        match = _SHARED_OBJECT.match(_DATA.sub("", info.filename))
        if match and match[1].replace("/", "").isidentifier():
            small = info.file_size <= LARGEST_NATIVE
            yield match[1].replace("/", "."), reach(archive.read(info)) if small else None


def _lower(files: Iterable[tuple[str, bytes]]) -> Lowered:
    made = Lowered([], {}, [])
    for relative, content in files:
        parts = relative.removesuffix(".py").split("/")
        if not all(part.isidentifier() for part in parts):
            continue
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        module = lower(content, name, relative)
        if module is None:
            made.unparsed.append(relative)
        else:
            made.modules.append(module)
    return made
