"""A document as things that can be compared: what each is known by, and what is said of it.

Nothing here depends on references or on the order of lists. Values are texts, sorted, each once.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..scanners.record import field, record
from ..scanners.shapes import is_list, is_object
from . import document as read
from . import owasp
from .diff_kinds import BY_PROPERTY
from .document import Json, Part, each, inside, words
from .merge_references import renamed

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOTS = ("tensor:root", "weights:root")  # properties: a digest of the tensors, however they lie
FINGERPRINTS = "weights:"  # how properties begin that tell of tensors by their values
PREFIXES = ("aibom:", "cdx:ai-ml:model:", "cdx:ai-ml:")
IDENTITY = {"path", "size", *ROOTS}  # properties that are compared otherwise, or follow from bytes
PARAMETERS = {  # of a model card -> (field, kind of change), as for the property of the same name
    "task": ("task", "task-changed"),
    "approach": ("approach", "task-changed"),
    "architectureFamily": ("architecture:family", "parameters-changed"),
    "modelArchitecture": ("architecture:name", "parameters-changed"),
    "inputs": ("inputs", "parameters-changed"),
    "outputs": ("outputs", "parameters-changed"),
}
GAPS = {  # properties that each name one thing that is not known
    "unread": "unread-appeared",
    "not-covered": "unread-appeared",
    "unknown": "completeness-lost",
}
PUBLISHERS = ("supplier", "manufacturer", "authors", "publisher", "author")
PLACED = {  # of a component: compared in a way of its own, or evidence, which follows from bytes
    *("bom-ref", "type", "name", "group", "version", "purl", "hashes", "licenses", "pedigree"),
    *("components", "modelCard", "properties", "evidence", "signature", "description", *PUBLISHERS),
}

Said = dict[tuple[str, str], tuple[str, ...]]  # (kind of change, field) -> values
Saying = defaultdict[tuple[str, str], set[str]]  # while they are gathered


@record(eq=False, caches=True)
class Item:
    """A component, or the model as a whole."""

    type: str
    name: str  # for people
    path: str
    digest: str  # "SHA-256:…", or of another algorithm
    root: str
    identity: str  # purl or name without the version
    ref: str
    said: Said = field(default_factory=Said)

    @property
    def is_weights(self) -> bool:
        """Whether it is something that can be loaded as a model."""
        return self.type == "machine-learning-model"

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """What is told of its tensors by their values; nothing if nobody measured them."""
        told = (
            f"{field.removeprefix(FINGERPRINTS)}={', '.join(values)}"
            for (_, field), values in sorted(self.said.items())
            if is_fingerprint(field)
        )
        return (*((f"root={self.root}",) if self.root else ()), *told)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """What puts items that are known by the same thing in an order that both sides share."""
        said = json.dumps(sorted((*key, *values) for key, values in self.said.items()))
        return self.name, self.path, self.digest, self.root, self.identity, self.type, said


def is_fingerprint(field: str) -> bool:
    """Whether a property tells of tensors by their values, which not every BOM measures."""
    return field.startswith(FINGERPRINTS)


def items(document: Json, labelled: Json) -> tuple[Item, list[Item]]:
    """Return the model as a whole and the other components of a document.

    `labelled` is the document `by_label`.
    """
    about = read.subject(document)
    whole = _item({}, "")
    rest: list[Item] = []
    listed = {read.digest_of(part.component) for part in read.parts(document)} - {""}
    pairs = zip(read.parts(document), read.parts(labelled), strict=True)
    for part, same in pairs:
        item = _item(_without_files(same.component, listed), words(part.component, "bom-ref"))
        if about is not None and part.pointer == about.pointer:
            whole = item
        else:
            rest.append(item)
    supplier = read.organisation(inside(document, "metadata"), "supplier")
    if supplier:
        key = ("publisher-changed", "supplier")
        whole.said[key] = tuple(sorted({supplier, *whole.said.get(key, ())}))
    return whole, rest


def _without_files(component: Json, listed: set[str]) -> Json:
    """Return the component without references to evidence, and to files compared as such."""
    if "externalReferences" not in component or not is_list(component["externalReferences"]):
        return component
    links = component["externalReferences"]
    return component | {"externalReferences": [e for e in links if not _is_passed(e, listed)]}


def _is_passed(link: object, listed: set[str]) -> bool:
    if not is_object(link):
        return False
    return words(link, "type") == "evidence" or read.digest_of(link) in listed


def by_label(document: Json) -> Json:
    """Return the document with what components are called instead of their references."""
    labels = {words(part.component, "bom-ref"): part.label for part in read.parts(document)}
    return renamed(document, lambda ref: labels.get(ref, ref))


def _item(component: Json, ref: str) -> Item:
    root = next((value for name in ROOTS for value in read.values(component, name)), "")
    return Item(
        type=words(component, "type"),
        name=Part(component, "").label,
        path=read.path_of(component),
        digest=_digest(component),
        root=root,
        identity=_identity(component),
        ref=ref,
        said=_said(component),
    )


def _digest(component: Json) -> str:
    hashes = each(component, "hashes")
    known = sorted(f"{words(e, 'alg')}:{words(e, 'content').lower()}" for e in hashes)
    ours = [text for text in known if text.startswith("SHA-256:")]
    return (ours or known or [""])[0]


def _identity(component: Json) -> str:
    purl, _, _ = words(component, "purl").partition("@")
    return purl or f"{words(component, 'group')}/{words(component, 'name')}"


# --- What is said of a component ------------------------------------------------------------------


def _say(said: Saying, kind: str, what: str, values: Iterable[str]) -> None:
    if found := {value for value in values if value}:
        said[kind, what] |= found


def _said(component: Json) -> Said:
    said: Saying = defaultdict(set)
    _say(said, "identity-changed", "name", [words(component, "name")])
    _say(said, "identity-changed", "group", [words(component, "group")])
    purl, _, qualifiers = words(component, "purl").partition("?")
    if "checksum=" not in qualifiers:  # such a one is made of the file's name and digest
        _say(said, "identity-changed", "purl", [purl.partition("@")[0]])
    _say(said, "version-changed", "version", [words(component, "version")])
    _say(said, "card-changed", "description", [words(component, "description")])
    for what, how, _ in read.licences(component):
        _say(said, "licence-changed", f"licence {how}".strip(), [what])
    for key in PUBLISHERS:
        _say(said, "publisher-changed", key, [read.organisation(component, key)])
    _lineage(said, inside(component, "pedigree"))
    _card(said, inside(component, "modelCard"))
    for name, value, _ in read.properties(component):
        for own, each_value in owasp.read(name, value) or ((name, value),):
            _property(said, own, each_value)
    for kind, address, _ in read.links(component):
        _say(said, "identity-changed", kind, [address])
    _rest(said, "statement-changed", _without_links(component), PLACED)
    return {key: tuple(sorted(values)) for key, values in said.items()}


def _without_links(component: Json) -> Json:
    links = component.get("externalReferences")
    if not is_list(links):
        return component
    rest = [e for e in links if not (is_object(e) and words(e, "type") in read.LINKS)]
    return component | {"externalReferences": rest}


def _lineage(said: Saying, pedigree: Json) -> None:
    bases = [read.named(ancestor) for ancestor in each(pedigree, "ancestors")]
    _say(said, "base-model-changed", "base model", bases)
    _say(said, "version-changed", "commit", [words(e, "uid") for e in each(pedigree, "commits")])
    _rest(said, "statement-changed", pedigree, {"ancestors", "commits"})


def _card(said: Saying, card: Json) -> None:
    parameters = inside(card, "modelParameters")
    for key, (what, kind) in PARAMETERS.items():
        _say(said, kind, what, _texts(parameters.get(key)))
    for dataset in each(parameters, "datasets"):
        named = words(dataset, "ref") or words(dataset, "name")
        _say(said, "data-changed", "datasets", [named])
    for metric in each(inside(card, "quantitativeAnalysis"), "performanceMetrics"):
        measured = f"{words(metric, 'type')} {words(metric, 'slice')}".strip()
        _say(said, "metric-changed", "metrics", [f"{measured} = {words(metric, 'value')}"])
    _rest(said, "card-changed", inside(card, "considerations"), set())
    _rest(said, "statement-changed", parameters, {*PARAMETERS, "datasets"})
    placed = {"bom-ref", "modelParameters", "considerations", "properties", "quantitativeAnalysis"}
    _rest(said, "statement-changed", card, placed)


def _property(said: Saying, name: str, value: str) -> None:
    plain = next((name[len(start) :] for start in PREFIXES if name.startswith(start)), name)
    if plain in IDENTITY:
        return
    if plain in GAPS:
        _say(said, GAPS[plain], plain, [value])
        return
    kinds = (kind for start, kind in BY_PROPERTY if plain.startswith(start))
    _say(said, next(kinds, "statement-changed"), plain, [value or "(empty)"])


def _rest(said: Saying, kind: str, value: Json, placed: set[str]) -> None:
    for key in value.keys() - placed:
        _say(said, kind, key, _texts(value[key]))


def _texts(value: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """Return a value of any type as texts; a list as one text for each item."""
    return list(filter(None, map(plain, value if is_list(value) else [value])))


def plain(value: object) -> str:
    """Return a value as a text that does not depend on references or on order."""
    if isinstance(value, str) or value is None:
        return value or ""
    return json.dumps(_ordered(value), ensure_ascii=False, sort_keys=True)


def _ordered(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if is_list(value):
        return sorted(map(_ordered, value), key=lambda item: json.dumps(item, sort_keys=True))
    if is_object(value):
        return {key: _ordered(item) for key, item in value.items() if key != "bom-ref"}
    return value
