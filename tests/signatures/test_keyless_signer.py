"""Keyless signing: nothing is returned that would not verify, and each failure is a sentence."""

from __future__ import annotations

import gc
import http.client
import json
import os
import re
import sys
import threading
import time
import webbrowser
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from sigstore.models import ClientTrustConfig

from aibom.signatures import SignatureError, sign, verify
from aibom.signatures.dsse import pae, payload_of
from aibom.signatures.identity import Identity
from aibom.signatures.keyless_signer import Instance, KeylessSigner
from aibom.signatures.tokens import VARIABLE, token_at, token_source
from tests.local_sigstore import LocalSigstore
from tests.local_sigstore.server import CERTIFICATE, LOGS, TIMESTAMP
from tests.signatures.examples import Change, code_of, dump
from tests.signatures.keyless_examples import PAYLOAD, RELEASE, sigstore_python_accepts, trust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aibom.signatures.tokens import Token

VERSIONS = pytest.mark.parametrize("rekor", [1, 2], ids=["Rekor v1", "Rekor v2"])
PRIVATE = "https://alice.example"


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests run as on a desk, wherever they run."""
    for name in (VARIABLE, "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def fragile() -> Iterator[LocalSigstore]:
    """An instance that a test may break."""
    with LocalSigstore() as local:
        yield local


def signer(sigstore: LocalSigstore, token: Token | None = None, rekor: int = 1) -> KeylessSigner:
    config = dump(sigstore.trust_config(rekor))
    return KeylessSigner(Instance(config=config), token or (lambda _: sigstore.github_token()))


@VERSIONS
def test_signs_as_the_token_says(sigstore: LocalSigstore, rekor: int) -> None:
    raw = sign(PAYLOAD, signer(sigstore, rekor=rekor))
    assert verify(raw, trust(sigstore)).payload == PAYLOAD
    assert sigstore_python_accepts(json.loads(raw), sigstore.trusted_root())


def test_one_certificate_serves_for_two_statements(fragile: LocalSigstore) -> None:
    one = signer(fragile)
    first, second = (json.loads(sign(PAYLOAD, one)) for _ in range(2))
    assert fragile.requests.count(CERTIFICATE) == 1
    material = "verificationMaterial"
    assert first[material]["certificate"] == second[material]["certificate"]
    assert first[material]["tlogEntries"] != second[material]["tlogEntries"]


def test_says_what_becomes_public(sigstore: LocalSigstore) -> None:
    assert signer(sigstore).warnings == ()
    (warning,) = KeylessSigner(Instance(), lambda _: "").warnings
    assert warning.startswith("keyless signing makes your identity")


def test_the_payload_is_found_in_what_is_signed() -> None:
    for payload in (b"", b"{}", b" 1 2 ", PAYLOAD):
        assert payload_of(pae(payload)) == payload


@pytest.mark.parametrize("staging", [False, True], ids=["public", "staging"])
def test_uses_the_instance_that_is_asked_for(
    sigstore: LocalSigstore, monkeypatch: pytest.MonkeyPatch, staging: bool
) -> None:
    config = ClientTrustConfig.from_json(json.dumps(sigstore.trust_config(2)))
    name = "staging" if staging else "production"
    monkeypatch.setattr(ClientTrustConfig, name, lambda: config)
    one = KeylessSigner(Instance(staging=staging), lambda _: sigstore.github_token())
    assert verify(sign(PAYLOAD, one), trust(sigstore)).payload == PAYLOAD


def test_says_that_the_public_instance_is_not_reached(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sigstore.models.DEFAULT_TUF_URL", "http://127.0.0.1:9")
    one = KeylessSigner(Instance(), lambda _: "")
    assert code_of(lambda: sign(PAYLOAD, one)) == "signing-service"


@pytest.mark.parametrize("path", [CERTIFICATE, LOGS[1]])
def test_says_which_service_failed(fragile: LocalSigstore, path: str) -> None:
    fragile.broken.add(path)
    with pytest.raises(SignatureError, match="500") as caught:
        sign(PAYLOAD, signer(fragile))
    assert (caught.value.code, caught.value.is_usage) == ("signing-service", False)


def test_says_what_a_service_answered(fragile: LocalSigstore) -> None:
    with (
        LocalSigstore() as other,
        pytest.raises(SignatureError, match="Signature verification failed"),
    ):
        sign(PAYLOAD, signer(fragile, lambda _: other.github_token()))


def test_says_that_no_service_is_there() -> None:
    gone = LocalSigstore()
    with gone:
        one = signer(gone)
    assert code_of(lambda: sign(PAYLOAD, one)) == "signing-service"


def test_rekor_v2_needs_its_timestamp(fragile: LocalSigstore) -> None:
    fragile.broken.add(TIMESTAMP)
    assert code_of(lambda: sign(PAYLOAD, signer(fragile, rekor=2))) == "signing-service"
    assert verify(sign(PAYLOAD, signer(fragile)), trust(fragile)).payload == PAYLOAD


def test_returns_nothing_that_would_not_verify(sigstore: LocalSigstore) -> None:
    one = signer(sigstore)
    with (
        sigstore.fulcio.issuing(use=ExtendedKeyUsageOID.SERVER_AUTH),
        pytest.raises(SignatureError, match=r"does not verify: .* not for signing code") as caught,
    ):
        sign(PAYLOAD, one)
    assert caught.value.code == "signing-service"


def test_returns_nothing_when_the_clocks_differ(sigstore: LocalSigstore) -> None:
    one = signer(sigstore)
    sign(PAYLOAD, one)
    with sigstore.clock.moved(minutes=20):
        assert code_of(lambda: sign(PAYLOAD, one)) == "signing-service"


CONFIGS: dict[str, Change] = {
    "no services": lambda it: it["signingConfig"].update(rekorTlogUrls=[]),
    "no provider": lambda it: it["signingConfig"].update(oidcUrls=[]),
    "no root": lambda it: it["trustedRoot"].update(mediaType="x"),
    "an unknown member": lambda it: it.update(extra=1),
}


@pytest.mark.parametrize("change", CONFIGS.values(), ids=CONFIGS)
def test_refuses_a_config_with(sigstore: LocalSigstore, change: Change) -> None:
    config = sigstore.trust_config()
    change(config)

    def attempt() -> None:
        sign(PAYLOAD, KeylessSigner(Instance(config=dump(config)), lambda _: ""))

    assert code_of(attempt) == "trust-root"


@pytest.mark.parametrize("raw", [b"", b'{"a":1,"a":1}', b"[]"], ids=["nothing", "twice", "a list"])
def test_refuses_as_a_config_before_anybody_is_asked(raw: bytes) -> None:
    assert code_of(lambda: KeylessSigner(Instance(config=raw), lambda _: "")) == "trust-root"


def test_the_log_can_be_chosen(sigstore: LocalSigstore) -> None:
    config = sigstore.trust_config(2)
    services = config["signingConfig"]["rekorTlogUrls"]
    services.append({**services[0], "majorApiVersion": 1})
    kinds: dict[int | None, str] = {}
    for rekor in (None, 1, 2):
        instance = Instance(config=dump(config), rekor=rekor)
        one = KeylessSigner(instance, lambda _: sigstore.github_token())
        (entry,) = json.loads(sign(PAYLOAD, one))["verificationMaterial"]["tlogEntries"]
        kinds[rekor] = entry["kindVersion"]["version"]
    assert kinds == {None: "0.0.2", 1: "0.0.1", 2: "0.0.2"}


# Who somebody is.


def test_a_run_on_github_is_its_workflow(
    sigstore: LocalSigstore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sigstore.on_github().items():
        monkeypatch.setenv(name, value)
    raw = sign(PAYLOAD, signer(sigstore, token_source(None, None)))
    assert verify(raw, trust(sigstore, RELEASE)).payload == PAYLOAD


def test_a_job_on_gitlab_is_its_file(
    sigstore: LocalSigstore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sigstore.on_gitlab().items():
        monkeypatch.setenv(name, value)
    raw = sign(PAYLOAD, signer(sigstore, token_source(None, None)))
    job = Identity.of(name="https://gitlab.com/acme/model//ci.yml", issuer="https://gitlab.com")
    assert verify(raw, trust(sigstore, job)).payload == PAYLOAD


def test_says_what_a_run_without_an_identity_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.delenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", raising=False)
    with pytest.raises(SignatureError, match="id-token: write") as caught:
        token_source(None, "browser")("")
    assert (caught.value.code, caught.value.is_usage) == ("keyless-token", True)


def test_a_token_that_is_given_comes_first(
    sigstore: LocalSigstore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("from a file\n")
    monkeypatch.setenv("MINE", "from a variable")
    monkeypatch.setenv(VARIABLE, "from the variable")
    for name, value in sigstore.on_github().items():
        monkeypatch.setenv(name, value)
    assert token_source(str(tmp_path / "token"), None)("") == "from a file"
    assert token_source("env://MINE", None)("") == "from a variable"
    assert token_source(None, None)("") == "from the variable"


PLACES = {
    "no file": "nowhere/token",
    "a NUL": "a\0b",
    "no variable": "env://AIBOM_TEST_NO_TOKEN",
    "no text": __file__.replace("test_keyless_signer.py", "test_names.py"),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_finds_no_token_at(place: str) -> None:
    assert code_of(lambda: token_at(place)) == "keyless-token"


def test_nobody_is_asked_to_log_in_where_nobody_is() -> None:
    assert code_of(lambda: token_source(None, None)("")) == "keyless-token"


BAD_TOKENS: dict[str, Callable[[LocalSigstore], str]] = {
    "no token": lambda _: "x.y.z",
    "one that ran out": lambda it: it.github_token(minutes=-5),
    "one for somebody else": lambda it: it.identities.token(PRIVATE, "a", aud="other"),
}


@pytest.mark.parametrize("make", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_refuses_a_token(sigstore: LocalSigstore, make: Callable[[LocalSigstore], str]) -> None:
    token = make(sigstore)
    assert code_of(lambda: sign(PAYLOAD, signer(sigstore, lambda _: token))) == "keyless-token"


def alice(sigstore: LocalSigstore) -> Identity:
    return Identity.of(name="alice@example.com", issuer=sigstore.url)


def no_browser(_: str) -> bool:
    return False


@pytest.fixture
def leak(recwarn: pytest.WarningsRecorder) -> Iterator[None]:
    """Collect the socket that sigstore leaves open after a log-in."""
    yield
    gc.collect()
    recwarn.clear()


@pytest.mark.usefixtures("leak")
def test_logs_in_by_a_browser(sigstore: LocalSigstore, monkeypatch: pytest.MonkeyPatch) -> None:
    def browse(url: str) -> bool:
        threading.Thread(target=lambda: urlopen(url).read()).start()  # noqa: S310 - ours
        return True

    monkeypatch.setattr(webbrowser, "open", browse)
    raw = sign(PAYLOAD, signer(sigstore, token_source(None, "browser")))
    assert verify(raw, trust(sigstore, alice(sigstore))).payload == PAYLOAD


@pytest.mark.usefixtures("leak")
def test_logs_in_by_a_code_where_no_browser_opens(
    sigstore: LocalSigstore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Person(StringIO):
        def readline(self, *_: object) -> str:  # type: ignore[override] # as `input` asks
            found = re.search(r"http\S+", capsys.readouterr().err)
            assert found is not None
            code: bytes = urlopen(found[0]).read()  # noqa: S310 - ours
            return code.decode() + "\n"

    monkeypatch.setattr(webbrowser, "open", no_browser)
    monkeypatch.setattr(sys, "stdin", Person())
    raw = sign(PAYLOAD, signer(sigstore, token_source(None, "browser")))
    assert verify(raw, trust(sigstore, alice(sigstore))).payload == PAYLOAD


def test_says_that_a_log_in_by_browser_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "open", no_browser)
    ask = token_source(None, "browser")
    assert code_of(lambda: ask("http://127.0.0.1:9")) == "keyless-token"


def test_logs_in_on_another_device(
    sigstore: LocalSigstore, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = sign(PAYLOAD, signer(sigstore, token_source(None, "device")))
    assert verify(raw, trust(sigstore, alice(sigstore))).payload == PAYLOAD
    assert capsys.readouterr().err == (
        f"To log in, open '{sigstore.url}/device?user_code=ABCD-EFGH' "
        "and see that it shows 'ABCD-EFGH'\n"
    )


class Provider:
    """A provider of identities that answers as a test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: object) -> None:
        self.answers, self.slept = list(answers), 0.0
        monkeypatch.setattr(time, "sleep", self.sleep)
        monkeypatch.setattr("aibom.signatures.device_flow.urlopen", self.answer)

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def answer(self, *_: object, **__: object) -> Any:  # noqa: ANN401 - what urlopen returns
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return BytesIO(answer if isinstance(answer, bytes) else dump(answer))


ENDS = {"device_authorization_endpoint": "https://d", "token_endpoint": "https://t"}
OFFER = {
    "device_code": "d",
    "user_code": "u",
    "verification_uri": "https://v",
    "expires_in": 100,
    "interval": 1,
}
WAIT, SLOW = {"error": "authorization_pending"}, {"error": "slow_down"}


def test_asks_as_slowly_as_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Provider(monkeypatch, ENDS, OFFER, WAIT, SLOW, WAIT, {"access_token": "t"})
    assert token_source(None, "device")("https://i") == "t"
    assert provider.slept == 1 + 1 + 6 + 6


DEVICES: dict[str, tuple[tuple[object, ...], str]] = {
    "no such log-in": (({"token_endpoint": "https://t"},), "keyless-token"),
    "no end": (({"device_authorization_endpoint": "https://d"},), "keyless-token"),
    "nobody there": ((OSError("no route"),), "signing-service"),
    "half an answer": ((http.client.IncompleteRead(b""),), "signing-service"),
    "no JSON": ((b"<html>",), "signing-service"),
    "a list": (([1],), "signing-service"),
    "no offer": ((ENDS, {}), "signing-service"),
    "an offer of a word": ((ENDS, {**OFFER, "expires_in": "soon"}), "signing-service"),
    "an offer that ran out": ((ENDS, {**OFFER, "expires_in": 0}), "keyless-token"),
    "a refusal": ((ENDS, OFFER, {"error": "access_denied"}), "keyless-token"),
    "no token": ((ENDS, OFFER, {}), "signing-service"),
    "a file as an address": (
        ({**ENDS, "device_authorization_endpoint": "file:///etc/passwd"},),
        "signing-service",
    ),
}


@pytest.mark.parametrize(("answers", "code"), DEVICES.values(), ids=DEVICES)
def test_a_log_in_on_another_device_meets(
    monkeypatch: pytest.MonkeyPatch, answers: tuple[object, ...], code: str
) -> None:
    Provider(monkeypatch, *answers)
    assert code_of(lambda: token_source(None, "device")("https://i")) == code


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert code_of(lambda: token_at(str(tmp_path / "pipe"))) == "keyless-token"
