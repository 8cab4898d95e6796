"""RFC 3161 timestamps: who says that a signature existed, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .certificates import is_authority
from .errors import SignatureError
from .extra import require_sigstore

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MAX_TIMESTAMPS = 32  # as many as other clients of Sigstore take


@dataclass(frozen=True, slots=True)
class Stamper:
    """A timestamp authority: its chain, and when it may stamp."""

    chain: "tuple[Certificate, ...]"  # its own certificate first, unless stamps carry that; a root
    starts: datetime | None = None
    ends: datetime | None = None


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
