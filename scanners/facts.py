"""What parsers report: small, frozen, JSON-shaped statements, each tied to a place in the file.

A fact is true or false, never good or bad. Rules do the judging. Facts cross a process boundary,
so a field holds only `str`, `int`, `bool`, `None`, a `Span`, an enum of text, a `Value`, or a tuple
of those, and never a lone surrogate or a number that is not finite.
"""

from __future__ import annotations

from enum import StrEnum

from .record import record
from .source import Span
from .values import Value  # noqa: TC001 - `codec` reads the annotations

NOWHERE = Span(0, 0)
TEXT = 4096  # characters of free text that a fact keeps; `shorten` says how many it dropped


def shorten(text: str, room: int = TEXT) -> str:
    """Return `text` fit for a fact: at most about `room` characters and no lone surrogate."""
    kept = text if len(text) <= room else f"{text[:room]}… ({len(text) - room} more characters)"
    return kept.encode("utf-8", "backslashreplace").decode("utf-8")


@record(kw_only=True)
class Fact:
    """Something a parser saw, at `at` in the artifact's own bytes."""

    at: Span = NOWHERE


@record(kw_only=True)
class Tensor(Fact):
    """A named array whose raw values fill `at`, or lie in `storage` when that is not empty."""

    name: str
    dtype: str  # as the file spells it, e.g. "BF16"
    shape: tuple[int, ...]  # elements per axis, outermost first; () is a scalar
    storage: str = ""  # the archive member or file that holds the values
    offset: int = 0  # bytes from the start of `storage` to the first value
    is_plain: bool = True  # values lie row by row with nothing between them, little-endian


@record(kw_only=True)
class Storages(Fact):
    """Runs of raw bytes that tensors name by their keys: what each tensor's `storage` means."""

    folder: str  # of an archive, with its slash, that holds a member for each key; else ""
    keys: tuple[str, ...]
    starts: tuple[int, ...]  # bytes from the start of the artifact, one for each key
    lengths: tuple[int, ...]  # bytes, one for each key


@record(kw_only=True)
class Metadata(Fact):
    """A key and value that the producer chose freely."""

    key: str
    value: str


@record(kw_only=True)
class Licence(Fact):
    """A claim about the licence: an id, a name, or the text of a licence file."""

    key: str  # where it stands: "license", "general.license", "LICENSE"
    value: str
    ids: tuple[str, ...] = ()  # of a text: the licences that it was told to be, as SPDX spells them


@record(kw_only=True)
class Operator(Fact):
    """A kind of computation that the graph uses `count` times."""

    domain: str  # "" is the format's own
    name: str
    count: int = 1


class Refers(StrEnum):
    """What a `Reference` is for."""

    EXTERNAL_DATA = "external-data"  # a loader reads this file beside the artifact
    REMOTE_CODE = "remote-code"  # a loader imports and runs this code
    LINK = "link"  # the path is a symbolic link to this
    LFS = "git-lfs"  # the artifact is a pointer to these bytes
    ENTITY = "entity"  # a reader of XML puts what stands there in its place
    BASE_MODEL = "base-model"
    DATASET = "dataset"


@record(kw_only=True)
class Reference(Fact):
    """Something outside the artifact that it names."""

    kind: Refers
    key: str  # where it stands, e.g. "auto_map.AutoModel" or "initializer W"
    target: str


class Role(StrEnum):
    """What a dataset was used for."""

    TRAINING = "training"
    EVALUATION = "evaluation"


@record(kw_only=True)
class Dataset(Fact):
    """A dataset that a document names, in the words of the document."""

    key: str  # where it stands: "datasets[0]", "model-index[0].results[1].dataset"
    name: str  # an id of a hub, a title, or an address
    role: Role
    config: str = ""  # of the dataset: a language, a subset
    split: str = ""
    revision: str = ""  # a commit


@record(kw_only=True)
class Metric(Fact):
    """A measurement that a document claims."""

    key: str  # where it stands: "model-index[0].results[1].metrics[0]"
    kind: str  # "accuracy", "wer"
    value: str  # as it is written
    name: str = ""  # for people
    task: str = ""
    dataset: str = ""  # what it was measured on
    config: str = ""
    split: str = ""
    is_verified: bool = False  # the document says that a third party measured it


@record(kw_only=True)
class Passage(Fact):
    """A section of a document for people, verbatim, without its subsections."""

    heading: str  # as it is written
    above: tuple[str, ...] = ()  # the headings that it stands under, outermost first
    text: str


class Direction(StrEnum):
    """Which end of a model a `Port` is."""

    INPUT = "input"
    OUTPUT = "output"


@record(kw_only=True)
class Port(Fact):
    """An input or output that a graph declares."""

    direction: Direction
    name: str
    dtype: str  # as the file spells it
    shape: tuple[str, ...] = ()  # a number, the name of a free axis, or "" for an unnamed one
    is_ranked: bool = True  # else any number of axes will do


@record(kw_only=True)
class TemplateUse(Fact):
    """Something that rendering a template would look up, call or include."""

    template: str  # the key that holds it, e.g. "chat_template"
    kind: str  # "attribute", "item", "filter", "test", "name", "text", "computed", "include"
    name: str  # the looked-up name, constants folded; "" when it is computed at run time


class Kind(StrEnum):
    """What an archive says a member is."""

    FILE = "file"
    FOLDER = "folder"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"
    OTHER = "other"  # device, FIFO, or anything else that is no file


@record(kw_only=True)
class Member(Fact):
    """An entry of an archive that a rule may care about: odd kind, odd name, or a link."""

    name: str  # as stored
    kind: Kind
    target: str = ""  # of a link, as stored


@record(kw_only=True)
class Expansion(Fact):
    """A member that expands far beyond its compressed length; reading stopped at `produced`."""

    name: str
    compressed: int  # bytes
    produced: int  # bytes, at least


@record(kw_only=True)
class Unclaimed(Fact):
    """Bytes that no structure of the format accounts for."""


@record(kw_only=True)
class Impossible(Fact):
    """A count, length or shape beyond what any file of the format, cut short or not, can hold."""

    detail: str


@record(kw_only=True)
class Overlap(Fact):
    """Bytes that two structures claim, though the format forbids it."""

    first: str
    second: str


@record(kw_only=True)
class Conflict(Fact):
    """Two readers, or a name and the content, would not agree on what this is.

    `kind` is "name" (the suffix says otherwise), "polyglot" (two formats match), "archive" (central
    directory, local headers or checksums disagree), "duplicate" (a key or member twice), "reader"
    (implementations of the format differ), or "dtype" (a data type and the values it is of).
    """

    kind: str
    detail: str
    formats: tuple[str, ...] = ()  # ids of what the content is, for "name" and "polyglot"
    promised: tuple[str, ...] = ()  # ids of what the suffix says, for "name"


@record(kw_only=True)
class Effect(Fact):
    """An action that loading the artifact would take."""


@record(kw_only=True)
class Import(Effect):
    """An object that would be imported. Importing runs the module's top level."""

    module: str
    name: str
    op: str = "GLOBAL"

    @property
    def dotted(self) -> str:
        """The full dotted name."""
        return f"{self.module}.{self.name}"


@record(kw_only=True)
class Call(Effect):
    """A callable that would be called. Equal calls are reported once, with their `count`."""

    callee: Value
    arguments: Value = None  # a Group of kind "tuple" when they are known
    keywords: Value = None  # a Group of kind "dict" for NEWOBJ_EX
    op: str = "REDUCE"
    names: tuple[str, ...] = ()  # every imported name in the arguments, also where they were cut
    texts: tuple[str, ...] = ()  # where they were cut: one text of each kind that `telling` knows
    count: int = 1


@record(kw_only=True)
class StateSet(Effect):
    """BUILD: `__setstate__`, or attributes, set on an object."""

    target: Value
    state: Value
    names: tuple[str, ...] = ()  # every imported name in the state
    count: int = 1


@record(kw_only=True)
class ItemsSet(Effect):
    """Items added (`append`, `extend`, `add`, `__setitem__`) to an object that is no plain one."""

    target: Value
    items: Value
    op: str
    names: tuple[str, ...] = ()
    count: int = 1


@record(kw_only=True)
class ExtensionUse(Effect):
    """An object taken from the `copyreg` extension registry by number: it could be anything."""

    code: int


@record(kw_only=True)
class Operation(Effect):
    """A node of a graph whose operator reaches files, another machine or another program.

    Of the names that reach it, `given` holds the constant ones, with "…" for a piece that is not
    known. Equal ones are reported once, with their `count`.
    """

    graph: str  # "saved-model", "meta-graph" (of a program that trains), "graph" or "lite"
    operator: str  # as TensorFlow calls it: "ReadFile"
    given: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()  # files of the model itself
    is_fed: bool = False  # whoever runs the graph gives one
    is_computed: bool = False  # something else may reach it
    function: str = ""  # that holds the node; "" for the graph itself
    count: int = 1


@record(kw_only=True)
class CompiledCode(Fact):
    """Compiled Python that the artifact carries: one function, class body or module.

    Told from its instructions, jumps not taken: what it builds at run time is not among this.
    """

    name: str  # qualified, as it says itself: "Model.forward"
    file: str  # that it was compiled from, as it says itself
    carrier: str  # "pickle", "marshal", "pyc" or "keras"
    pythons: tuple[str, ...] = ()  # whose instructions these can be; () if they are of none we know
    imports: tuple[str, ...] = ()  # dotted
    names: tuple[str, ...] = ()  # looked-up names, dotted, imports resolved: "os.system"
    calls: tuple[str, ...] = ()  # of such names, with their constant arguments
    texts: tuple[str, ...] = ()  # constants that could be a path, an address, a command or code


@record(kw_only=True)
class SourceCode(Fact):
    """Python source: what it imports, and what it calls, told from its text.

    A call stands as ``LINE: name(arguments)``, its name in full as imports and assignments have it.
    What the text puts together at run time is not among this.
    """

    is_parsed: bool = True  # else its words stand here, as if importing it called them all
    imports: tuple[str, ...] = ()  # dotted; relative ones begin with dots
    at_import: tuple[str, ...] = ()  # calls that importing the file makes
    at_init: tuple[str, ...] = ()  # calls that making an object of one of its classes makes
    elsewhere: tuple[str, ...] = ()  # calls that need one more: of a function, of a method


@record(kw_only=True)
class Configured(Fact):
    """An object that a configuration has its loader make, find or call, by its name.

    `kind` is "class", "function", "layer" (a function where a layer belongs: it is called), "code"
    (that stands in the configuration itself), "file" (that making the object opens: `name`) or
    "nested" (a model of another format, which it loads).
    """

    loader: str  # whose configuration it is: "keras"
    kind: str
    key: str  # where it stands first: "config.layers[2]"
    module: str = ""  # "" where the configuration names none
    name: str = ""
    count: int = 1


@record(kw_only=True)
class Named(Fact):
    """Python that a document names for its reader, by a key or a tag."""

    key: str  # where it stands: "model.optimizer._target_"
    name: str  # dotted, as imports see it; with "${" where the reader puts it together
    by: str  # whose way of naming it is: "Hydra", "PyYAML", "skops"
    way: str  # "calls", "takes" (it keeps the object), "imports" or "evaluates" (a text that calls)
    texts: tuple[str, ...] = ()  # the first that it is handed
    files: tuple[str, ...] = ()  # beside the document, that importing it runs if they are there


class Reason(StrEnum):
    """Why something was not read."""

    MALFORMED = "malformed"  # breaks its format's rules, or ends early
    ENCRYPTED = "encrypted"
    LIMIT = "limit"  # too big, too deep, too many
    UNSUPPORTED = "unsupported"  # a known format or codec that is not read yet
    ABSENT = "absent"  # a pointer stands where the bytes should be
    LINK = "link"  # a symbolic link, not followed
    NOT_A_FILE = "not-a-file"  # device, FIFO, socket
    DENIED = "denied"  # no permission, or an input or output error
    CHANGED = "changed"  # changed or vanished while it was read
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"  # the parser's process died
    VIOLATION = "violation"  # the parser's process tried what it must not
    PROTOCOL = "protocol"  # the parser's process answered nonsense
    UNAVAILABLE = "unavailable"  # no locked process could be started


@record(kw_only=True)
class Unread(Fact):
    """Something that was not read. A scan that holds one is incomplete."""

    reason: Reason
    detail: str
