"""The journeys that need no other machine. Models are made here; nothing is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.hostile import calling_pickle
from tests.helpers.models import WEIGHTS, write_model
from tests.journeys.walk import Journey

if TYPE_CHECKING:
    from pathlib import Path

CARD = "---\nlicense: apache-2.0\nlibrary_name: transformers\n---\n# Support model\n"
APACHE = "Apache License\nVersion 2.0, January 2004\nhttp://www.apache.org/licenses/\n"


def honest(place: Path) -> None:
    """A model, ready to be released."""
    model = write_model(place / "model")
    (model / "README.md").write_text(CARD)
    (model / "LICENSE").write_text(APACHE)


def tampered(place: Path) -> None:
    """On the way, somebody changes one weight."""
    weights = place / "model" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\1")


def brownfield(place: Path) -> None:
    """A repository with a model that brings its own code, and a checkpoint as a pickle."""
    (place / ".git").mkdir()
    honest(place)
    config = '{"model_type": "x", "auto_map": {"AutoModel": "modeling_x.X"}}'
    (place / "model" / "config.json").write_text(config)
    (place / "model" / "modeling_x.py").write_text("class X:\n    pass\n")
    (place / "model" / "old.pkl").write_bytes(calling_pickle("builtins", "eval", b"1"))


def a_pull_request(place: Path) -> None:
    """A pull request adds a checkpoint that starts a program."""
    (place / "model" / "new model.pkl").write_bytes(calling_pickle("posix", "system"))


def an_upload(place: Path) -> None:
    """Somebody uploads a model with compiled code beside it."""
    upload = write_model(place / "upload")
    (upload / "pytorch_model.bin").write_bytes(calling_pickle("posix", "system"))
    (upload / "helper.so").write_bytes(b"\x7fELF\2\1\1" + bytes(57))


def a_download(place: Path) -> None:
    """A data scientist has downloaded a model: weights twice, once as a pickle."""
    folder = place / "cool-model"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    (folder / "pytorch_model.bin").write_bytes(calling_pickle("posix", "system"))
    (folder / "config.json").write_text('{"model_type": "x"}')
    (folder / "README.md").write_text(CARD)


JOURNEYS = (
    Journey(
        "1-release",
        (
            honest,
            "aibom keys generate --output release",
            "aibom scan model --policy release -o sarif=model.sarif",
            "aibom attest model --policy release --key release.key",
        ),
    ),
    Journey(
        "2-verify",
        (
            honest,
            "aibom keys generate --output release",
            "aibom attest model --policy release --key release.key",
            "aibom verify model --policy release --key release.pub",
            tampered,
            "aibom verify model --policy release --key release.pub",
        ),
    ),
    Journey(
        "3-pull-request",
        (
            brownfield,
            "aibom scan model --quiet --write-baseline base.json",
            a_pull_request,
            "aibom scan model --baseline base.json --format github",
            "aibom scan model --baseline base.json",
        ),
    ),
    Journey(
        "6-upload",
        (
            an_upload,
            "aibom scan upload --policy registry-upload",
            "aibom policy explain upload --policy registry-upload",
        ),
    ),
    Journey(
        "11-download",
        (
            a_download,
            "aibom scan cool-model",
            "aibom inspect cool-model/pytorch_model.bin",
            "aibom explain pickle-spawns-process",
        ),
    ),
    Journey(
        "12-adopt",
        (
            brownfield,
            "aibom init",
            "aibom scan model --config aibom.toml --quiet",
            "aibom scan model --config aibom.toml --write-baseline aibom-baseline.json --quiet",
            "aibom scan model --config aibom.toml --baseline aibom-baseline.json",
            "aibom explain remote-code",
            (
                "aibom waive model --rule remote-code --reason 'we read every line of it' "
                "--owner ml@example.org --expires 90d"
            ),
            "aibom scan model --config aibom.toml --waivers .aibom-waivers.yaml --quiet",
        ),
    ),
)
