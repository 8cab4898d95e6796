"""Stand-ins on loopback for two key services: HashiCorp Vault's transit engine and AWS KMS.

They speak as much of the services' HTTP as the real clients need to fetch a key and to sign.
"""

import base64
import contextlib
import json
import threading
from collections.abc import Callable, Generator, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Answer: TypeAlias = tuple[int, dict[str, Any]]
Service: TypeAlias = Callable[[str, str, dict[str, Any]], Answer]
"""(path, what AWS calls the target or Vault the token, body) -> answer"""
VaultKey: TypeAlias = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


class Vault:
    """A Vault that knows keys by name, each in versions, and answers as its API is documented.

    https://developer.hashicorp.com/vault/api-docs/secret/transit: who has no token is refused, what
    is not there is an empty 404, and a signature says of which version it is.
    """

    TOKEN = "test"  # noqa: S105 - of these tests

    def __init__(self, **keys: tuple[VaultKey, ...]) -> None:
        self.keys = keys  # versions of each, from 1

    def __call__(self, path: str, token: str, body: dict[str, Any]) -> Answer:
        if token != self.TOKEN:
            return 403, {"errors": ["permission denied"]}
        match path.removeprefix("/v1/transit/").split("/"):
            case ["keys", name] if name in self.keys:
                return 200, {"data": self._told(name)}
            case ["sign", name, *_] if name in self.keys:
                return self._signed(self.keys[name], body)
            case _:
                return 404, {"errors": []}

    def _told(self, name: str) -> dict[str, Any]:
        versions = self.keys[name]
        is_ed25519 = isinstance(versions[0], ed25519.Ed25519PrivateKey)
        told = {
            str(number): {"public_key": _vault_public(key)} for number, key in _from_1(versions)
        }
        kind = "ed25519" if is_ed25519 else "ecdsa-p256"
        return {"name": name, "type": kind, "latest_version": len(versions), "keys": told}

    def _signed(self, versions: tuple[VaultKey, ...], body: dict[str, Any]) -> Answer:
        version = body.get("key_version") or len(versions)
        if not 0 < version <= len(versions):
            return 400, {"errors": ["requested version for signing is higher than the latest"]}
        key, data = versions[version - 1], base64.b64decode(body["input"])
        if isinstance(key, ed25519.Ed25519PrivateKey):
            value = key.sign(data)
        else:
            value = key.sign(data, ec.ECDSA(hashes.SHA256()))
        signature = f"vault:v{version}:{base64.b64encode(value).decode()}"
        return 200, {"data": {"signature": signature, "key_version": version}}


def _from_1(versions: tuple[VaultKey, ...]) -> Iterable[tuple[int, VaultKey]]:
    return enumerate(versions, 1)


def _vault_public(key: VaultKey) -> str:
    """Return the public half as Vault tells it: bytes in base64, or PEM."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return base64.b64encode(key.public_key().public_bytes_raw()).decode()
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


def aws(key: ec.EllipticCurvePrivateKey, algorithm: str = "ECDSA_SHA_256") -> Service:
    """Return an AWS KMS that knows the alias "release"."""
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def answer(_: str, target: str, body: dict[str, Any]) -> Answer:
        if body["KeyId"] != "alias/release":
            return 400, {"__type": "NotFoundException", "message": "no such key"}
        if target == "TrentService.GetPublicKey":
            told = base64.b64encode(spki).decode()
            return 200, {"PublicKey": told, "SigningAlgorithms": [algorithm]}
        digest = base64.b64decode(body["Message"])
        hashed = {32: hashes.SHA256(), 48: hashes.SHA384()}[len(digest)]
        signature = key.sign(digest, ec.ECDSA(utils.Prehashed(hashed)))
        return 200, {"Signature": base64.b64encode(signature).decode()}

    return answer


@contextlib.contextmanager
def serving(service: Service) -> Generator[str]:
    """Serve on loopback, and yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            token = self.headers.get("X-Vault-Token", "")
            target = self.headers.get("X-Amz-Target", token)
            status, answer = service(self.path.partition("?")[0], target, body)
            raw = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_PUT = do_POST  # noqa: N815 - the base's spelling

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            pass

    with _running(Handler) as address:
        yield address


@contextlib.contextmanager
def serving_bytes(answer: bytes) -> Generator[str]:
    """Answer everything with these bytes, and yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # a client may have read enough
                self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            pass

    with _running(Handler) as address:
        yield address


@contextlib.contextmanager
def _running(handler: type[BaseHTTPRequestHandler]) -> Generator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
