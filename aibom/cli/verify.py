"""`aibom verify`: is this the model that was signed, and by whom."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..render.escape import counted, safe, size
from ..scanners.record import fields
from .expecting import expectations_from, expecting_options
from .options import refuse_empty, target_argument
from .trusting import Trusting, trusting_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..layout import Outputs
    from ..report import Report
    from ..rescan import Rescan
    from ..signatures import Trust
    from ..signed_bom import Held
    from ..verify import Verification
    from .console import Console

CHECKED = "signature, statement, BOM, and every file byte for byte"
MOST = 20  # new findings that are told


@click.command("verify")
@target_argument
@trusting_options
@click.option("--bom", metavar="FILE", help="The BOM.  [default: beside the model]")
@click.option(
    "--bundle", metavar="FILE", help="The signature, or several.  [default: beside the BOM]"
)
@click.option(
    "--model-signature",
    is_flag=True,
    help="Verify the OpenSSF signature model.sig (or --bundle) of the folder instead.",
)
@click.option(
    "--rescan", is_flag=True, help="Scan again; the signed BOM must say what the bytes say."
)
@expecting_options
@click.pass_obj
def command(  # noqa: PLR0913 - one for each option
    console: Console,
    /,
    path: str,
    bom: str | None,
    bundle: str | None,
    policy: str | None,
    *,
    model_signature: bool,
    rescan: bool,
    **options: Any,
) -> int:
    """Verify that the model at PATH is, file for file, the one that was signed with its BOM.

    Any difference fails (exit 4): a changed, missing or additional file, a link, another BOM,
    another signer. Works offline. Says nothing about files at the top that belong to git. A good
    signature may be an old one: --expect-version, --max-age and their like say which is wanted.
    """
    refuse_empty(click.get_current_context())
    trusting = Trusting(**{name: options.pop(name) for name in fields(Trusting)})
    inside = trusting.allow_key_inside
    expectations = expectations_from(options, policy, path, allow_inside=inside)
    trust = trusting.trust(path)
    _warn(console, trust.warnings)
    if model_signature:
        if expectations or rescan or bom:
            raise click.UsageError("--model-signature knows no BOM, so nothing else of one.")
        return _verify_model_signature(console, path, trust, bundle)
    with console.progress(path, "hashing") as progress:
        verify = _way(path, bom, bundle, by_github=bool(trusting.demand.github_repository))
        found = verify(
            path,
            trust,
            expectations=expectations,
            rescanned=(lambda: _scan(path, console)) if rescan else None,
            progress=progress,
        )
    _warn(console, [each for each in found.warnings if each not in trust.warnings])
    _tell(console, found, f"{CHECKED}, and what you expect" if expectations else CHECKED)
    _tell_what_is_held(console, found.bom)
    if found.rescan is not None:
        _tell_rescan(console, found.rescan)
    return 0


def _warn(console: Console, warnings: Iterable[str]) -> None:
    for warning in warnings:
        console.warn(warning)


def _way(
    path: str, bom: str | None, bundle: str | None, *, by_github: bool
) -> Callable[..., Verification]:
    """Return what verifies: where a run of GitHub must have signed, its own attestations count."""
    outputs = _outputs(path, bom, bundle)
    if bundle:
        from ..bundles import verify_bundle

        place = Path(bom) if bom else None
        return partial(verify_bundle, outputs=outputs, bom=place, takes_attestations=by_github)
    from ..verify import verify_target

    return partial(verify_target, outputs=outputs)


def _verify_model_signature(console: Console, path: str, trust: Trust, bundle: str | None) -> int:
    from ..verify import verify_model_signature

    signature = Path(bundle) if bundle else None
    with console.progress(path, "hashing") as progress:
        found = verify_model_signature(path, trust, signature=signature, progress=progress)
    _tell(console, found, "model signature, and every file byte for byte")
    return 0


def _outputs(path: str, bom: str | None, bundle: str | None) -> Outputs:
    from ..layout import Outputs

    target = Path(path)
    found = Outputs.beside(Path(bom), in_folder=target.is_dir()) if bom else Outputs.of(target)
    return Outputs(found.bom, Path(bundle)) if bundle else found


def _scan(path: str, console: Console) -> Report:
    from ..scan import scan_target

    return scan_target(path, sandbox=console.sandbox(isolate=True), fingerprints=True)


def _tell(console: Console, found: Verification, checked: str) -> None:
    from ..folder import VERSION_CONTROL

    files = f"{counted(found.files, 'file')}, {size(found.size)}"
    console.result(
        f"{click.style('VERIFIED', fg='green', bold=True)}: {safe(found.model)} ({files})\n"
        f"  signed by   {safe(found.signed_by)}\n"
    )
    for time in found.times:
        console.result(f"  signed at   {time:%Y-%m-%d %H:%M:%S} UTC\n")
    for name, value in found.details:
        console.result(f"  {name:<11} {safe(value)}\n")
    for name in found.further:
        console.result(f"  signed too  {safe(name)}\n")
    console.result(f"  checked     {checked}\n")
    for name in found.not_covered:
        why = "version control" if name in VERSION_CONTROL else "a result of signing, not this one"
        console.result(f"  not covered {safe(name)} ({why})\n")


def _tell_rescan(console: Console, found: Rescan) -> None:
    rules = "by the same rules" if found.same_rules else "by other rules than the signer's"
    console.result(f"  scanned     again, {rules}; the BOM says what the bytes say\n")
    for told in found.new_findings[:MOST]:
        console.result(f"              not in the BOM: {safe(told)}\n")
    if len(found.new_findings) > MOST:
        console.result(f"              and {len(found.new_findings) - MOST} more\n")


def _tell_waived(console: Console, held: Held) -> None:
    """Say for which findings somebody answers, once for each rule and waiver."""
    from ..signed_bom import SHOWN

    told: dict[str, int] = {}
    for each in held.findings:
        if each.waived is not None:
            until = f" until {each.waived.expires}" if each.waived.expires else ""
            line = f"{each.rule} by {each.waived.owner}{until}: {each.waived.reason}"
            told[line] = told.get(line, 0) + 1
    for line, count in list(told.items())[:SHOWN]:
        times = f" ({count} findings)" if count > 1 else ""
        console.result(f"  waived      {safe(line)}{times}\n")
    if len(told) > SHOWN:
        console.result(f"  waived      and {len(told) - SHOWN} more\n")


def _tell_what_is_held(console: Console, bom: dict[str, object]) -> None:
    """A good signature does not make a good model: say what the signed BOM holds against it."""
    from ..signed_bom import SHOWN, held_against, judged_by

    held = held_against(bom)
    name, digest = judged_by(bom)
    if digest:
        console.result(f"  policy      {safe(name)}, SHA-256 {safe(digest)}\n")
    if held.findings:
        counts = ", ".join(f"{count} {safe(level)}" for level, count in held.counts.items())
        console.result(f"  findings    {counts}, stated in the signed BOM:\n")
        rules = dict.fromkeys(f"{each.severity}[{each.rule}]" for each in held.findings)
        for rule in list(rules)[:SHOWN]:
            console.result(f"              {safe(rule)}\n")
    _tell_waived(console, held)
    for path, why in held.unread[:SHOWN]:
        told = f"{safe(path)}: {safe(why)}" if why else safe(path)
        console.result(f"  not read    {told}\n")
    if len(held.unread) > SHOWN:
        console.result(f"  not read    and {len(held.unread) - SHOWN} more\n")
