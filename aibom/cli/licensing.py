"""The options that name licences, and the policy that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..policy import Policy

LICENCE_OPTIONS = tuple(
    click.option(f"--{verb}-licence", metavar="LICENCE", multiple=True, help=told)
    for verb, told in (
        ("allow", "A licence that may be used: an id or a family. All others need a look."),
        ("review", "A licence that people must look at."),
        ("deny", "A licence that may not be used: agpl-3.0, or an attribute, commercial=no."),
    )
)


def with_licences(
    policy: Policy, allow: tuple[str, ...], review: tuple[str, ...], deny: tuple[str, ...]
) -> Policy:
    """Return a policy that demands what these lists say, besides all that it demanded.

    Raises:
        UsageError: A name means no licence.
    """
    if not (allow or review or deny):
        return policy
    from ..scanners.licences.policy import PolicyError, lists
    from ..scanners.record import replace

    try:
        asked = lists(allow, review, deny)
    except PolicyError as error:
        raise click.UsageError(f"{error}.") from error
    return replace(policy, licences=(*policy.licences, asked))
