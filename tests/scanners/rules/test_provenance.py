"""What the rules about origin say of whole folders."""

from __future__ import annotations

import pytest

from aibom.scanners import kits
from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.digest import SHA256
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Fact, Metadata, Reference, Refers, Tensor
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.record import replace
from aibom.scanners.source import BytesSource

kits.load_all()
COMMIT = "c0" * 20
ONE, OTHER = "1b" * 32, "2c" * 32
RECORD = ".cache/huggingface/download/model.safetensors.metadata"
FAMILY = {
    *("digest-mismatch", "unknown-origin", "mutable-reference", "namespace-imitation"),
    "base-model-unclear",
}
WEIGHTS = Tensor(name="w", dtype="F32", shape=(2,))


def read(name: str, text: str, digest: str = "") -> Artifact:
    """Return a text as it is read, with a digest as if it were the file's."""
    artifact = dissect(BytesSource(text.encode()), (name,), Budget(Limits()))
    return replace(artifact, digests=((SHA256, digest),) if digest else ())


def weights(name: str, digest: str, *facts: Fact) -> Artifact:
    return Artifact((name,), 8, ((SHA256, digest),), facts=(WEIGHTS, *facts))


def findings(*artifacts: Artifact) -> list[tuple[str, tuple[str, ...], str]]:
    return [(f.rule, f.path, f.message) for f in judge(Target(artifacts)) if f.rule in FAMILY]


def record(etag: str) -> Artifact:
    return read(RECORD, f"{COMMIT}\n{etag}\n1764100000.25\n")


def test_a_file_that_is_not_what_was_downloaded_is_named() -> None:
    assert findings(record(ONE), weights("model.safetensors", OTHER)) == [
        (
            "digest-mismatch",
            ("model.safetensors",),
            (
                "the record of its download, of commit c0c0c0c0c0c0, says SHA-256"
                f" {ONE}, the bytes have {OTHER}"
            ),
        )
    ]


def test_a_download_that_is_whole_needs_no_word() -> None:
    assert findings(record(ONE), weights("model.safetensors", ONE)) == []


def test_a_pointer_is_held_against_the_record_as_its_bytes_would_be() -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OTHER}\nsize 9\n"
    (found,) = findings(record(ONE), read("model.safetensors", pointer, "00" * 32))
    assert found[2].endswith(f"says SHA-256 {ONE}, the bytes have {OTHER}")
    md5 = Reference(kind=Refers.LFS, key="oid", target="md5:00")
    assert findings(record(ONE), weights("model.safetensors", OTHER, md5)) == []


def test_a_cache_names_files_by_their_digests() -> None:
    link = Reference(kind=Refers.LINK, key="symbolic link", target=f"../../blobs/{ONE}")
    snapshot = Artifact((f"snapshots/{COMMIT}/model.safetensors",), 0, facts=(link,))
    assert findings(weights(f"blobs/{ONE}", OTHER), snapshot) == [
        (
            "digest-mismatch",
            (f"blobs/{ONE}",),
            f"the file's own name says SHA-256 {ONE}, the bytes have {OTHER}",
        )
    ]
    assert findings(weights(f"blobs/{ONE}", ONE), snapshot) == []


@pytest.mark.parametrize(
    ("target", "told", "expected"),
    [
        ("org/base", {}, "loads the base model 'org/base' without a commit"),
        ("org/base", {"revision": "main"}, "loads the base model 'org/base' at 'main'"),
    ],
    ids=["nothing", "a branch"],
)
def test_what_an_adapter_loads_is_told(target: str, told: dict[str, str], expected: str) -> None:
    text = {"peft_type": "LORA", "base_model_name_or_path": target, **told}
    adapter = read("adapter_config.json", str(text).replace("'", '"'))
    assert findings(adapter) == [("mutable-reference", ("adapter_config.json",), expected)]


def test_an_adapter_that_pins_its_base_needs_no_word() -> None:
    text = f'{{"peft_type": "LORA", "base_model_name_or_path": "a/b", "revision": "{COMMIT}"}}'
    assert findings(read("adapter_config.json", text)) == []


def test_a_card_that_names_an_imitator_is_told_letter_by_letter() -> None:
    card = read("README.md", "---\nbase_model: met\u0430-llama/Llama\n---\n")
    assert findings(card) == [
        (
            "namespace-imitation",
            ("README.md",),
            ("'base_model' is of 'met\\u0430-llama', which could be taken for 'meta-llama'"),
        )
    ]


def test_models_that_are_made_from_each_other_are_told() -> None:
    one = read("models--a--b/snapshots/1/README.md", "---\nbase_model: c/d\n---\n")
    other = read("models--c--d/snapshots/1/README.md", "---\nbase_model: A/B\n---\n")
    assert [message for _, _, message in findings(one, other)] == [
        "made from 'c/d', which leads back to the model itself",
        "made from 'A/B', which leads back to the model itself",
    ]


def test_many_bad_names_are_shown_in_part() -> None:
    adapters = [
        read(f"{number:02}/adapter_config.json", '{"peft_type": "LORA"}') for number in range(30)
    ]
    assert len(findings(*adapters)) == 20


def test_two_files_may_say_the_same_of_themselves() -> None:
    facts = (
        Metadata(key="general.repo_url", value="https://huggingface.co/a/b"),
        Reference(kind=Refers.BASE_MODEL, key="base", target="https://huggingface.co/c/d"),
    )
    assert (
        findings(record(ONE), weights("1.gguf", ONE, *facts), weights("2.gguf", OTHER, *facts))
        == []
    )
