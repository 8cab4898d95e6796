"""What a bill of materials says, apart from how any version of CycloneDX spells it.

A `Claim` is one field of one component with its status and the bytes it came from. The profile of
fields grows by members of `Field` and by functions in `claims`; a field for which a version of
CycloneDX has no place of its own is still written, as a property.
"""

from __future__ import annotations

from enum import StrEnum

from ..scanners.record import record


class Status(StrEnum):
    """How a claim is known. There is no number: confidence in parsed bytes would be invented."""

    OBSERVED = "observed"  # follows from the bytes themselves
    DECLARED = "declared"  # somebody wrote it down in the files
    INFERRED = "inferred"  # follows from other claims by a rule
    UNKNOWN = "unknown"  # was looked for and is not there


class Field(StrEnum):
    """What a claim is about. The value is its property's name, after ``aibom:``."""

    ARCHITECTURE_FAMILY = "architecture:family"  # "llama"
    ARCHITECTURE = "architecture:name"  # "LlamaForCausalLM"
    TASK = "task"  # "text-generation"
    MODEL_NAME = "model:name"  # as its producer calls it
    CONTEXT_LENGTH = "context:length"  # tokens
    LICENCE = "licence"  # an id or a name
    LICENCE_TEXT = "licence:text"  # the file that holds a text
    TENSOR_COUNT = "tensor:count"
    TENSOR_ELEMENTS = "tensor:elements"  # summed over all tensors: shared ones twice, packed as is
    TENSOR_DTYPE = "tensor:dtype"  # "F32=12": twelve tensors
    METADATA_UNMAPPED = "metadata:unmapped"  # keys that became no claim


@record
class Evidence:
    """The place that a claim rests on."""

    file: str  # relative path of the outer file
    member: tuple[str, ...] = ()  # path inside it, outermost first
    offset: int | None = None  # bytes, in the innermost artifact
    key: str = ""  # the key or header entry that was read


@record
class Claim:
    """One field of one component."""

    field: Field
    value: str
    status: Status
    evidence: tuple[Evidence, ...] = ()


class Kind(StrEnum):
    """What a component is."""

    MODEL = "machine-learning-model"
    FILE = "file"


@record
class Unread:
    """A part of a component that was not read."""

    reason: str
    detail: str
    member: tuple[str, ...] = ()


@record
class Component:
    """The subject, or one file of it."""

    ref: str  # unique and the same in every run
    kind: Kind
    name: str
    path: str = ""  # relative, "/" between folders; "" is the subject
    size: int | None = None  # bytes
    hashes: tuple[tuple[str, str], ...] = ()  # ("SHA-256", hexadecimal), as CycloneDX spells them
    media_type: str = ""
    formats: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    unread: tuple[Unread, ...] = ()


class Aggregate(StrEnum):
    """How much is known of what something is made of."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    UNKNOWN = "unknown"


@record
class Composition:
    """The components, and those whose dependencies, are known this far."""

    aggregate: Aggregate
    assemblies: tuple[str, ...] = ()  # refs: what it consists of
    dependencies: tuple[str, ...] = ()  # refs: what it depends on


@record
class Vulnerability:
    """A finding of a scan."""

    ref: str
    rule: str
    title: str
    severity: str
    message: str  # the evidence
    why: str  # the rule's help, up to the advice
    advice: str
    cwes: tuple[int, ...]
    references: tuple[str, ...]  # other frameworks' ids
    affects: str  # the ref of a component
    path: tuple[str, ...] = ()  # outermost first
    offset: int | None = None  # bytes
    length: int | None = None  # bytes


@record
class NotCovered:
    """A path that is no component, since its bytes are not known: a link, a device, a failure."""

    name: str
    why: str


@record
class Bom:
    """A whole bill of materials."""

    tool_version: str
    rules_digest: str  # SHA-256, hexadecimal
    subject: Component
    components: tuple[Component, ...]  # models first, each group sorted by path
    vulnerabilities: tuple[Vulnerability, ...] = ()  # worst last
    compositions: tuple[Composition, ...] = ()
    left_out: tuple[str, ...] = ()  # top-level names that never are components, there or not
    not_covered: tuple[NotCovered, ...] = ()
    version: str = ""  # of the subject, by its publisher's word
    commit: str = ""  # that the subject was made from, by its publisher's word
