"""Log in on another device: the OAuth 2.0 device grant (RFC 8628) with a proof key (RFC 7636)."""

import base64
import hashlib
import json
import secrets
import sys
import time
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from .errors import SignatureError

CLIENT = "sigstore"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
MAX_ANSWER = 1 << 20  # bytes
MAX_WAIT = 15 * 60  # seconds, whatever the provider says
SLOWER = 5  # seconds more between questions, when asked to slow down (RFC 8628, section 3.5)
TIMEOUT = 30  # seconds for one answer


def log_in(issuer: str) -> str:
    """Show a person where to agree, wait until they did, and return their identity token.

    Raises:
        SignatureError: `keyless-token` if they did not, or the provider offers no such log-in;
            `signing-service` if it is not reached.
    """
    configuration = _ask(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    start, end = (
        configuration.get(name) for name in ("device_authorization_endpoint", "token_endpoint")
    )
    if not isinstance(start, str) or not isinstance(end, str):
        raise SignatureError("keyless-token", f"{issuer}: offers no log-in on another device")
    verifier = secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    offer = _ask(
        start,
        client_id=CLIENT,
        scope="openid email",
        code_challenge=challenge.rstrip(b"=").decode(),
        code_challenge_method="S256",
    )
    try:
        device, user = str(offer["device_code"]), str(offer["user_code"])
        where = str(offer.get("verification_uri_complete") or offer["verification_uri"])
        deadline = time.monotonic() + min(float(offer["expires_in"]), MAX_WAIT)
        interval = float(offer.get("interval", 5))
    except (KeyError, TypeError, ValueError) as error:
        raise SignatureError("signing-service", f"{issuer}: no offer to log in") from error
    sys.stderr.write(f"To log in, open {where!r} and see that it shows {user!r}\n")
    sys.stderr.flush()
    while time.monotonic() < deadline:
        time.sleep(interval)
        answer = _ask(
            end, grant_type=GRANT, device_code=device, client_id=CLIENT, code_verifier=verifier
        )
        match answer.get("error"):
            case None:
                return _token(answer, issuer)
            case "authorization_pending":
                continue
            case "slow_down":
                interval += SLOWER
            case error:
                raise SignatureError("keyless-token", f"the log-in failed: {error!r:.100}")
    raise SignatureError("keyless-token", "nobody agreed to the log-in in time")


def _token(answer: dict[str, Any], issuer: str) -> str:
    token = answer.get("id_token") or answer.get("access_token")
    if not isinstance(token, str):
        raise SignatureError("signing-service", f"{issuer}: logged in, but got no token")
    return token


def _ask(url: str, **form: str) -> dict[str, Any]:
    """Send a form, or nothing, and return the JSON object that is the answer, or the refusal."""
    if urlsplit(url).scheme not in {"https", "http"}:
        raise SignatureError("signing-service", f"{url!r:.200} is no web address")
    request = Request(url, urlencode(form).encode() if form else None)  # noqa: S310 - seen above
    try:
        with urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310 - seen above
            raw = response.read(MAX_ANSWER)
    except HTTPError as error:
        raw = error.read(MAX_ANSWER)
    except (OSError, HTTPException) as error:
        raise SignatureError("signing-service", f"{url!r:.200}: {error}") from error
    try:
        return dict(json.loads(raw))
    except (ValueError, TypeError) as error:
        raise SignatureError("signing-service", f"{url!r:.200}: answered no JSON object") from error
