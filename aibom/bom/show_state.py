"""What a document is about, what was found, which files it lists, and what it does not know."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..scanners.rule import Severity
from . import document as read
from .document import each, inside, texts, words
from .show_card import ANALYSIS, WAIVED, Line, Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .document import Json, Part
    from .show_grounds import Grounds

NAMES = (  # of a component -> label, field in the evidence
    ("name", "name", "model:name"),
    ("group", "group", "group"),
    ("version", "version", "version"),
    ("purl", "purl", "purl"),
    ("description", "description", "description"),
    ("copyright", "copyright", "copyright"),
)
PEOPLE = (
    ("supplier", "supplier", "supplier"),
    ("manufacturer", "manufacturer", "manufacturer"),
    ("authors", "authors", "author"),
    ("publisher", "publisher", "publisher"),
)
LEFT_OUT = "left-out"  # names that a BOM never lists: one line for all
DIGITS = 16  # of a size; no file has more bytes


def identity(document: Json, about: Part | None, grounds: Grounds, more: list[Line]) -> Section:
    """Return what the document is about, and which document this is."""
    lines = list(_names(about, grounds)) if about else []
    metadata = inside(document, "metadata")
    tools = [*each(metadata, "tools"), *each(inside(metadata, "tools"), "components")]
    written = ", ".join(f"{words(t, 'name')} {words(t, 'version')}".strip() for t in tools)
    bom = [
        Line("described by", f"CycloneDX {words(document, 'specVersion')}"),
        *(Line("serial number", each_) for each_ in (words(document, "serialNumber"),) if each_),
        *(Line("written", each_) for each_ in (words(metadata, "timestamp"),) if each_),
        *(Line("written by", each_) for each_ in (written,) if each_),
    ]
    note = "" if about else "The BOM does not say what it is about."
    return Section("identity", (*lines, *more, *bom), note=note)


def _names(about: Part, grounds: Grounds) -> Iterator[Line]:
    component = about.component
    yield Line("type", words(component, "type") or "not stated")
    for key, name, field in NAMES:
        if words(component, key):
            yield Line(name, words(component, key), "", grounds.of(about, field, f"/{key}"))
    for key, name, field in PEOPLE:
        told = read.organisation(component, key)
        if told:
            yield Line(name, told, "", grounds.of(about, field))
    for commit in each(inside(component, "pedigree"), "commits"):
        yield Line("commit", words(commit, "uid"))


def verdict(document: Json, parts: Iterable[Part]) -> Section:
    """Return the findings, worst last, and how many there are of each severity.

    Behind each stands who waived it, or how whoever wrote the BOM judges it, if that is said.
    """
    names = {words(part.component, "bom-ref"): part.label for part in parts}
    found = sorted(
        ((*_finding(each_, names), _answer(each_)) for each_ in each(document, "vulnerabilities")),
        key=lambda one: (one[0], one[1].label, one[1].of, one[1].text),
    )
    counts = Counter(line.label.partition("[")[0] for _, line, _ in reversed(found))
    told = ", ".join(f"{count:,} {severity}" for severity, count in counts.items())
    waived = sum(line.label == WAIVED for *_, answer in found for line in answer)
    told += f"; {waived:,} of them waived" if waived else ""
    tools = each(inside(inside(document, "metadata"), "tools"), "components")
    is_scanned = any(read.values(tool, "rules:sha256") for tool in tools)
    silent = "nothing is stated" if is_scanned else "nothing is stated, nor that anybody looked"
    lines = tuple(line for _, finding, answer in found for line in (finding, *answer))
    return Section("findings", lines, note=told or silent)


def _answer(vulnerability: Json) -> tuple[Line, ...]:
    """Return what is said of a finding besides that it is there."""
    owner, reason, expires = (
        ", ".join(read.values(vulnerability, f"waiver:{name}"))
        for name in ("owner", "reason", "expires")
    )
    if owner:
        until = f" until {expires}" if expires else ""
        return (Line(WAIVED, f"by {owner}{until}: {reason}"),)
    analysis = inside(vulnerability, "analysis")
    told = (words(analysis, "state"), words(analysis, "justification"))
    judged = ", ".join(
        each_ for each_ in (*told, *texts(analysis, "response")) if each_ not in {"", "in_triage"}
    )
    text = ": ".join(filter(None, (judged, words(analysis, "detail"))))
    return (Line(ANALYSIS, text),) if text else ()


def _finding(vulnerability: Json, names: dict[str, str]) -> tuple[int, Line]:
    told = [words(rating, "severity") for rating in each(vulnerability, "ratings")]
    ranks = {word: int(Severity[word.upper()]) for word in told if _is_known(word)}
    severity = max(ranks, key=lambda word: ranks[word], default="") or "unrated"
    refs = [words(affected, "ref") for affected in each(vulnerability, "affects")]
    members = read.values(vulnerability, "finding:member")
    where = " > ".join((", ".join(names.get(ref, ref) for ref in refs), *members))
    offset = next(iter(read.values(vulnerability, "finding:offset")), "")
    rule = words(vulnerability, "id") or "no id"
    text = words(vulnerability, "description") or words(vulnerability, "detail")
    of = f"{where}, byte {offset}" if offset else where
    # What nobody rated stands with the worst: it may be.
    rank = ranks.get(severity, int(Severity.CRITICAL))
    return rank, Line(f"{severity}[{rule}]", text, of)


def _is_known(word: str) -> bool:
    return word.upper() in Severity.__members__


def files(parts: Iterable[Part], about: Part | None) -> Section:
    """Return every file with its size, formats and digest, then models that are none by themselves.

    What has neither a path nor a digest is no file, and is not counted as one.
    """
    rest = (part for part in parts if about is None or part.pointer != about.pointer)
    listed = [part for part in rest if _is_file(part)]
    single, made = [p for p in listed if not _is_made(p)], [p for p in listed if _is_made(p)]
    counts = f"{len(single):,} file{'s' * (len(single) != 1)}, {_models(len(made))}"
    return Section("files", tuple(map(_file, [*single, *made])), note=counts if made else "")


def _models(count: int) -> str:
    """Return how many models are no files: sets of shards, or what others list without a file."""
    return f"{count:,} model{'s' * (count != 1)} without a path or digest"


def _is_made(part: Part) -> bool:
    is_model = words(part.component, "type") == "machine-learning-model"
    return is_model and not (read.path_of(part.component) or read.digest_of(part.component))


def _is_file(part: Part) -> bool:
    is_listed = words(part.component, "type") in {"file", "machine-learning-model"}
    return is_listed or bool(read.path_of(part.component))


def _file(part: Part) -> Line:
    component = part.component
    length = next((v for v in read.values(component, "size") if v.isascii() and v.isdigit()), "")
    digest = read.digest_of(component)
    is_model = words(component, "type") == "machine-learning-model"
    is_weights = read.values(component, "format") or read.path_of(component)
    kind = ("weights" if is_weights else "model") if is_model else ""
    told = (
        _bytes(int(length[:DIGITS])) if length else "",
        kind,
        *read.values(component, "role"),
        *(read.values(component, "format") or (words(component, "mime-type"),)),
        f"sha256 {digest}" if digest else "no SHA-256",
    )
    return Line(part.label, ", ".join(dict.fromkeys(filter(None, told))))


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count:,} bytes"


def unknown(
    document: Json,
    parts: list[Part],
    about: Part | None,
    silent: Iterable[str],
    more: list[Line],
) -> Section:
    """Return what was not read or not covered, and on which subjects the document is silent."""
    names = {words(part.component, "bom-ref"): part.label for part in parts}
    if about is not None:
        names[words(about.component, "bom-ref")] = "the model as a whole"
    lines: list[Line] = [Line(title, "nothing is stated") for title in silent]
    for composition in each(document, "compositions"):
        aggregate = words(composition, "aggregate")
        if aggregate == "complete":
            continue
        for key, what in (("assemblies", "parts"), ("dependencies", "what it depends on")):
            shown = [names.get(ref, ref) for ref in texts(composition, key)]
            if shown:
                lines.append(Line(aggregate, f"{what} of {', '.join(shown)}"))
    left_out = ", ".join(line.text for line in more if line.label == LEFT_OUT)
    lines += [line for line in more if line.label != LEFT_OUT]
    lines += [Line(LEFT_OUT, left_out)] if left_out else []
    return Section("not known", tuple(lines))
