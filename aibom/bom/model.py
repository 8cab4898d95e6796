"""What a bill of materials says, apart from how any version of CycloneDX spells it.

A `Claim` is one field of one component with its status and the bytes it came from. The profile of
fields grows by members of `Field` and by tables in `keys`; a field for which a version of
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
    """What a claim is about. The value names it in evidence, and its property: see `property_of`.

    Names that begin with ``cdx:`` are of CycloneDX's own taxonomy of properties for AI.
    """

    # What it is called, and by whom
    MODEL_NAME = "model:name"  # as its producer calls it
    GROUP = "group"  # the namespace of a hub that it lives in
    VERSION = "version"
    COMMIT = "commit"  # of the repository that it was taken from, in full
    PURL = "purl"
    SUPPLIER = "supplier"  # an organisation
    AUTHOR = "author"
    DESCRIPTION = "description"
    ADDRESS = "address"  # a page or repository of its own, a URL
    DOWNLOAD = "download"  # where it can be had from, a URL
    ROLE = "role"  # of a file: what a loader takes it for

    # What it computes
    ARCHITECTURE_FAMILY = "architecture:family"  # "llama"
    ARCHITECTURE = "architecture:name"  # "LlamaForCausalLM"
    TASK = "task"  # "text-generation"
    APPROACH = "approach"  # a word of CycloneDX: "supervised"
    INPUT = "input"  # "tokens: INT64[batch, sequence]"
    OUTPUT = "output"
    EMBEDDING = "embedding:size"  # numbers that stand for one input
    POOLING = "embedding:pooling"  # "mean": how those of all tokens become one
    OPSET = "opset"  # a version, named by `detail`
    OPERATOR = "operator"  # "MatMul=12": used in twelve nodes
    MODALITY = "cdx:ai-ml:model:modality"
    LANGUAGE = "cdx:ai-ml:model:language"
    CONTEXT_LENGTH = "context:length"  # tokens
    INPUT_LENGTH = "input:length"  # tokens of one input that are read; what is longer is cut
    VOCABULARY = "vocabulary:size"  # tokens
    LAYERS = "layers"
    HEADS = "attention:heads"
    KEY_VALUE_HEADS = "attention:key-value-heads"
    WIDTH = "hidden:size"
    FEED_FORWARD = "feed-forward:size"  # of the layers between those of attention
    ROPE = "rope:dimensions"  # of each head that rotary embeddings turn
    EXPERTS = "experts"  # in a layer
    EXPERTS_USED = "experts:used"  # for one token
    TOKENIZER = "cdx:ai-ml:model:tokenizer"
    CHAT_TEMPLATE = "cdx:ai-ml:model:template:chat"  # the file or key that holds it
    GENERATION = "generation"  # a default of generating, named by `detail`

    # What it is made of
    PARAMETERS = "cdx:ai-ml:model:parameter:count"  # packed ones unpacked, tied ones once
    TENSOR_COUNT = "tensor:count"
    TENSOR_ELEMENTS = "tensor:elements"  # summed over all tensors: shared ones twice, packed as is
    TENSOR_AROUND = "tensor:around"  # elements of tensors that are no parameters, as packed
    TENSOR_DTYPE = "tensor:dtype"  # "F32=12": twelve tensors
    DTYPE = "dtype"  # declared
    QUANTISATION = "quantisation"  # what somebody declares, named by `detail`
    FILE = "file"  # of several that are one set of weights
    FILE_MISSING = "file:missing"
    WEIGHTS_ROOT = "weights:root"  # of the tensors by their values: "blake3:…"
    WEIGHTS_LEAVES = "weights:leaves"  # different tensors
    WEIGHTS_COVERED = "weights:covered"  # bytes of the tensors that have a leaf
    WEIGHTS_UNCOVERED = "weights:uncovered"  # bytes of those that have none
    WEIGHTS_WITHOUT = "weights:without"  # "compressed=3": why how many tensors have none
    WEIGHTS_FILE = "weights:file"  # that names every leaf

    # How it was made
    TUNE_METHOD = "cdx:ai-ml:model:parameter:tune_method"  # "lora"
    HYPERPARAMETER = "cdx:ai-ml:model:hyperparameter"  # named by `detail`
    BASE_MODEL = "base-model"
    BASE_HINT = "base-model:hint"  # a name that may be its own or that of a base model
    BASE_RELATION = "base-model:relation"  # "finetune", "quantized", "adapter", "merge"
    DATASET = "dataset"
    DATASET_ROLE = "dataset:role"  # "training", "evaluation"
    DATASET_CONFIG = "dataset:config"
    DATASET_SPLIT = "dataset:split"
    DATASET_REVISION = "dataset:revision"
    SOFTWARE = "software"  # a library that it was made with, or that loads it
    PRODUCER = "producer"  # the program that wrote the file
    REMOTE_CODE = "remote-code"  # what a loader imports and runs

    # What people say of it
    LICENCE = "licence"  # an id or a name
    LICENCE_TEXT = "licence:text"  # the file that holds a text, or a link to one
    METRIC = "metric"
    TAG = "tag"
    USERS = "card:users"  # this and those below: a passage of the model card, word for word
    USE_CASES = "card:use-cases"
    MISUSE = "card:out-of-scope-use"
    LIMITATIONS = "card:limitations"
    TRADEOFFS = "card:trade-offs"
    ETHICS = "card:ethical-considerations"
    ENVIRONMENT = "card:environmental-impact"
    EMISSIONS = "co2"  # an entry of the card, named by `detail`
    TRAINING_DATA = "card:training-data"
    TRAINING_PROCEDURE = "card:training-procedure"
    EVALUATION = "card:evaluation"

    METADATA_UNMAPPED = "metadata:unmapped"  # keys that became no claim


def property_of(name: str) -> str:
    """Return the name of the property for the field of this name."""
    return name if name.startswith("cdx:") else f"aibom:{name}"


@record
class Evidence:
    """The place that a claim rests on."""

    file: str  # relative path of the outer file
    member: tuple[str, ...] = ()  # path inside it, outermost first
    offset: int | None = None  # bytes, in the innermost artifact
    key: str = ""  # the key, header entry or heading that was read


@record
class Claim:
    """One field of one component."""

    field: Field
    value: str
    status: Status
    evidence: tuple[Evidence, ...] = ()
    detail: str = ""  # which one of many: the name of a hyper-parameter

    @property
    def name(self) -> str:
        """The field with its detail, as evidence and properties name it."""
        return f"{self.field.value}:{self.detail}" if self.detail else self.field.value


@record
class Measurement:
    """A metric that somebody claims."""

    kind: str  # "accuracy"
    value: str
    slice: str  # of what: task, dataset, split
    claim: Claim


class Kind(StrEnum):
    """What a component is."""

    MODEL = "machine-learning-model"
    DATA = "data"
    LIBRARY = "library"
    FILE = "file"


@record
class Unread:
    """A part of a component that was not read."""

    reason: str
    detail: str
    member: tuple[str, ...] = ()


@record
class Link:
    """A reference from a model to a dataset, with what it rests on."""

    ref: str
    role: str  # of the dataset: see `Role`
    claim: Claim


@record
class Pointer:
    """A document about a component: a file of the model, or an address on the web."""

    kind: str  # of CycloneDX's external references: "model-card"
    url: str
    claim: Claim
    hashes: tuple[tuple[str, str], ...] = ()


@record
class Component:
    """The subject, one file of it, or something else that the files name."""

    ref: str  # unique and the same in every run
    kind: Kind
    name: str
    path: str = ""  # relative, "/" between folders; "" is no file
    size: int | None = None  # bytes
    hashes: tuple[tuple[str, str], ...] = ()  # ("SHA-256", hexadecimal), as CycloneDX spells them
    media_type: str = ""
    formats: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    unread: tuple[Unread, ...] = ()
    metrics: tuple[Measurement, ...] = ()
    datasets: tuple[Link, ...] = ()
    depends_on: tuple[str, ...] = ()  # refs
    pointers: tuple[Pointer, ...] = ()
    ancestors: tuple[Component, ...] = ()
    variants: tuple[Component, ...] = ()
    in_owasp_names: tuple[Claim, ...] = ()  # of it, or of the subject: see `owasp`


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
class Waiver:
    """Who answers for a finding, why, and until when."""

    owner: str
    reason: str
    expires: str  # the last day on which it holds, ISO 8601; "" if it does not end


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
    waiver: Waiver | None = None
    family: str = ""  # of the rule: "licence", "provenance" and "declared" tell of no attack
    stands_for: tuple[str, ...] = ()  # refs of findings that are not listed one by one


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
    components: tuple[Component, ...]  # models first, then data, libraries and files, each by ref
    vulnerabilities: tuple[Vulnerability, ...] = ()  # worst last
    compositions: tuple[Composition, ...] = ()
    left_out: tuple[str, ...] = ()  # top-level names that never are components, there or not
    not_covered: tuple[NotCovered, ...] = ()
    policy: tuple[str, str] = ("", "")  # name and SHA-256 of the one that it was judged by
    version: str = ""  # of the subject, by its publisher's word
    commit: str = ""  # that the subject was made from, by its publisher's word
