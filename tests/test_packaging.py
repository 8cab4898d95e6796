"""Every way to install aibom gives the same files, and no other top-level name."""

from __future__ import annotations

import os
import pkgutil
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.helpers.checkout import LINKS, ROOT, copy_of_build_input, replace_links_by_text

EDITABLE = "import sys; from hatchling.build import build_editable; build_editable(sys.argv[1])"

# Isolated and without site-packages, so that only the folder's own .pth file is in effect.
FIND = (
    "import importlib.util, site, sys; site.addsitedir(sys.argv[1]); "
    "print(*importlib.util.find_spec('aibom').submodule_search_locations)"
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_build_input(tmp_path_factory.mktemp("packaging") / "checkout")


@pytest.fixture(scope="module")
def without_links(checkout: Path) -> Path:
    folder = shutil.copytree(checkout, checkout.with_name("without-links"), symlinks=True)
    replace_links_by_text(folder)
    return folder


@pytest.fixture(scope="module")
def sdist(checkout: Path) -> Path:
    return build(checkout, "sdist")


@pytest.fixture(scope="module")
def wheel(checkout: Path) -> Path:
    return build(checkout, "wheel")


def test_a_wheel_holds_the_files_of_the_checkout(checkout: Path, wheel: Path) -> None:
    assert files_of_wheel(wheel) == files_of_package(checkout / "aibom")


def test_a_wheel_of_a_checkout_without_links_holds_the_same_files(
    without_links: Path, wheel: Path
) -> None:
    assert files_of_wheel(build(without_links, "wheel")) == files_of_wheel(wheel)


def test_a_wheel_of_the_unpacked_sdist_holds_the_same_files(
    sdist: Path, wheel: Path, tmp_path: Path
) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    assert files_of_wheel(build(folder, "wheel")) == files_of_wheel(wheel)


def test_a_wheel_installs_one_top_level_name(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"aibom"}


def test_an_editable_install_finds_the_modules_of_the_wheel(
    checkout: Path, wheel: Path, tmp_path: Path
) -> None:
    site = editable_install(checkout, tmp_path)
    package = Path(run([sys.executable, "-I", "-S", "-c", FIND, str(site)], cwd=tmp_path).strip())
    assert package == checkout / "aibom"
    assert modules_below(package, "aibom") == modules_of_wheel(wheel)


def test_an_editable_install_without_links_says_what_to_do(
    without_links: Path, tmp_path: Path
) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failure:
        editable_install(without_links, tmp_path)
    assert "aibom/scanners and aibom/signatures must be links" in failure.value.stderr
    assert "git config core.symlinks true" in failure.value.stderr


@pytest.mark.parametrize(
    "litter",
    [
        ".venv/bin/python",
        ".git/config",
        "aibom/__pycache__/cli.pyc",
        ".mypy_cache/cache.db",
        "build/lib.py",
    ],
)
@pytest.mark.parametrize("kind", ["sdist", "wheel"])
def test_leaves_out_what_is_no_source(
    checkout: Path, tmp_path: Path, kind: str, litter: str
) -> None:
    folder = shutil.copytree(checkout, tmp_path / "littered", symlinks=True)
    (folder / litter).parent.mkdir(parents=True, exist_ok=True)
    (folder / litter).touch()
    built = build(folder, kind)
    inside = names_in_sdist(built) if kind == "sdist" else files_of_wheel(built)
    assert not [name for name in inside if Path(litter).name == Path(name).name]


def test_an_sdist_holds_each_file_once(sdist: Path) -> None:
    inside = names_in_sdist(sdist)
    assert {"pyproject.toml", "hatch_build.py", "scanners/__init__.py"} <= set(inside)
    assert not [name for name in inside if name.startswith(tuple(LINKS))]
    assert len(set(inside)) == len(inside)


@pytest.mark.parametrize("link", LINKS)
def test_the_checkout_has_relative_links(link: str) -> None:
    assert (ROOT / link).readlink().as_posix() == LINKS[link]


def build(folder: Path, kind: str) -> Path:
    out = folder / "dist" / kind
    command = [sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", str(out)]
    run([*command, str(folder)], cwd=folder.parent)
    (built,) = out.iterdir()
    return built


def editable_install(folder: Path, tmp_path: Path) -> Path:
    run([sys.executable, "-c", EDITABLE, str(tmp_path)], cwd=folder)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")  # noqa: S202 - we built it
    return tmp_path / "site"


def run(command: list[str], cwd: Path) -> str:
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout


def files_of_package(package: Path) -> set[str]:
    """Name all files of a package as an installation would, through its links."""
    walk = os.walk(package, followlinks=True)
    paths = [Path(folder, file) for folder, _, files in walk for file in files]
    return {path.relative_to(package.parent).as_posix() for path in paths}


def files_of_wheel(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def names_in_sdist(sdist: Path) -> list[str]:
    with tarfile.open(sdist) as archive:
        return [name.partition("/")[2] for name in archive.getnames()]


def modules_below(folder: Path, package: str) -> set[str]:
    """Name all modules as an import would find them, without importing any."""
    names = {package}
    for module in pkgutil.iter_modules([str(folder)]):
        dotted = f"{package}.{module.name}"
        names |= modules_below(folder / module.name, dotted) if module.ispkg else {dotted}
    return names


def modules_of_wheel(wheel: Path) -> set[str]:
    """Name the modules that the wheel's files make, folders that are no package left out."""
    files = files_of_wheel(wheel)
    sources = [
        Path(file)
        for file in files
        if file.endswith(".py") and f"{Path(file).parent.as_posix()}/__init__.py" in files
    ]
    names = [
        path.parent if path.name == "__init__.py" else path.with_suffix("") for path in sources
    ]
    return {".".join(name.parts) for name in names}
