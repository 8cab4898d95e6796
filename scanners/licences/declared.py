"""Who in a target says something about its licence, folder by folder."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from ..artifact import Path
from ..facts import Licence, Operator, Passage, Tensor
from ..record import field, record, replace
from .ids import Meaning, meaning

if TYPE_CHECKING:
    from ..artifact import Target

# A text by such a name is a licence, not a notice or a policy ...
LICENCE = re.compile(r"(?<![a-z])(licen[sc]e|copying|terms[-_ ]of[-_ ]use)(?![a-z])", re.IGNORECASE)
# ... but not that of the folder, if it is of code, data or other people's work beside the model ...
BESIDE = re.compile(
    r"(?<![a-z])(code|data|dataset|third|3rd|bundled|vendor|dependencies)(?![a-z])", re.IGNORECASE
)
# ... and where there is one of the weights, the others are of something else.
OF_WEIGHTS = re.compile(r"(?<![a-z])(models?|weights?)(?![a-z])", re.IGNORECASE)
ABOUT = re.compile(r"[\W\d]*(?:model )?licen[cs](?:es?|e\(s\)|ing)\b.{0,40}", re.IGNORECASE)
TEXT = "licence-text"
CARD = "model-card"
NAMED = {"license_name", "license_link"}  # of a card, for what "license" cannot say
# Wordings of one licence, or stacks that begin with it: no contradiction.
ALIKE = (
    {"MIT", "X11"},
    {"PSF-2.0", "Python-2.0", "Python-2.0.1"},
    {"HPND", "MIT-CMU"},
    {"BSD-2-Clause", "BSD-2-Clause-Views"},
    {"LicenseRef-scancode-apple-excl", "LicenseRef-scancode-apple-ml-ferret-2023"},
)


@record
class Said:
    """One statement about the licence."""

    path: Path
    key: str
    value: str
    meaning: Meaning

    @property
    def where(self) -> str:
        """The statement's place, for people."""
        return self.path[0] if self.path[0].endswith(self.key) else f"{self.key} of {self.path[0]}"


@record
class Folder:
    """What is said in one folder."""

    cards: list[Said] = field(default_factory=list[Said])
    texts: list[Said] = field(default_factory=list[Said])  # told or not
    files: list[Said] = field(default_factory=list[Said])  # weights and configurations
    names: list[Said] = field(default_factory=list[Said])  # license_name and license_link of a card
    sections: list[tuple[Path, Passage]] = field(default_factory=list[tuple[Path, Passage]])
    has_weights: bool = False

    @property
    def all(self) -> list[Said]:
        """Every statement."""
        return [*self.cards, *self.names, *self.texts, *self.files]


def folders(target: Target) -> dict[str, Folder]:
    """Return what each folder of the target says; "" is the topmost."""
    found: defaultdict[str, Folder] = defaultdict(Folder)
    weighing: set[str] = set()
    for artifact, fact in target.facts():
        folder = posixpath.dirname(artifact.path[0])
        if isinstance(fact, Tensor | Operator):
            weighing.add(folder)
        elif isinstance(fact, Licence):
            _add(found[folder], artifact.path, artifact.formats, fact)
        elif isinstance(fact, Passage) and CARD in artifact.formats and is_about_licence(fact):
            found[folder].sections.append((artifact.path, fact))
    return {
        name: replace(each, texts=_of_weights(each.texts), has_weights=name in weighing)
        for name, each in ((name, found[name]) for name in sorted({*found, *weighing}))
    }


def _of_weights(texts: list[Said]) -> list[Said]:
    return [each for each in texts if OF_WEIGHTS.search(posixpath.basename(each.path[0]))] or texts


def _add(folder: Folder, path: Path, formats: tuple[str, ...], fact: Licence) -> None:
    if TEXT in formats:
        name = posixpath.basename(path[0])
        if LICENCE.search(name) and not BESIDE.search(name):
            folder.texts.append(Said(path, fact.key, fact.value, Meaning(fact.ids)))
        return
    said = Said(path, fact.key, fact.value, meaning(fact.value))
    if CARD not in formats:
        folder.files.append(said)
    elif fact.key in NAMED:
        folder.names.append(said)
    else:
        folder.cards.append(said)


def is_about_licence(passage: Passage) -> bool:
    """Whether a section of a card is about the licence, whatever it says of it."""
    return ABOUT.fullmatch(passage.heading) is not None


def agree(one: set[str], other: set[str]) -> bool:
    """Whether two sets of licences may mean the same."""
    if one & other:
        return True
    return any(one & alike and other & alike for alike in ALIKE)
