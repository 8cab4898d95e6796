"""What aibom and its rivals find in hostile files, and what they cry about in honest ones.

Usage: python benchmarks/detection.py --corpus DIR [--honest DIR ...] (--help lists the rest)

The corpus has `labels.tsv` (path, label, format, technique); folders of honest files need none.
Exit code 0 is clean, 1 a detection, anything else no answer. `--results` keeps rivals' answers.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.measure import machine  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LISTED = 100  # names in one list of the document
TIMED = 10  # files, for the seconds
OURS = "aibom"
SCAN = f"{shlex.quote(sys.executable)} -P -m aibom scan --quiet --jobs 1 {{path}}"

# fickling's command opens no archive, so its library is asked, as its guide says.
FICKLING = """
import sys, zipfile
from fickling.analysis import Severity
from fickling.loader import scan_file, scan_zip_archive
path = sys.argv[1]
zipped = zipfile.is_zipfile(path)
results = list(scan_zip_archive(path, graceful=True).values()) if zipped else [scan_file(path)]
if any(result.severity > Severity.LIKELY_SAFE for result in results):
    sys.exit(1)
sys.exit(2 if any(result.errors for result in results) or not results else 0)
"""
RIVALS = {  # {bin} is the folder that holds the command; a command of that name must be there
    "picklescan": "{bin}/picklescan -p {path}",
    "modelscan": "{bin}/modelscan -p {path}",
    "fickling": f"{{bin}}/python -c {shlex.quote(FICKLING)} {{path}}",
    "modelaudit": "{bin}/modelaudit scan --no-cache {path}",
    "hayward": "{bin}/hayward scan {path}",
}
NO_TELEMETRY = {"PROMPTFOO_DISABLE_TELEMETRY": "1", "NO_ANALYTICS": "1", "DO_NOT_TRACK": "1"}

# Honest files that come in a model's package and are no model: code, prose, pictures, build litter.
NO_MODEL = re.compile(
    r"\.(pyi?|pyc|[cm]?[jt]s|map|[rh]|rd|rnw|cc?|cpp|cu|so|wasm|css|html|md|rst|pdf|jpg|png|gif|svg"
    r"|ico|woff2|tsbuildinfo|info|service|typed)$|/(WHEEL|RECORD|METADATA|top_level.txt"
    r"|entry_points.txt)$|/(doc|man|help|html|Meta|R|[^/]+\.libs)/",
    re.IGNORECASE,
)

PICKLED = ("pickle", "pytorch", "numpy", "joblib", "torch")
CONTAINERS = frozenset({"zip", "tar", "7z", "gzip", "zstd"})

CARRIES_CODE = {  # honest files on which an alarm is right, by a part of their path, and why
    "/dill/": "dill wrote a function's byte code into it",
    "/cloudpickle/": "cloudpickle wrote a function's byte code into it",
    "/keras/lambda_": "a Lambda layer is marshalled byte code",
}


class Verdict(StrEnum):
    """What a tool said of a file."""

    DETECTED = "detected"
    CLEAN = "clean"
    UNREAD = "unread"  # it said that it could not read, or crashed
    TIMEOUT = "timeout"


SILENT = frozenset({Verdict.UNREAD, Verdict.TIMEOUT})


@dataclass(frozen=True, slots=True)
class Sample:
    """A file or folder, and what it is."""

    path: Path
    name: str  # as the document shows it
    label: str  # "malicious", "benign" or "honest"
    family: str  # of techniques
    technique: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A scanner's command, with {path} where the file goes."""

    name: str
    command: tuple[str, ...]
    version: str


Answers = dict[str, dict[Sample, Verdict]]  # by the tool's name


def family(label: str, format_: str, technique: str) -> str:
    """Return the group under which a sample counts."""
    if label == "benign":
        return "benign"
    if technique.startswith("gadget"):
        return technique.partition("/")[0]
    if format_.startswith(PICKLED):
        return "tricks: pickle"
    return "tricks: containers" if format_ in CONTAINERS else "tricks: other formats"


def labelled(corpus: Path) -> Iterator[Sample]:
    """Yield the samples of a corpus."""
    with (corpus / "labels.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            group = family(row["label"], row["format"], row["technique"])
            yield Sample(corpus / row["path"], row["path"], row["label"], group, row["technique"])


def honest(folder: Path) -> Iterator[Sample]:
    """Yield the files below a folder that could be a model's, in the order of their names."""
    for path in sorted(folder.rglob("*")):
        name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        is_whole = path.is_file() and not path.is_symlink() and path.stat().st_size > 0
        if is_whole and not NO_MODEL.search(name):
            yield Sample(path, name, "honest", folder.name)


def why_right(name: str) -> str | None:
    """Return why an alarm on this honest file is right, or None."""
    return next((why for part, why in CARRIES_CODE.items() if part in name), None)


def verdict(code: int | None, errors: bytes = b"") -> Verdict:
    """Return what an exit code means; None is a command that had to be ended.

    A Python traceback ends with 1 as well, and is no detection.
    """
    if code is None:
        return Verdict.TIMEOUT
    if code not in (0, 1) or b"Traceback (most recent call last)" in errors:
        return Verdict.UNREAD
    return Verdict.DETECTED if code else Verdict.CLEAN


def find_tools(bins: Sequence[Path], given: Iterable[str], only: Sequence[str]) -> list[Tool]:
    """Return aibom, the rivals that are installed and those that are given as NAME=COMMAND."""
    commands = {OURS: SCAN}
    for name, template in RIVALS.items():
        place = os.pathsep.join([*map(str, bins), os.environ.get("PATH", "")])
        if found := shutil.which(name, path=place):
            home = shlex.quote(str(Path(found).resolve().parent))
            commands[name] = template.replace("{bin}", home)
    commands |= dict(each.split("=", 1) for each in given)
    return [
        Tool(name, tuple(shlex.split(command)), installed_version(name, command))
        for name, command in commands.items()
        if not only or name in only
    ]


def installed_version(name: str, command: str) -> str:
    """Return the version of the package that a command comes from, or "?"."""
    python = Path(shlex.split(command)[0]).parent / "python"
    ask = f"from importlib.metadata import version; print(version({name!r}))"
    try:
        done = subprocess.run([python, "-P", "-c", ask], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "?"
    return done.stdout.decode().strip()


def ask(tool: Tool, path: Path, timeout: float) -> Verdict:
    """Run a tool on one file, in an empty folder of its own."""
    command = [part.replace("{path}", str(path)) for part in tool.command]
    python_path = {"PYTHONPATH": str(ROOT)} if tool.name == OURS else {}
    with tempfile.TemporaryDirectory() as scratch:
        try:
            done = subprocess.run(
                command,
                cwd=scratch,
                env=os.environ | NO_TELEMETRY | python_path,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return verdict(None)
    return verdict(done.returncode, done.stderr)


def in_turn(tools: Sequence[Tool], samples: Sequence[Sample], timeout: float) -> dict[str, float]:
    """Return each tool's median of seconds, all in turn: a busy machine is as busy for each."""
    times: dict[str, list[float]] = {tool.name: [] for tool in tools}
    for sample in samples[:: max(1, len(samples) // TIMED)][:TIMED]:
        for tool in tools:
            started = time.perf_counter()
            ask(tool, sample.path, timeout)
            times[tool.name].append(time.perf_counter() - started)
    return {name: statistics.median(each) for name, each in times.items()}


class Results:
    """Answers of earlier runs, by tool, version and content."""

    def __init__(self, path: Path | None) -> None:
        """Read what the file has."""
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path and path.exists() else []
        self.known = {key: Verdict(kept) for key, kept, *_ in map(json.loads, lines)}

    def ask(self, tool: Tool, timeout: float, sample: Sample) -> Verdict:
        """Return what is known, else ask and keep the answer. aibom is always asked."""
        if tool.name == OURS or self.path is None:
            return ask(tool, sample.path, timeout)
        key = f"{tool.name} {tool.version} {sample.path.name} {_digest(sample.path)}"
        if key not in self.known:
            self.known[key] = ask(tool, sample.path, timeout)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, self.known[key]]) + "\n")
        return self.known[key]


def _digest(path: Path) -> str:
    """Return a digest of a file, or of all files of a folder with their names."""
    whole = hashlib.sha256()
    for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if each.is_file():
            whole.update(each.name.encode() + b"\0")
            with each.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def rate(verdicts: Sequence[Verdict], wanted: frozenset[Verdict]) -> str:
    """Return how many verdicts are among the wanted ones, as "part of all (per cent)"."""
    if not verdicts:
        return "-"
    part = sum(each in wanted for each in verdicts)
    return f"{part} of {len(verdicts)} ({100 * part / len(verdicts):.1f} %)"


def table(
    tools: Sequence[Tool], samples: Sequence[Sample], answers: Answers, seconds: dict[str, float]
) -> str:
    """Return the figures as Markdown: a line for each figure, a column for each tool."""
    heads = ["", *(f"{tool.name} {tool.version}" for tool in tools)]
    lines = [_row(heads), _row(["---"] * len(heads))]
    for what, group, wanted in _figures(samples):
        cells = (rate([answers[tool.name][each] for each in group], wanted) for tool in tools)
        lines.append(_row([what, *cells]))
    times = (f"{seconds[tool.name]:.2f}" for tool in tools)
    lines.append(_row([f"seconds a file: median of {TIMED}, tools in turn", *times]))
    return "\n".join(lines) + "\n"


def _figures(
    samples: Sequence[Sample],
) -> Iterator[tuple[str, list[Sample], frozenset[Verdict]]]:
    """Yield what is counted, among which samples, and the verdicts that count."""
    hit = frozenset({Verdict.DETECTED})
    malicious = [each for each in samples if each.label == "malicious"]
    others = [each for each in samples if each.label != "malicious"]
    yield "**detected, all malicious samples**", malicious, hit
    for name in sorted({each.family for each in malicious}):
        yield f"detected: {name}", [each for each in malicious if each.family == name], hit
    groups: dict[str, list[Sample]] = defaultdict(list)
    for each in others:
        groups[_alarm(each)].append(each)
    for name, group in groups.items():
        yield name, group, hit
    yield "no answer: malicious", malicious, SILENT
    yield "no answer: benign and honest", others, SILENT


def _alarm(sample: Sample) -> str:
    """Return the line in which an alarm on a sample that is not malicious counts."""
    if sample.label == "benign":
        return "**false alarms: benign samples of the corpus**"
    if why_right(sample.name):
        return "alarms that are right: honest files that carry code"
    return f"**false alarms: honest files, {sample.family}**"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def listed(samples: Sequence[Sample], answers: dict[Sample, Verdict]) -> str:
    """Return what aibom missed, flagged and did not read, by name, as Markdown."""
    hit = frozenset({Verdict.DETECTED})
    lists = (
        ("malicious and not detected", True, frozenset(Verdict) - hit),
        ("benign or honest and flagged", False, hit),
        ("benign or honest and not wholly read", False, SILENT),
    )
    parts: list[str] = []
    for title, malicious, wanted in lists:
        group = [each for each in samples if (each.label == "malicious") == malicious]
        found = [each for each in group if answers[each] in wanted]
        lines = [_item(sample, answers[sample]) for sample in found[:LISTED]]
        if len(found) > LISTED:
            lines.append(f"- and {len(found) - LISTED} more")
        parts += [f"## {OURS}: {title}: {len(found)}", "", *(lines or ["None."]), ""]
    return "\n".join(parts)


def _item(sample: Sample, found: Verdict) -> str:
    what = f" ({sample.technique})" if sample.technique not in ("", "-") else ""
    why = why_right(sample.name) if found is Verdict.DETECTED else None
    return f"- `{sample.name}`{what}: {found}" + (f"; rightly: {why}" if why else "")


def _named(argument: str) -> str:
    """Return an argument without the path to it: the document names no machine."""
    return Path(argument).name if argument.startswith("/") else argument


def document(samples: Sequence[Sample], answers: Answers, figures: str) -> str:
    """Return the whole document."""
    count = Counter(sample.label for sample in samples)
    return f"""# Detection and false alarms, side by side

Generated; do not edit. Command:

    {shlex.join(["python", *map(_named, sys.argv)])}

Measured {machine()}.

{count["malicious"]} malicious and {count["benign"]} benign samples of the corpus, every payload
inert; {count["honest"]} honest files out of public packages and fresh from their frameworks,
without source code, prose and pictures. Each tool ran file by file at its own defaults and
was judged by its exit code: 1 is a detection; "no answer" is any other code but 0, a traceback or
a timeout, so that its user knows that the file was not read. fickling is asked through its library,
as its command opens no archive; it reads pickles only and has no answer for all else.

{figures}
{listed(samples, answers[OURS]) if OURS in answers else ""}"""


def run(tools: Sequence[Tool], samples: Sequence[Sample], options: argparse.Namespace) -> Answers:
    """Ask every tool about every sample."""
    results = Results(options.results)
    answers: Answers = {}
    for tool in tools:
        with ThreadPoolExecutor(options.jobs) as pool:
            found = pool.map(partial(results.ask, tool, options.timeout), samples)
            answers[tool.name] = dict(zip(samples, found, strict=True))
        print(f"{tool.name} {tool.version}: done", file=sys.stderr)
    return answers


def main() -> int:
    """Ask, and print or write the document."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--honest", type=Path, action="append", default=[])
    parser.add_argument("--bin-dir", type=Path, action="append", default=[])
    parser.add_argument("--tool", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--timeout", type=float, default=120)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    samples = list(labelled(options.corpus.resolve())) if options.corpus else []
    samples += [sample for folder in options.honest for sample in honest(folder.resolve())]
    tools = find_tools(options.bin_dir, options.tool, options.only)
    answers = run(tools, samples, options)
    seconds = in_turn(tools, samples, options.timeout)
    text = document(samples, answers, table(tools, samples, answers, seconds))
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
