"""Rules about package URLs: they parse, keep the rules of their type and mean this component.

https://github.com/package-url/purl-spec, with the definitions of types of 2026-08-21.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ...scanners.rule import Severity
from .rule import LintRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packageurl import PackageURL

    from .document import Document, Node
    from .rule import Told

MAX_PURL = 4096  # characters; more is no name of a package
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")  # git's, by SHA-1 or SHA-256
ENCODED_TWICE = re.compile(r"%25[0-9A-Fa-f]{2}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
HUB_PARTS = frozenset({"datasets", "spaces", "models"})  # of addresses, not owners of models

NAMESPACE_REQUIRED = frozenset(
    {"alpm", "apk", "bitbucket", "composer", "deb", "git", "github", "golang", "maven", "qpkg"}
    | {"rpm", "swift", "vscode-extension"}
)
NAMESPACE_PROHIBITED = frozenset(
    {"bazel", "bitnami", "cargo", "chrome-extension", "cocoapods", "conda", "cran", "gem"}
    | {"hackage", "julia", "nuget", "oci", "opam", "otp", "pub", "pypi", "vcpkg"}
)
QUALIFIERS_REQUIRED = {"julia": "uuid", "swid": "tag_id"}
PACKAGES = frozenset(  # types whose packages are programs
    {"alpm", "apk", "cargo", "composer", "conan", "conda", "cran", "deb", "gem", "golang"}
    | {"maven", "npm", "nuget", "pypi", "rpm", "swift"}
)
MODEL_FILE = re.compile(
    r"\.(onnx|safetensors|gguf|pt|pth|ckpt|bin|pkl|joblib|h5|keras|tflite|pb|npz?)$", re.IGNORECASE
)


def _parsed(text: str) -> PackageURL | str:
    """Return the package URL that a text is, or why it is none."""
    return _read(text) if len(text) <= MAX_PURL else f"it has {len(text)} characters"


@lru_cache(maxsize=4096)  # several rules ask for each
def _read(text: str) -> PackageURL | str:
    from packageurl import PackageURL  # noqa: PLC0415 - only if there is one

    try:
        found = PackageURL.from_string(text)
        found.to_string()  # which may refuse half a character
    except ValueError as error:
        return str(error)[:200]
    return found


def purls(document: Document) -> Iterator[tuple[Node, PackageURL]]:
    """Yield every package URL that is one, with its place."""
    for node in document.texts("purl"):
        found = _parsed(node.value)
        if not isinstance(found, str):
            yield node, found


def purl_malformed(document: Document) -> Told:
    """Nobody can look the component up, and databases of vulnerabilities pass it over.

    What to do: write `pkg:type/namespace/name@version`, each part percent-encoded; or leave it out.
    """
    for node in document.texts("purl"):
        found = _parsed(node.value)
        if isinstance(found, str):
            yield node, f"{node.value!r:.200} is no package URL: {found}"


def purl_encoded_twice(document: Document) -> Told:
    """Decoded once, as everybody does, it still holds percent signs: it names another package.

    What to do: encode each part once, before they are joined.
    """
    for node in document.texts("purl"):
        found = ENCODED_TWICE.search(node.value)
        if found:
            yield node, f"{found[0]} is an encoded percent sign before an encoding"


def purl_not_canonical(document: Document) -> Told:
    """Texts are compared as they stand, so the same package is not found under this spelling.

    What to do: write it as the specification spells it.
    """
    for node, purl in purls(document):
        if purl.type == "huggingface":
            continue  # the library folds case where the type does not
        canonical = purl.to_string()
        if _compared(node.value) != _compared(canonical):
            yield node, f"{node.value!r:.200} is spelled {canonical!r:.200}"


def _compared(text: str) -> str:
    """Return what spelling is about: encoding may vary, and the library drops spaces at ends."""
    return "".join(unquote(text).split())


def purl_of_model(document: Document) -> Told:
    """A model's package URL leads to its repository and one commit of it, or nowhere.

    What to do: for Hugging Face write `pkg:huggingface/owner/name@commit` with the whole commit in
    lower case; a repository without an owner has no package URL. For MLflow write no namespace,
    and the tracking server as `repository_url`.
    """
    for node, purl in purls(document):
        if purl.type == "huggingface":
            yield from ((node, why) for why in _hugging_face(purl, node.value))
        elif purl.type == "mlflow":
            qualifiers: Any = purl.qualifiers or {}
            if purl.namespace:
                yield node, f"namespace {purl.namespace!r:.100}, and mlflow has none"
            if not qualifiers.get("repository_url"):
                yield node, "no repository_url, and mlflow has no default"


def _hugging_face(purl: PackageURL, text: str) -> Iterator[str]:
    if not purl.namespace:
        yield "no namespace, and huggingface requires the owner"
    elif purl.namespace in HUB_PARTS:
        yield f"{purl.namespace!r} is no owner of models: the type huggingface is for models only"
    head = re.split(r"[?#]", text)[0]
    _, has_version, version = head.rpartition("@")  # as written: the library folds its case
    if has_version and not COMMIT.fullmatch(unquote(version)):
        yield f"version {version!r:.100} is no whole commit in lower case"


def purl_breaks_its_type(document: Document) -> Told:
    """Each type of package URL says which parts it has; one that breaks this finds nothing.

    What to do: see the definition of the type in the specification of package URLs.
    """
    for node, purl in purls(document):
        qualifiers: Any = purl.qualifiers or {}
        if purl.type in NAMESPACE_REQUIRED and not purl.namespace:
            yield node, f"no namespace, and {purl.type} requires one"
        if purl.type in NAMESPACE_PROHIBITED and purl.namespace:
            yield node, f"namespace {purl.namespace!r:.100}, and {purl.type} has none"
        wanted = QUALIFIERS_REQUIRED.get(purl.type)
        if wanted and not qualifiers.get(wanted):
            yield node, f"no qualifier {wanted}, and {purl.type} requires it"
        if purl.type == "oci" and purl.version and not DIGEST.fullmatch(purl.version):
            yield node, f"version {purl.version!r:.100}, and that of oci is sha256:… of the image"


def purl_of_another_kind(document: Document) -> Told:
    """A file or a model is called a package that it is not; whoever looks it up gets another's.

    What to do: leave the package URL out of a file. A program that loads models is a `library`.
    """
    for node, purl in purls(document):
        kind = node.owner.text("type") if node.owner else ""
        if purl.type in PACKAGES and MODEL_FILE.search(purl.name):
            yield (
                node,
                f"{purl.name!r:.100} is the name of a file, and not of a {purl.type} package",
            )
        elif purl.type in PACKAGES and kind == "machine-learning-model":
            yield node, f"a {purl.type} package, and the component is a machine-learning-model"


def purl_contradicts_version(document: Document) -> Told:
    """The component says one version, and its package URL another: one of them is wrong.

    What to do: write the same, and the whole of it: a shortened commit is another text.
    """
    for node, purl in purls(document):
        version = node.owner.text("version") if node.owner else ""
        if version and purl.version and version not in {purl.version, unquote(purl.version)}:
            yield node, f"version {purl.version!r:.100}, and the component's is {version!r:.100}"


COMMIT_OF_EXAMPLES = "043235d6088ecd3dd5fb5ca3592b6913fd516027"
MODEL = f"pkg:huggingface/acme/llama@{COMMIT_OF_EXAMPLES}"


def _with(purl: str, kind: str = "machine-learning-model", **more: str) -> dict[str, Any]:
    return {"components": [{"type": kind, "name": "x", "purl": purl, **more}]}


RULES = (
    LintRule(
        id="purl-malformed",
        title="A package URL cannot be read",
        severity=Severity.HIGH,
        check=purl_malformed,
        flags=(_with("acme/llama"), _with("pkg:huggingface"), _with("pkg:pypi/" + "a" * 5000)),
        passes=(_with(MODEL),),
    ),
    LintRule(
        id="purl-encoded-twice",
        title="A package URL is percent-encoded twice",
        severity=Severity.HIGH,
        check=purl_encoded_twice,
        flags=(_with("pkg:generic/my%2520model"),),
        passes=(_with("pkg:generic/my%20model"), _with("pkg:generic/100%25")),
    ),
    LintRule(
        id="purl-not-canonical",
        title="A package URL is spelled otherwise than its type says",
        severity=Severity.MEDIUM,
        check=purl_not_canonical,
        flags=(_with("pkg:pypi/Foo_Bar@1", "library"), _with("pkg:PyPI/foo@1", "library")),
        passes=(
            _with("pkg:pypi/foo-bar@1", "library"),
            _with("pkg:huggingface/Acme/Llama-3"),
            _with("pkg:generic/x?checksum=sha256:00"),
            _with("pkg:generic/x%20"),
        ),
    ),
    LintRule(
        id="purl-of-model",
        title="A model's package URL leads nowhere",
        severity=Severity.HIGH,
        check=purl_of_model,
        flags=(
            _with("pkg:huggingface/gpt2"),
            _with("pkg:huggingface/acme/llama@043235d6"),
            _with(f"pkg:huggingface/acme/llama@{COMMIT_OF_EXAMPLES.upper()}"),
            _with("pkg:huggingface/acme/llama@main"),
            _with("pkg:huggingface/datasets/wikitext", "data"),
            _with("pkg:mlflow/acme/fraud@3?repository_url=https://mlflow.example"),
            _with("pkg:mlflow/fraud@3"),
        ),
        passes=(
            _with(MODEL),
            _with("pkg:huggingface/acme/llama"),
            _with(f"{MODEL}#model.gguf"),
            _with("pkg:mlflow/fraud@3?repository_url=https://mlflow.example"),
        ),
    ),
    LintRule(
        id="purl-breaks-its-type",
        title="A package URL breaks a rule of its type",
        severity=Severity.MEDIUM,
        check=purl_breaks_its_type,
        flags=(
            _with("pkg:github/llama.cpp", "library"),
            _with("pkg:pypi/acme/foo", "library"),
            _with("pkg:oci/llama@latest"),
            _with("pkg:julia/Flux@1", "library"),
        ),
        passes=(
            _with("pkg:github/ggml-org/llama.cpp", "library"),
            _with("pkg:pypi/foo", "library"),
            _with("pkg:oci/llama@sha256:" + "5e" * 32),
        ),
    ),
    LintRule(
        id="purl-of-another-kind",
        title="A file or a model has the package URL of a program",
        severity=Severity.HIGH,
        check=purl_of_another_kind,
        flags=(_with("pkg:pypi/head.onnx", "library"), _with("pkg:pypi/transformers@5.0.0")),
        passes=(_with("pkg:pypi/transformers@5.0.0", "library"), _with("pkg:generic/head.onnx")),
    ),
    LintRule(
        id="purl-contradicts-version",
        title="A package URL has another version than its component",
        severity=Severity.HIGH,
        check=purl_contradicts_version,
        flags=(_with(MODEL, version=COMMIT_OF_EXAMPLES[:8]),),
        passes=(_with(MODEL, version=COMMIT_OF_EXAMPLES), _with(MODEL)),
    ),
)
