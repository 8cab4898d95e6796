"""Scan, compare with the base, write documents, sign, verify: one step of a workflow.

Ends with 0 when the work was done, whatever was found: a later step fails by the output
`exit-code`, once the documents are uploaded. A mistake in the inputs ends with 2.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..attest import bom_of, timestamp_from
from ..cli import run as run_cli
from ..cli.options import Judging, Reading
from ..cli.scan import worst
from ..errors import AibomError, Exit
from ..layout import BOM_NAME, Outputs
from ..output import write_atomic
from ..render import renderer
from ..render.escape import safe
from ..render.words import not_here, not_signed
from ..scan import scan_target
from ..scanners.record import replace
from ..several import outcomes_of
from ..waiver import Accepted, Baseline, baseline_of
from . import outputs
from .base import base_commit, checked_out, is_pull_request
from .inputs import Inputs, read, results_folder, with_settings
from .operators import as_of_base, in_workspace

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from ..outcome import Outcome
    from ..policy import Policy
    from ..report import Report
    from ..waiver import Known


def main(environment: Mapping[str, str]) -> int:
    """Do everything that the inputs in `environment` ask for; return the exit code of the step."""
    try:
        inputs = read(environment)
        with _base(inputs, environment) as base:
            if inputs.rules_from == "base" and is_pull_request(environment):
                inputs = as_of_base(inputs, base)
            return _run(inputs, environment, base)
    except AibomError as error:
        outputs.notice(str(error), "error")
        return int(Exit.USAGE)
    except Exception:  # noqa: BLE001 - a bug must not write commands either
        with outputs.plainly():
            outputs.say("\n".join(safe(line) for line in traceback.format_exc().splitlines()))
        return int(Exit.BUG)


@contextmanager
def _base(inputs: Inputs, environment: Mapping[str, str]) -> Generator[Path | None]:
    """Yield the files of a pull request's base, if they matter and git can bring them."""
    files_matter = inputs.rules_from == "base" and bool(in_workspace(inputs))
    commit = base_commit(environment)
    if commit is None or not (inputs.baseline == "auto" or files_matter):
        yield None
        return
    with tempfile.TemporaryDirectory() as own, checked_out(commit, Path(own) / "base") as base:
        yield base


def _run(inputs: Inputs, environment: Mapping[str, str], base: Path | None) -> int:
    folder = results_folder(inputs, environment)
    inputs, kept = with_settings(inputs)
    if kept and not is_pull_request(environment):  # where `auto` knows nothing
        inputs, kept = replace(inputs, baseline=kept), ""
    judging = _judging(inputs, environment, base, kept)
    outcomes, errors = outcomes_of(
        inputs.paths, partial(_scanned, inputs=inputs), judging.policy, judging.accepted
    )
    for error in errors:
        outputs.notice(str(error), "error")
    if outcomes[0].verdict.not_here:
        outputs.notice(not_here(outcomes[0].verdict))
    documents = outputs.write_documents(outcomes, folder)
    code = worst(each.verdict.exit_code for each in outcomes)
    values = {
        "sarif-path": str(documents["sarif"]),
        "report-path": str(documents["json"]),
        **outputs.counts(outcomes),
    }
    may_sign = code == Exit.OK and _may_be_attested(inputs, outcomes[0])
    values |= _bom(inputs, outcomes[0], folder, may_sign=may_sign)
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


def _judging(
    inputs: Inputs, environment: Mapping[str, str], base: Path | None, kept: str
) -> Judging:
    """Return how to judge: by policy, waivers, and what the base of a pull request had already.

    What the baseline in the file `kept` knows does not count either.
    """
    reading = Reading(
        fail_on=inputs.fail_on or None,
        require_lock=inputs.require_lock == "true",
        no_isolation=False,
        jobs=0,
        sha512=False,
        policy=inputs.policy or None,
        waivers=inputs.waivers or None,
        baseline=_baseline_file(inputs) or kept or None,
    )
    judging = reading.judging()
    if inputs.baseline != "auto" or not is_pull_request(environment):
        return judging
    if base is None:
        outputs.notice("the base is not at hand, so every finding counts")
        return judging
    accepted = judging.accepted or Accepted()
    known = (*accepted.baseline.known, *_before(inputs, judging.policy, base))
    return replace(judging, accepted=replace(accepted, baseline=Baseline(known)))


def _baseline_file(inputs: Inputs) -> str | None:
    return inputs.baseline if inputs.baseline not in {"auto", "none"} else None


def _before(inputs: Inputs, policy: Policy, base: Path) -> list[Known]:
    """Return what the targets had in the base."""
    known: list[Known] = []
    for path in inputs.paths:
        place = base / path
        if (
            not Path(path).is_absolute()
            and place.exists()
            and place.resolve().is_relative_to(base.resolve())
        ):
            known += baseline_of(_scanned(str(place), inputs), policy).known
    return known


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
            code = run_cli(["attest", only.path, "--keyless", *_same_judging(inputs)])
        if code != Exit.OK:
            raise AibomError("the model was not signed: see above.")
        written = Outputs.of(Path(only.path))
        return _bom_outputs(written.bom) | {"bundle-path": str(written.bundle)}
    bom = folder / BOM_NAME
    when = timestamp_from(dict(os.environ))
    write_atomic(bom, bom_of(only.report, when, None, verdict=only.verdict))
    sums = outputs.write_checksums(only.report, folder)
    return _bom_outputs(bom) | ({"checksums-path": str(sums)} if is_signed else {})


def _may_be_attested(inputs: Inputs, only: Outcome) -> bool:
    """Return whether a later step may attest the model; `aibom attest` decides for itself."""
    refused = only.verdict.must_not_be_signed
    if refused and inputs.sign == "attest":
        outputs.notice(not_signed(refused), "warning")
        return False
    return True


def _same_judging(inputs: Inputs) -> list[str]:
    """Return options of `attest`: it scans again, and must not be laxer than this scan."""
    lock = ["--require-lock"] if inputs.require_lock == "true" else []
    return lock + _options(
        {
            "--fail-on": inputs.fail_on,
            "--policy": inputs.policy,
            "--waivers": inputs.waivers,
            "--baseline": _baseline_file(inputs),
            "--trust-config": inputs.trust_config,
        }
    )


def _options(given: Mapping[str, str | None]) -> list[str]:
    return [text for name, value in given.items() if value for text in (name, value)]


def _bom_outputs(bom: Path) -> dict[str, str]:
    return {"bom-path": str(bom), "bom-digest": f"sha256:{outputs.digest_of(bom)}"}


def _verified(inputs: Inputs) -> int:
    demands = {
        "--key": inputs.verify_key,
        "--identity": inputs.verify_identity,
        "--issuer": inputs.verify_issuer,
        "--trusted-root": "" if inputs.verify_key else inputs.trust_config,
    }
    with outputs.plainly():
        return run_cli(["verify", inputs.paths[0], *_options(demands)])


if __name__ == "__main__":
    sys.exit(main(os.environ))
