"""Who somebody is: an OpenID Connect provider for people, and the token service of a CI runner."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from .authority import Clock

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
PERSON = "alice@example.com"


class RefusedError(Exception):
    """The client asked for something that a real service would refuse, with this `error`."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class IdentityProvider:
    """Signs tokens for whoever asks: a test decides who is who."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.pending = 1  # so many times a device must ask before the person has agreed
        self._codes: dict[str, str] = {}  # of a flow -> the challenge of its client
        self._devices: dict[str, int] = {}  # code of a device -> how often it asked

    def token(self, issuer: str, subject: str, *, minutes: float = 10, **claims: Any) -> str:  # noqa: ANN401 - any JSON
        now = int(self.clock.now().timestamp())
        whole = {
            "iss": issuer,
            "sub": subject,
            "aud": "sigstore",
            "iat": now,
            "nbf": now,
            "exp": now + int(60 * minutes),
            **claims,
        }
        return jwt.encode(whole, self.key, algorithm="ES256", headers={"kid": "k1"})

    def person(self, issuer: str, email: str = PERSON) -> str:
        return self.token(issuer, secrets.token_hex(8), email=email, email_verified=True)

    def claims(self, token: str) -> dict[str, Any]:
        """Return what a token claims, if it is ours and for Sigstore."""
        options: Any = {"require": ["iss", "sub", "exp", "aud"], "verify_exp": False}
        found: dict[str, Any] = jwt.decode(
            token, self.key.public_key(), algorithms=["ES256"], audience="sigstore", options=options
        )
        if not found["iat"] - 5 <= self.clock.now().timestamp() < found["exp"]:
            raise RefusedError("expired_token")
        return found

    # A person at a desk: RFC 6749 with PKCE (RFC 7636), and RFC 8628 for a device.

    def configuration(self, url: str) -> dict[str, str]:
        return {
            "issuer": url,
            "authorization_endpoint": f"{url}/auth",
            "token_endpoint": f"{url}/token",
            "device_authorization_endpoint": f"{url}/device/code",
        }

    def authorise(self, query: str) -> tuple[str, str]:
        """Return where to send the person, and the code; PERSON agrees to everything."""
        asked = {key: values[0] for key, values in parse_qs(query).items()}
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked["code_challenge"]
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}", code

    def device(self, url: str) -> dict[str, Any]:
        code = secrets.token_urlsafe(8)
        self._devices[code] = 0
        return {
            "device_code": code,
            "user_code": "ABCD-EFGH",
            "verification_uri": f"{url}/device",
            "verification_uri_complete": f"{url}/device?user_code=ABCD-EFGH",
            "expires_in": 300,
            "interval": 0,
        }

    def exchange(self, body: str, url: str) -> dict[str, str]:
        asked = {key: values[0] for key, values in parse_qs(body).items()}
        if asked["grant_type"] == "authorization_code":
            proof = hashlib.sha256(asked["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
            if self._codes.pop(asked["code"], None) != challenge:
                raise RefusedError("invalid_grant")
        else:
            self._wait_for_device(asked["device_code"])
        token = self.person(url)
        return {"access_token": token, "id_token": token, "token_type": "Bearer"}

    def _wait_for_device(self, code: str) -> None:
        if code not in self._devices:
            raise RefusedError("invalid_grant")
        self._devices[code] += 1
        if self._devices[code] <= self.pending:
            raise RefusedError("authorization_pending")
        del self._devices[code]


def github_claims(  # noqa: PLR0913 - one for each thing that differs between runs
    *,
    repository: str = "acme/model",
    workflow: str = ".github/workflows/release.yml",
    ref: str = "refs/tags/v1",
    event: str = "push",
    runner: str = "github-hosted",
    sha: str = "1" * 40,
) -> dict[str, str]:
    """Return the claims of the token of a GitHub Actions run."""
    owner = repository.split("/", maxsplit=1)[0]
    return {
        "event_name": event,
        "sha": sha,
        "workflow": "release",
        "repository": repository,
        "ref": ref,
        "job_workflow_ref": f"{repository}/{workflow}@{ref}",
        "job_workflow_sha": sha,
        "runner_environment": runner,
        "repository_id": "1001",
        "repository_owner": owner,
        "repository_owner_id": "2002",
        "workflow_ref": f"{repository}/{workflow}@{ref}",
        "workflow_sha": sha,
        "repository_visibility": "public",
        "run_id": "3003",
        "run_attempt": "1",
    }
