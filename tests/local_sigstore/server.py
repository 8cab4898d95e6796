"""All services behind one loopback port."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from jwt import PyJWTError

from .authority import DAY, ORGANIZATION, Clock, public_der
from .fulcio import CertificateLog, Fulcio
from .oidc import GITHUB_ISSUER, IdentityProvider, RefusedError, github_claims
from .rekor import Log, RekorV1, RekorV2, base64_of
from .timestamps import TimestampAuthority

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cryptography import x509

TIMESTAMP = "/api/v1/timestamp"
CERTIFICATE = "/api/v2/signingCert"
LOGS = {1: "/api/v1/log/entries", 2: "/api/v2/log/entries"}


class LocalSigstore:
    """Starts on entry, stops on exit; see README.md."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.identities = IdentityProvider(self.clock)
        self.certificate_log = CertificateLog()
        self.fulcio = Fulcio(self.clock, self.identities, self.certificate_log)
        self.timestamps = TimestampAuthority(self.clock)
        self.requests: list[str] = []  # paths, in order
        self.broken: set[str] = set()  # paths that answer 500
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{host}"
        self.rekor1 = RekorV1(self.clock, f"{host} - 1193050959916656506")
        self.rekor2 = RekorV2(self.clock, host)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def github_token(self, *, minutes: float = 10, **run: str) -> str:
        """Return the token of a GitHub Actions run; `run` as for `github_claims`."""
        claims = github_claims(**run)
        subject = f"repo:{claims['repository']}:ref:{claims['ref']}"
        return self.identities.token(GITHUB_ISSUER, subject, minutes=minutes, **claims)

    def on_github(self) -> dict[str, str]:
        """Return the environment of a step of a GitHub Actions run."""
        return {
            "GITHUB_ACTIONS": "true",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner",
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.url}/github/oidc?api-version=2.0",
        }

    def on_gitlab(self) -> dict[str, str]:
        """Return the environment of a GitLab job that asks for an identity."""
        token = self.identities.token("https://gitlab.com", "https://gitlab.com/acme/model//ci.yml")
        return {"GITLAB_CI": "true", "SIGSTORE_ID_TOKEN": token}

    def trusted_root(self, *, with_logs: bool = True) -> dict[str, Any]:
        """Return the keys and certificates that a verifier must have.

        Without logs, it is as that of GitHub's instance for private repositories.
        """
        if not with_logs:
            root = self.trusted_root()
            return {key: value for key, value in root.items() if key not in {"tlogs", "ctlogs"}}
        fulcio, stamps = self.fulcio, self.timestamps
        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [self._log(self.rekor1), self._log(self.rekor2)],
            "certificateAuthorities": [
                self._authority("", fulcio.intermediate.certificate, fulcio.root.certificate)
            ],
            "ctlogs": [self._log(self.certificate_log)],
            "timestampAuthorities": [
                self._authority(TIMESTAMP, stamps.certificate, stamps.root.certificate)
            ],
        }

    def trust_config(self, rekor: int = 1, *, with_timestamps: bool = True) -> dict[str, Any]:
        """Return what a signer must have: the services, with Rekor in the version `rekor`."""
        config: dict[str, Any] = {
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "caUrls": [self._service("")],
            "oidcUrls": [self._service("")],
            "rekorTlogUrls": [self._service("", rekor)],
            "rekorTlogConfig": {"selector": "ANY"},
        }
        if with_timestamps:
            config |= {"tsaUrls": [self._service(TIMESTAMP)], "tsaConfig": {"selector": "ANY"}}
        return {
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": self.trusted_root(),
            "signingConfig": config,
        }

    def _authority(self, path: str, *chain: x509.Certificate) -> dict[str, Any]:
        certificates = [{"rawBytes": base64_of(each.public_bytes(Encoding.DER))} for each in chain]
        return {
            "subject": {"organization": ORGANIZATION, "commonName": "test"},
            "uri": self.url + path,
            "certChain": {"certificates": certificates},
            "validFor": _from_yesterday(),
        }

    def _log(self, log: Log | CertificateLog) -> dict[str, Any]:
        return {
            "baseUrl": self.url,
            "hashAlgorithm": "SHA2_256",
            "logId": {"keyId": base64_of(log.id)},
            "publicKey": {
                "rawBytes": base64_of(public_der(log.key)),
                "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                "validFor": _from_yesterday(),
            },
        }

    def _service(self, path: str, version: int = 1) -> dict[str, Any]:
        return {
            "url": self.url + path,
            "majorApiVersion": version,
            "validFor": _from_yesterday(),
            "operator": ORGANIZATION,
        }


def _from_yesterday() -> dict[str, str]:
    return {"start": (datetime.now(UTC) - DAY).strftime("%Y-%m-%dT%H:%M:%SZ")}


Answer = tuple[int, bytes, str]  # status, body, media type


def _json(value: object, status: int = 200) -> Answer:
    return status, json.dumps(value).encode(), "application/json"


def _get(local: LocalSigstore, target: str) -> Answer:
    parts = urlsplit(target)
    match parts.path:
        case "/github/oidc":
            return _json({"value": local.github_token()})
        case "/.well-known/openid-configuration":
            return _json(local.identities.configuration(local.url))
        case "/auth":
            to, code = local.identities.authorise(parts.query)
            if to.startswith("http"):
                return 302, to.encode(), "text/plain"
            return 200, code.encode(), "text/plain"
        case _:
            return _json({}, 404)


def _post(local: LocalSigstore, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    match path:
        case "/token":
            return _json(local.identities.exchange(body.decode(), local.url))
        case "/device/code":
            return _json(local.identities.device(local.url))
        case _ if path == CERTIFICATE:
            return _json(local.fulcio.answer(body, headers), 201)
        case _ if path == LOGS[1]:
            return _json(local.rekor1.answer(body), 201)
        case _ if path == LOGS[2]:
            return _json(local.rekor2.answer(body), 201)
        case _ if path == TIMESTAMP:
            return 201, local.timestamps.answer(body, headers), "application/timestamp-reply"
        case _:
            return _json({}, 404)


def _handler(local: LocalSigstore) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base
            """Say nothing."""

        def do_GET(self) -> None:
            self._answer(lambda: _get(local, self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = dict(self.headers.items())
            self._answer(lambda: _post(local, self.path, body, headers))

        def _answer(self, work: Callable[[], Answer]) -> None:
            path = urlsplit(self.path).path
            local.requests.append(path)
            try:
                status, body, kind = work() if path not in local.broken else _json({}, 500)
            except RefusedError as error:
                status, body, kind = _json({"error": error.error}, 400)
            except (ValueError, LookupError, TypeError, InvalidSignature, PyJWTError) as error:
                message = f"{type(error).__name__}: {error}"  # whatever it is, the client's fault
                status, body, kind = _json({"code": 3, "message": message}, 400)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", body.decode())
            self.send_header("Content-Type", kind)
            self.send_header("Connection", "close")  # clients leave theirs open until collected
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
