"""Rules about the document as a whole: its number, its version and its times."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ...scanners.rule import Severity
from .rule import LintRule

if TYPE_CHECKING:
    from .document import Document
    from .rule import Told

EXAMPLES = frozenset(  # serial numbers that stand for all BOMs or in the specification's examples
    {
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "3e671687-395b-41f5-a30f-a58921a69b79",
        "f08a6ccd-4dce-4759-bd84-c626675d60a7",
    }
)
BEFORE = "2018"  # CycloneDX 1.0 appeared in that year; SOURCE_DATE_EPOCH of zero is 1970
SCHEMA = re.compile(r"bom-(\d\.\d)[a-z.-]*\.schema\.json$")
ORDERED = ("created", "published", "updated")  # times of a vulnerability, as they come


def serial_number_missing(document: Document) -> Told:
    """Nothing can refer to this BOM: no BOM-Link, no VEX, no later version of it.

    What to do: write a `serialNumber`; made of the content, it is the same for the same content.
    """
    if "serialNumber" not in document.root.value:
        yield document.root, "there is no serialNumber"


def serial_number_of_others(document: Document) -> Told:
    """Two BOMs of one number are taken for versions of one: the later replaces the other.

    What to do: write a UUID of this BOM's own.
    """
    number = document.root.text("serialNumber")
    if number.removeprefix("urn:uuid:").lower() in EXAMPLES:
        yield document.root.child("serialNumber"), f"{number!r} is a number of examples"


def version_below_one(document: Document) -> Told:
    """The first version of a BOM is 1: readers that compare versions take this for an older one.

    What to do: write 1, and one more for each change under the same serial number.
    """
    version = document.root.value.get("version", 1)
    if isinstance(version, int) and not isinstance(version, bool) and version < 1:
        yield document.root.child("version"), f"the version is {version}"


def schema_of_another_version(document: Document) -> Told:
    """Editors and validators take the schema from here, and judge by rules of another version.

    What to do: name the schema of `specVersion`.
    """
    address = document.root.text("$schema")
    found = SCHEMA.search(address)
    if found and found[1] != document.version:
        told = f"the schema is that of {found[1]}, the document says {document.version}"
        yield document.root.child("$schema"), told


def time_before_cyclonedx(document: Document) -> Told:
    """No BOM was written then: the clock was not set, or the time is a placeholder.

    What to do: leave the time out, or set SOURCE_DATE_EPOCH to the time of the commit.
    """
    for node in document.texts("timestamp"):
        if node.value[:4].isdigit() and node.value[:4] < BEFORE:
            yield node, f"{node.value!r:.80} is before CycloneDX"


def times_out_of_order(document: Document) -> Told:
    """Something was changed before it was made: one of the times is wrong.

    What to do: correct it, or leave out what is not known.
    """
    for node in document.objects("vulnerabilities"):
        known = [(key, node.text(key)) for key in ORDERED if _is_utc(node.text(key))]
        for (earlier, first), (later, second) in pairwise(known):
            if second < first:
                yield node.child(later), f"{later} {second!r} is before {earlier} {first!r}"


def _is_utc(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text) is not None


def affects_nothing(document: Document) -> Told:
    """Nobody can tell what has the weakness, so readers show it for everything or for nothing.

    What to do: refer to the component in `affects`.
    """
    for node in document.root.objects("vulnerabilities"):
        if not next(node.objects("affects"), None):
            yield node, f"{node.text('id')!r:.100} affects nothing"


def _vulnerability(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "components": [{"type": "file", "bom-ref": "a", "name": "a"}],
        "vulnerabilities": [{"id": "v", "affects": [{"ref": "a"}], **more}],
    }


RULES = (
    LintRule(
        id="serial-number-missing",
        title="The BOM has no serial number",
        severity=Severity.LOW,
        check=serial_number_missing,
        flags=({},),
        passes=({"serialNumber": "urn:uuid:0d7b7130-c88b-5b8d-8171-80653da85a55"},),
    ),
    LintRule(
        id="serial-number-of-others",
        title="The serial number is one of examples",
        severity=Severity.HIGH,
        check=serial_number_of_others,
        flags=(
            {"serialNumber": "urn:uuid:00000000-0000-0000-0000-000000000000"},
            {"serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"},
        ),
        passes=({"serialNumber": "urn:uuid:0d7b7130-c88b-5b8d-8171-80653da85a55"},),
    ),
    LintRule(
        id="version-below-one",
        title="The BOM's version is below 1",
        severity=Severity.MEDIUM,
        check=version_below_one,
        flags=('{"bomFormat": "CycloneDX", "specVersion": "1.4", "version": 0}',),
        passes=({"version": 1}, {}),
    ),
    LintRule(
        id="schema-of-another-version",
        title="The schema is that of another version",
        severity=Severity.MEDIUM,
        check=schema_of_another_version,
        flags=(
            {"$schema": "http://cyclonedx.org/schema/bom-1.4.schema.json", "specVersion": "1.5"},
        ),
        passes=({"$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json"},),
    ),
    LintRule(
        id="time-before-cyclonedx",
        title="A time before there was CycloneDX",
        severity=Severity.LOW,
        check=time_before_cyclonedx,
        flags=({"metadata": {"timestamp": "1970-01-01T00:00:00Z"}},),
        passes=({"metadata": {"timestamp": "2026-01-02T03:04:05Z"}},),
    ),
    LintRule(
        id="times-out-of-order",
        title="Times are out of order",
        severity=Severity.MEDIUM,
        check=times_out_of_order,
        flags=(_vulnerability(created="2026-02-01T00:00:00Z", updated="2026-01-01T00:00:00Z"),),
        passes=(_vulnerability(created="2026-01-01T00:00:00Z", updated="2026-02-01T00:00:00Z"),),
    ),
    LintRule(
        id="affects-nothing",
        title="A weakness affects nothing",
        severity=Severity.LOW,
        check=affects_nothing,
        flags=({"vulnerabilities": [{"id": "v"}]},),
        passes=(_vulnerability(),),
    ),
)
