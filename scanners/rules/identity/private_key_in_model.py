"""Rule: a private key lies beside the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Metadata
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(told: Metadata) -> Iterator[str]:
    """Whoever gets the model gets the key, and can sign or log in as its owner.

    What to do: take the key out of the folder; if the folder was ever passed on, make a new one.
    """
    if told.key == "pem" and told.value.endswith("PRIVATE KEY"):
        yield f"a PEM block {told.value!r}"


RULE = Rule(
    id="private-key-in-model",
    title="A private key lies in the model's folder",
    severity=Severity.HIGH,
    on=Metadata,
    check=check,
    refs=("CWE-312", "CWE-522"),
    flags=(
        Metadata(key="pem", value="PRIVATE KEY"),
        Metadata(key="pem", value="ENCRYPTED PRIVATE KEY"),
        Metadata(key="pem", value="OPENSSH PRIVATE KEY"),
    ),
    passes=(
        Metadata(key="pem", value="CERTIFICATE"),
        Metadata(key="pem", value="PUBLIC KEY"),
        Metadata(key="general.name", value="PRIVATE KEY"),
    ),
)
