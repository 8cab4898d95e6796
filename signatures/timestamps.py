"""RFC 3161 timestamps: who says that a signature existed, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .certificates import is_authority, read_pem
from .errors import SignatureError
from .extra import require_sigstore

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MAX_RESPONSE = 64 << 10  # bytes; with a chain of certificates about 5,000
TIMEOUT = 30  # seconds
MAX_TIMESTAMPS = 32  # as many as other clients of Sigstore take


@dataclass(frozen=True, slots=True)
class Stamper:
    """A timestamp authority: its chain, and when it may stamp."""

    chain: "tuple[Certificate, ...]"  # its own certificate first, unless stamps carry that; a root
    starts: datetime | None = None
    ends: datetime | None = None


def stampers_from_pem(pem: bytes | None) -> tuple[Stamper, ...]:
    """Return the timestamp authority whose chain is in `pem`, root last; none if there is no PEM.

    Raises:
        SignatureError: `trust-root`.
    """
    return () if pem is None else (Stamper(read_pem(pem, "timestamp authority")),)


def stamped_times(
    stamps: tuple[bytes, ...], signature: bytes, stampers: Iterable[Stamper]
) -> tuple[datetime, ...]:
    """Return the time in each of `stamps` (RFC 3161 responses, DER) over `signature`.

    All of them must hold: one that nobody can check is no honest part of a bundle.

    Raises:
        SignatureError: `timestamp`, or `keyless-extra`.
    """
    if not stamps:
        return ()
    require_sigstore()
    if len(stamps) > MAX_TIMESTAMPS or len(set(stamps)) != len(stamps):
        raise SignatureError("timestamp", f"{len(stamps)} timestamps, too many or one twice")
    known = tuple(stampers)
    return tuple(_time(stamp, signature, known) for stamp in stamps)


def request_timestamp(url: str, signature: bytes) -> bytes:
    """Return the response (RFC 3161, DER) of the timestamp authority at `url` over `signature`.

    The authority gets a digest. Its chain is for whoever verifies to know; what is seen to here is
    that it answered this question.

    Raises:
        SignatureError: `signing-service`, `key-uri` if the address is none, or `keyless-extra`.
    """
    require_sigstore()
    from rfc3161_client import TimestampRequestBuilder, decode_timestamp_response  # noqa: PLC0415

    asked = TimestampRequestBuilder().data(signature).build()
    raw = _post(url, asked.as_bytes())
    try:
        found = decode_timestamp_response(raw)
        told = found.tst_info
    except ValueError as error:
        raise SignatureError("signing-service", f"{url!r:.200} gave no timestamp") from error
    if (told.nonce, told.message_imprint.message) != (asked.nonce, asked.message_imprint.message):
        raise SignatureError("signing-service", f"{url!r:.200} stamped something else")
    return raw


def _post(url: str, question: bytes) -> bytes:
    from http.client import HTTPException  # noqa: PLC0415 - only when signing
    from urllib.request import Request, urlopen  # noqa: PLC0415

    if not url.lower().startswith(("http://", "https://")):
        raise SignatureError("key-uri", f"{url!r:.200} is no address of a timestamp authority")
    headers = {"Content-Type": "application/timestamp-query"}
    try:
        request = Request(url, question, headers)  # noqa: S310 - checked above
        with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - as above
            raw: bytes = answer.read(MAX_RESPONSE + 1)
    except (OSError, ValueError, HTTPException) as error:  # the last two: an odd address
        raise SignatureError(
            "signing-service", f"{url!r:.200} gave no timestamp: {str(error)!r:.200}"
        ) from error
    if len(raw) > MAX_RESPONSE:
        raise SignatureError("signing-service", f"{url!r:.200} gave no timestamp: too long")
    return raw


def _time(stamp: bytes, signature: bytes, stampers: tuple[Stamper, ...]) -> datetime:
    from rfc3161_client import decode_timestamp_response  # noqa: PLC0415 - an extra

    try:
        response = decode_timestamp_response(stamp)
        time: datetime = response.tst_info.gen_time
    except ValueError as error:
        raise SignatureError("timestamp", "a timestamp is no RFC 3161 response") from error
    for stamper in stampers:
        is_its_time = (stamper.starts is None or stamper.starts <= time) and (
            stamper.ends is None or time <= stamper.ends
        )
        if is_its_time and _made_by(stamper, stamp, signature):
            return time
    raise SignatureError(
        "timestamp", f"a timestamp ({time:%Y-%m-%d %H:%M:%S}) is by no authority that you trust"
    )


def _made_by(stamper: Stamper, stamp: bytes, signature: bytes) -> bool:
    from rfc3161_client import (  # noqa: PLC0415 - an extra
        VerificationError,
        VerifierBuilder,
        decode_timestamp_response,
    )

    first, rest = stamper.chain[0], stamper.chain
    own = None if is_authority(first) else first
    if own is not None:
        rest = rest[1:]
    if not rest:
        return False
    verifier = VerifierBuilder(
        tsa_certificate=own, intermediates=list(rest[:-1]), roots=[rest[-1]]
    ).build()
    try:
        return verifier.verify_message(decode_timestamp_response(stamp), signature)
    except (VerificationError, ValueError):
        return False
