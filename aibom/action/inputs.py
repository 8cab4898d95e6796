"""The inputs of the Action, as strings from outside: each is checked before it is used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AibomError
from ..scanners.record import fields, record, replace
from ..scanners.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "AIBOM_INPUT_"
YES_OR_NO = ("true", "false")
LEVELS = ("", "never", *(level.name.lower() for level in Severity))
CHOICES = {
    "fail_on": LEVELS,
    "bom": YES_OR_NO,
    "sign": ("none", "keyless", "attest"),
    "verify": YES_OR_NO,
    "require_lock": YES_OR_NO,
    "rules_from": ("base", "head"),
}


@record
class Inputs:
    """One of each input of `action.yml`; "" is one that was not given."""

    path: str = "."
    fail_on: str = ""
    config: str = ""
    policy: str = ""
    waivers: str = ""
    baseline: str = "auto"
    rules_from: str = "base"
    bom: str = "false"
    sign: str = "none"
    trust_config: str = ""
    verify: str = "false"
    verify_key: str = ""
    verify_identity: str = ""
    verify_issuer: str = ""
    require_lock: str = "false"
    results: str = ""

    @property
    def paths(self) -> list[str]:
        """The targets, one a line."""
        return [line.strip() for line in self.path.splitlines() if line.strip()]


def read(environment: Mapping[str, str]) -> Inputs:
    """Return the inputs that `environment` holds.

    Raises:
        AibomError: One is not what it may be, or looks like an option.
    """
    given = {
        name: environment[f"{PREFIX}{name.upper()}"].strip()
        for name in fields(Inputs)
        if environment.get(f"{PREFIX}{name.upper()}", "").strip()
    }
    inputs = Inputs(**given)
    for name, allowed in CHOICES.items():
        value = getattr(inputs, name)
        if value not in allowed:
            expected = ", ".join(filter(None, allowed))
            raise AibomError(f"input {shown(name)} is {value!r:.80}, expected {expected}.")
    for name, value in (*given.items(), *(("path", path) for path in inputs.paths)):
        if value.startswith("-"):
            raise AibomError(f"input {shown(name)} is {value!r:.80}, which looks like an option.")
    of_one = inputs.sign != "none" or "true" in {inputs.verify, inputs.bom}
    if len(inputs.paths) > 1 and of_one:
        raise AibomError("input path names several models; a BOM and a signature are of one.")
    return inputs


def with_settings(inputs: Inputs) -> tuple[Inputs, str]:
    """Return the inputs with what the project's settings say where they say nothing.

    Beside them is the file of the settings' baseline, if the inputs do not name another or none:
    that of a pull request's base counts as well.

    Raises:
        AibomError: The settings cannot be read, or say something that is not understood.
    """
    if not inputs.config:
        return inputs, ""
    from ..settings import read_settings  # noqa: PLC0415 - reads TOML

    found = read_settings(Path(inputs.config))
    told = {
        "fail_on": inputs.fail_on or found.get("fail_on", ""),
        "policy": inputs.policy or found.get("policy", ""),
        "waivers": inputs.waivers or found.get("waivers", ""),
        "require_lock": "true" if found.get("require_lock") else inputs.require_lock,
    }
    baseline = found.get("baseline", "") if inputs.baseline == "auto" else ""
    return replace(inputs, **told), str(baseline)


def shown(name: str) -> str:
    """Return the name of an input as `action.yml` has it."""
    return name.replace("_", "-")


def results_folder(inputs: Inputs, environment: Mapping[str, str]) -> Path:
    """Return where documents go: never into the workspace, unless the user says so.

    Raises:
        AibomError: The runner says of no place for temporary files.
    """
    if inputs.results:
        return Path(inputs.results)
    if not environment.get("RUNNER_TEMP"):
        raise AibomError("RUNNER_TEMP is not set: this runs as a step of a workflow.")
    return Path(environment["RUNNER_TEMP"]) / "aibom-results"
