"""Entries of a transparency log (Rekor v1 and v2) in a bundle: what ``sigstore`` leaves unsaid.

``sigstore`` verifies the inclusion proof, the checkpoint, the promise and that the entry is about
this signature. It takes any key of the trust root for any log, whenever the log was in use, so the
log is looked up here.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .dsse import from_base64
from .errors import SignatureError
from .strictjson import JSON

if TYPE_CHECKING:
    from sigstore_models.trustroot.v1 import TransparencyLogInstance

# Rekor v1 keeps DSSE envelopes as such; Rekor v2 keeps the hash of what was signed.
_WITH_PROMISE = {"kind": "dsse", "version": "0.0.1"}
_KINDS = [_WITH_PROMISE, {"kind": "hashedrekord", "version": "0.0.2"}]
_MAX_TIME = 253_402_300_799  # seconds: the year 9999, where `datetime` ends


@dataclass(frozen=True, slots=True)
class Entry:
    """What an entry says of itself; true only once it is verified."""

    log: bytes  # the log's id: SHA-256 of its key
    index: str
    promised: datetime | None  # when the log promised to include it; Rekor v2 gives no promise


def read_entry(entries: tuple[dict[str, JSON], ...]) -> Entry:
    """Read the one entry of a bundle.

    Raises:
        SignatureError: `log-entry-count` or `log-entry`.
    """
    if len(entries) != 1:
        raise SignatureError(
            "log-entry-count", f"{len(entries)} entries of a transparency log, expected exactly one"
        )
    (entry,) = entries
    kind = _member(entry, "kindVersion")
    if kind not in _KINDS:
        raise SignatureError(
            "log-entry", f"an entry of the kind {kind!r:.100} cannot hold a signed statement"
        )
    log = from_base64(_member(entry, "logId").get("keyId"), "logId.keyId")
    return Entry(log, f"{entry.get('logIndex')!s:.20}", _promised(entry))


def check_log(
    entry: Entry, times: tuple[datetime, ...], logs: "list[TransparencyLogInstance]"
) -> str:
    """Return the URL of the entry's log, which the trust root must know, at all of `times`.

    Raises:
        SignatureError: `log-entry`.
    """
    for log in logs:
        used = log.public_key.valid_for
        if log.log_id.key_id == entry.log and all(
            used is None or (used.start <= time and (used.end is None or time <= used.end))
            for time in times
        ):
            return log.base_url
    raise SignatureError("log-entry", "the log is not one that the trust root knew at that time")


def _promised(entry: dict[str, JSON]) -> datetime | None:
    """Return when the log says that it took the entry, if it signed that."""
    text = entry.get("integratedTime")
    if text is None or entry.get("inclusionPromise") is None:
        return None
    if entry.get("kindVersion") != _WITH_PROMISE:
        raise SignatureError("log-entry", "a promise by a log that gives none")
    if not isinstance(text, str) or not text.isascii() or not text.isdigit():
        raise SignatureError("log-entry", f"the entry's time is {text!r:.40}")
    seconds = int(text[:20])
    if not 0 < seconds <= _MAX_TIME:
        raise SignatureError("log-entry", f"the entry's time is {text!r:.40}")
    return datetime.fromtimestamp(seconds, UTC)


def _member(entry: dict[str, JSON], name: str) -> dict[str, JSON]:
    value = entry.get(name)
    if not isinstance(value, dict):
        raise SignatureError("log-entry", f"the entry's {name} is not a JSON object")
    return value
