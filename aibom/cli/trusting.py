"""Options that say whose signature is believed, and the trust that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..scanners.record import record
from .keyless import Demand, identity_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..signatures import Trust

F = TypeVar("F", bound="Callable[..., Any]")


def trusting_options(function: F) -> F:
    """Add the options that say whom to trust."""
    function = identity_options(function)
    for option in reversed(
        (
            click.option(
                "--key",
                metavar="FILE",
                help="Public key of the signer, or several: a PEM file, got by another way.",
            ),
            click.option(
                "--allow-key-inside",
                is_flag=True,
                help="Accept a key, a root or a policy that lies in the model.",
            ),
        )
    ):
        function = option(function)
    return function


@record
class Trusting:
    """The values of `trusting_options`."""

    key: str | None
    allow_key_inside: bool
    demand: Demand

    def trust(self, path: str) -> Trust:
        """Return whom they say to trust for the model at `path`.

        Raises:
            TargetError: A file cannot be read, or lies in the model.
            SignatureError: It says nobody that can be trusted.
        """
        from ..verify import key_trust

        inside, demand = self.allow_key_inside, self.demand
        trust = demand.trust(self.key, path, allow_inside=inside)
        if trust is not None:
            return trust
        pem: bytes | None = None
        if demand.timestamps:
            from ..keyless import read_outside

            what = "timestamp authority"
            pem = read_outside(demand.timestamps, path, what, allow_inside=inside)
        return key_trust(self.key or "", path, allow_inside=inside, timestamps=pem)
