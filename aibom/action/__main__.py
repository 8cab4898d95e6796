"""Scan, compare with the base, write documents, sign, verify: one step of a workflow.

Ends with 0 when the work was done, whatever was found: a later step fails by the output
`exit-code`, once the documents are uploaded. A mistake in the inputs ends with 2.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ..attest import bom_of, timestamp_from
from ..cli import run as run_cli
from ..cli.options import Judging, Reading
from ..cli.scan import worst
from ..errors import AibomError, Exit
from ..layout import BOM_NAME, Outputs
from ..outcome import Outcome
from ..output import write_atomic
from ..render import renderer
from ..render.escape import safe
from ..scan import scan_target
from ..scanners.record import replace
from ..waiver import Accepted, Baseline, baseline_of
from . import outputs
from .base import base_commit, checked_out
from .inputs import Inputs, read, results_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..report import Report


def main(environment: Mapping[str, str]) -> int:
    """Do everything that the inputs in `environment` ask for; return the exit code of the step."""
    try:
        inputs = read(environment)
        return _run(inputs, environment)
    except AibomError as error:
        outputs.say(f"::error title=aibom::{safe(str(error))}\n")
        return int(Exit.USAGE)


def _run(inputs: Inputs, environment: Mapping[str, str]) -> int:
    folder = results_folder(inputs, environment)
    judging = _judging(inputs, environment)
    outcomes = list(_outcomes(inputs, judging))
    documents = outputs.write_documents(outcomes, folder)
    code = worst(each.verdict.exit_code for each in outcomes)
    values = {
        "sarif-path": str(documents["sarif"]),
        "report-path": str(documents["json"]),
        **outputs.counts(outcomes),
    }
    values |= _bom(inputs, outcomes[0], folder, may_sign=code == Exit.OK)
    if inputs.verify == "true" and code == Exit.OK:
        code = _verified(inputs)
    if code != Exit.OK:  # what a later step attests
        values["checksums-path"] = ""
    verdict = {Exit.OK: "pass", Exit.FINDINGS: "fail", Exit.INCOMPLETE: "incomplete"}
    values |= {"verdict": verdict.get(Exit(code), "not-verified"), "exit-code": str(int(code))}
    outputs.set_outputs(values, environment)
    outputs.add_summary(documents["markdown"].read_text("utf-8"), environment)
    with outputs.plainly():
        outputs.say(renderer("text")(outcomes))
    outputs.say(renderer("github")(outcomes))
    return int(Exit.OK)


def _judging(inputs: Inputs, environment: Mapping[str, str]) -> Judging:
    """Return how to judge: by policy, waivers, and what the base of a pull request had already."""
    named = inputs.baseline if inputs.baseline not in {"auto", "none"} else None
    reading = Reading(
        fail_on=inputs.fail_on or None,
        require_lock=inputs.require_lock == "true",
        no_isolation=False,
        jobs=0,
        sha512=False,
        policy=inputs.policy or None,
        waivers=inputs.waivers or None,
        baseline=named,
    )
    judging = reading.judging()
    commit = base_commit(environment) if inputs.baseline == "auto" else None
    if commit is None:
        return judging
    accepted = judging.accepted or Accepted()
    return replace(judging, accepted=replace(accepted, baseline=_before(inputs, commit)))


def _before(inputs: Inputs, commit: str) -> Baseline:
    """Return what the targets had at `commit`; nothing, if git cannot bring it."""
    known: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as own, checked_out(commit, Path(own) / "base") as base:
        if base is None:
            outputs.say("::notice title=aibom::the base is not at hand, so every finding counts\n")
            return Baseline()
        for path in inputs.paths:
            place = base / path
            if (
                not Path(path).is_absolute()
                and place.exists()
                and place.resolve().is_relative_to(base.resolve())
            ):
                known += baseline_of(_scanned(str(place), inputs)).known
    return Baseline(tuple(known))


def _outcomes(inputs: Inputs, judging: Judging) -> Iterator[Outcome]:
    for path in inputs.paths:
        report = _scanned(path, inputs)
        yield Outcome(path, report, judging.of(report))


def _scanned(path: str, inputs: Inputs) -> Report:
    return scan_target(path, require_lock=inputs.require_lock == "true")


def _bom(inputs: Inputs, only: Outcome, folder: Path, *, may_sign: bool) -> dict[str, str]:
    """Write the BOM, and sign it or make it ready for `actions/attest`; return its outputs.

    A model that does not meet the policy is not signed.

    Raises:
        AibomError: It could not be written or signed.
    """
    is_signed = inputs.sign != "none" and may_sign
    if inputs.bom == "false" and not is_signed:
        return {}
    if inputs.sign == "keyless" and is_signed:
        with outputs.plainly():
            code = run_cli(["attest", only.path, "--keyless", *_same_policy(inputs)])
        if code != Exit.OK:
            raise AibomError("the model was not signed: see above.")
        written = Outputs.of(Path(only.path))
        return _bom_outputs(written.bom) | {"bundle-path": str(written.bundle)}
    bom = folder / BOM_NAME
    when = timestamp_from(dict(os.environ))
    write_atomic(bom, bom_of(only.report, when, None, verdict=only.verdict))
    sums = outputs.write_checksums(only.report, folder)
    return _bom_outputs(bom) | ({"checksums-path": str(sums)} if is_signed else {})


def _same_policy(inputs: Inputs) -> list[str]:
    given = {
        "--fail-on": inputs.fail_on,
        "--policy": inputs.policy,
        "--waivers": inputs.waivers,
    }
    return [text for name, value in given.items() if value for text in (name, value)]


def _bom_outputs(bom: Path) -> dict[str, str]:
    return {"bom-path": str(bom), "bom-digest": f"sha256:{outputs.digest_of(bom)}"}


def _verified(inputs: Inputs) -> int:
    given = {
        "--key": inputs.verify_key,
        "--identity": inputs.verify_identity,
        "--issuer": inputs.verify_issuer,
    }
    demands = [text for name, value in given.items() if value for text in (name, value)]
    with outputs.plainly():
        return run_cli(["verify", inputs.paths[0], *demands])


if __name__ == "__main__":
    sys.exit(main(os.environ))
