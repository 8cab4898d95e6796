"""Stand-ins on loopback for two key services: HashiCorp Vault's transit engine and AWS KMS.

They speak as much of the services' HTTP as the real clients need to fetch a key and to sign.
"""

import base64
import contextlib
import json
import threading
from collections.abc import Callable, Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Answer: TypeAlias = tuple[int, dict[str, Any]]
Service: TypeAlias = Callable[[str, str, dict[str, Any]], Answer]  # (path, target, body) -> answer


def vault(key: ed25519.Ed25519PrivateKey) -> Service:
    """Return a Vault that knows the key "release" in its second version."""
    raw = base64.b64encode(key.public_key().public_bytes_raw()).decode()

    def answer(path: str, _: str, body: dict[str, Any]) -> Answer:
        if path == "/v1/transit/keys/release":
            return 200, {"data": {"keys": {"1": {"public_key": ""}, "2": {"public_key": raw}}}}
        if path.startswith("/v1/transit/sign/release"):
            signature = key.sign(base64.b64decode(body["input"]))
            return 200, {"data": {"signature": f"vault:v2:{base64.b64encode(signature).decode()}"}}
        return 403, {"errors": ["permission denied"]}

    return answer


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
            target = self.headers.get("X-Amz-Target", "")
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
