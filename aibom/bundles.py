"""Verify by a file with one signature, or with several: then by the newest that holds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .attested import verify_attestation
from .errors import UnsignedError
from .folder import readable
from .hashed import read_ours
from .scanners.record import record, replace
from .signatures import SignatureError, verify
from .signatures.attestation import is_attestation
from .signatures.jsonlines import lines
from .verify import must_exist, verify_target

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from .expect import Expectations
    from .hashed import Known
    from .layout import Outputs
    from .report import Report
    from .scan import Progress
    from .signatures import Signed, Trust
    from .verify import Verification

MAX_BUNDLES = 128  # in one file; `gh` fetches 30 unless it is told to fetch more

# Said of the newest signature over these files, these decide: an older one would hide them.
_DECIDING = frozenset({"rescan-differs"})
# Said of the files, whatever was signed.
_OF_FILES = frozenset({"symlink", "not-regular", "unreadable-file", "changed-while-reading"})
# Said of a signature over other files, and so the best reason if none is over these.
_OTHER_FILES = frozenset({"missing-file", "extra-file", "digest-mismatch"})


def verify_bundle(  # noqa: PLR0913 - each is one independent choice with a safe default
    path: str | os.PathLike[str],
    trust: Trust,
    *,
    outputs: Outputs,
    bom: Path | None = None,
    takes_attestations: bool = False,
    expectations: Sequence[Expectations] = (),
    rescanned: Callable[[], Report] | None = None,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> Verification:
    """Verify the model at `path` by the file of the bundle in `outputs`, as `verify_target` does.

    With `takes_attestations`, a statement about files alone is one too, as `verify_attestation`
    takes it; `bom` is what the signed BOM must say then. If the file holds several bundles, one a
    line, the newest counts that is by whom `trust` believes and over the files at hand. What is
    expected is held against that one.

    Raises:
        SignatureError: Something does not hold; `code` says what.
        UnsignedError: The bundle or the BOM is not there.
        TargetError: The model is not there.
    """
    must_exist(Path(path))
    place = outputs.bundle
    known: Known = {}
    shared: dict[str, Any] = {
        "expectations": expectations,
        "rescanned": rescanned,
        "progress": progress,
        "now": now,
        "known": known,
    }

    def verify_by(content: bytes) -> Verification:
        if takes_attestations and is_attestation(content):
            return verify_attestation(path, trust, bundle=place, content=content, bom=bom, **shared)
        return verify_target(path, trust, outputs=outputs, content=content, **shared)

    raw = read_ours(place, "signature", UnsignedError)
    try:
        texts = lines(raw, most=MAX_BUNDLES)
    except SignatureError as error:
        raise SignatureError(error.code, f"{readable(str(place))}: {error}") from error
    return verify_by(raw) if len(texts) == 1 else _by_newest(texts, trust, place, verify_by)


@record
class _Refused:
    """A line that does not hold."""

    number: int  # from 1
    error: SignatureError


def _by_newest(
    texts: Sequence[bytes], trust: Trust, place: Path, verify_by: Callable[[bytes], Verification]
) -> Verification:
    believed, refused = _believed(texts, trust, place)
    others: list[_Refused] = []
    for at, number in enumerate(believed):
        try:
            found = verify_by(texts[number - 1])
        except SignatureError as error:
            if error.code.startswith("policy-") or error.code in _DECIDING | _OF_FILES:
                raise SignatureError(error.code, f"bundle {number}: {error}") from error
            others.append(_Refused(number, error))
            continue
        said = _said(number, len(texts), [*others, *refused], believed[at + 1 :])
        return replace(found, details=(("bundle", said), *found.details))
    reasons = [*others, *refused]
    best = next((each for each in reasons if each.error.code in _OTHER_FILES), reasons[0])
    raise SignatureError(
        best.error.code,
        f"{readable(str(place))}: none of {len(texts)} bundles holds for this model. Bundle "
        f"{best.number}: {best.error}",
    )


def _believed(
    texts: Sequence[bytes], trust: Trust, place: Path
) -> tuple[list[int], list[_Refused]]:
    """Return the lines that `trust` believes, newest first, and the others.

    Raises:
        SignatureError: `json-*`: a line is no JSON, so the file is none of bundles.
    """
    times: dict[int, datetime] = {}
    refused: list[_Refused] = []
    for number, text in enumerate(texts, 1):
        try:
            times[number] = _time(verify(text, trust))
        except SignatureError as error:
            if error.is_usage:
                raise
            if error.code.startswith("json-"):
                shown = readable(str(place))
                raise SignatureError(error.code, f"{shown}: bundle {number}: {error}") from error
            refused.append(_Refused(number, error))
    return sorted(times, key=times.__getitem__, reverse=True), refused


def _time(signed: Signed) -> datetime:
    return min(signed.times, default=datetime.min.replace(tzinfo=UTC))


def _said(number: int, count: int, refused: Sequence[_Refused], older: Sequence[int]) -> str:
    """Return which line was used, and why none of the others was, for people."""
    others = {each.number: f"[{each.error.code}]" for each in refused}
    others |= dict.fromkeys(older, "(older, or of the same time)")
    told = ", ".join(f"{line} {others[line]}" for line in sorted(others)[:8])
    more = f" and {len(others) - 8} more" if len(others) > 8 else ""  # noqa: PLR2004 - as above
    return f"{number} of {count}, the newest that holds; not used: {told}{more}"
