"""Keys in tokens: named by RFC 7512, tried with SoftHSM2."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aibom.signatures import KeyTrust, SignatureError, look_at_key, sign, signer_from_uri, verify
from aibom.signatures.key_uri import key_file
from aibom.signatures.keys import P384_WARNING
from aibom.signatures.signer import HeldKeySigner
from aibom.signatures.token_uri import TokenUri, parse_token_uri
from aibom.verify import verify_target
from tests.helpers.command import aibom
from tests.helpers.models import write_model
from tests.signatures.examples import code_of
from tests.signatures.softhsm import LIBRARY, PIN, make_tokens

needs_token = pytest.mark.skipif(LIBRARY is None, reason="needs SoftHSM2 (apt install softhsm2)")


def test_reads_every_part_of_a_uri() -> None:
    uri = (
        "pkcs11:token=My%20token;serial=42;manufacturer=Acme;model=v2;slot-id=7;"
        "object=release;id=%01%ff;type=private?module-path=/lib/x.so&pin-source=file:/run/pin"
    )
    assert parse_token_uri(uri) == TokenUri(
        token={"token": "My token", "serial": "42", "manufacturer": "Acme", "model": "v2"},
        slot=7,
        label="release",
        id=b"\x01\xff",
        module="/lib/x.so",
        pin_source="/run/pin",
    )
    assert parse_token_uri("pkcs11:id=%01?pin-source=file:///run/pin").pin_source == "/run/pin"
    assert parse_token_uri("pkcs11:object=x") == TokenUri(token={}, label="x")


MISREAD = {
    "no key": "pkcs11:token=build",
    "nothing": "pkcs11:",
    "a certificate": "pkcs11:object=x;type=cert",
    "an unknown part": "pkcs11:object=x;objekt=y",
    "a part twice": "pkcs11:object=x;object=y",
    "a part without value": "pkcs11:object",
    "half an escape": "pkcs11:object=%4",
    "a space": "pkcs11:object=a b",
    "a name that is no text": "pkcs11:object=%ff",
    "a slot that is no number": "pkcs11:object=x;slot-id=one",
    "a PIN": "pkcs11:object=x?pin-value=1234",
    "a PIN in odd letters": "pkcs11:object=x?pin-value=\u0661",
    "a command for the PIN": "pkcs11:object=x?pin-source=|cat",
    "a module by name": "pkcs11:object=x?module-name=softhsm",
    "no module": "pkcs11:object=x",
}


@pytest.mark.parametrize("uri", MISREAD.values(), ids=MISREAD)
def test_refuses_a_uri_with(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PKCS11_MODULE_PATH", raising=False)
    assert code_of(lambda: signer_from_uri(uri)) == "key-uri"


def test_a_pin_is_not_repeated_in_the_refusal() -> None:
    with pytest.raises(SignatureError) as caught:
        parse_token_uri("pkcs11:object=x?pin-value=987654")
    assert "987654" not in str(caught.value)


def test_a_token_is_asked_before_long_work_and_is_no_file() -> None:
    assert look_at_key("pkcs11:object=x")
    assert key_file("pkcs11:object=x") is None


def test_says_which_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pkcs11", None)
    with pytest.raises(SignatureError, match=r"aibom\[pkcs11\]") as caught:
        signer_from_uri("pkcs11:object=x")
    assert caught.value.code == "key-extra"
    assert caught.value.is_usage


def test_a_library_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.so").write_bytes(b"no library")
    uri = f"pkcs11:object=x?module-path={tmp_path / 'x.so'}"
    assert code_of(lambda: signer_from_uri(uri)) == "key-not-found"


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two tokens in software, and the part of a URI that names their library."""
    before = os.environ.get("SOFTHSM2_CONF")
    library = make_tokens(tmp_path_factory.mktemp("softhsm"))
    yield f"module-path={LIBRARY}"
    library.finalize()
    os.environ.pop("SOFTHSM2_CONF")
    if before is not None:
        os.environ["SOFTHSM2_CONF"] = before


def build_token() -> Any:  # noqa: ANN401 - the library has no types for its C part
    import pkcs11  # noqa: PLC0415 - an extra

    return pkcs11.lib(str(LIBRARY)).get_token(token_label="build")  # noqa: S106 - a label


@needs_token
class TestToken:
    def test_signs(self, module: str) -> None:
        signer = signer_from_uri(f"pkcs11:token=build;object=p256?{module}", PIN.encode)
        assert isinstance(signer, HeldKeySigner)
        assert signer.warnings == ()
        assert verify(sign(b"payload", signer), KeyTrust(signer.public)).payload == b"payload"

    def test_signs_a_model_from_the_command_line(self, module: str, tmp_path: Path) -> None:
        write_model(tmp_path / "demo")
        uri = f"pkcs11:token=build;object=p256?{module}"
        signed = aibom("attest", "demo", "--key", uri, cwd=tmp_path, AIBOM_KEY_PASSWORD=PIN)
        assert signed.code == 0, signed.err
        again = aibom("attest", "demo", "--key", uri, cwd=tmp_path, AIBOM_KEY_PASSWORD=PIN)
        assert "already signed, so left as it is" in again.err
        signer = signer_from_uri(uri, PIN.encode)
        assert isinstance(signer, HeldKeySigner)
        assert verify_target(tmp_path / "demo", KeyTrust(signer.public)).files == 5

    def test_signs_by_p384_and_says_what_that_costs(self, module: str) -> None:
        signer = signer_from_uri(f"pkcs11:token=build;id=%01?{module}", PIN.encode)
        assert isinstance(signer, HeldKeySigner)
        assert signer.warnings == (P384_WARNING,)
        assert verify(sign(b"payload", signer), KeyTrust(signer.public)).payload == b"payload"

    def test_the_pin_may_lie_in_a_file_and_the_library_in_the_environment(
        self, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PKCS11_MODULE_PATH", module.removeprefix("module-path="))
        (tmp_path / "pin").write_text(f"{PIN}\n")
        signer = signer_from_uri(f"pkcs11:token=build;object=p256?pin-source={tmp_path / 'pin'}")
        assert isinstance(signer, HeldKeySigner)

    @pytest.mark.parametrize(
        ("uri", "code"),
        [
            ("token=build;object=nothing", "key-not-found"),
            ("token=nothing;object=p256", "key-not-found"),
            ("slot-id=123456;object=p256", "key-not-found"),
            ("manufacturer=SoftHSM%20project;object=p256", "key-not-found"),
            ("token=build;object=twin", "key-not-found"),
            ("token=build;object=rsa", "key-type"),
            ("token=build;object=p521", "key-type"),
            ("token=build;object=odd", "key-type"),
        ],
    )
    def test_refuses(self, module: str, uri: str, code: str) -> None:
        assert code_of(lambda: signer_from_uri(f"pkcs11:{uri}?{module}", PIN.encode)) == code

    @pytest.mark.parametrize("pin", [b"4321", b""])
    def test_a_wrong_pin_is_said(self, module: str, pin: bytes) -> None:
        uri = f"pkcs11:token=build;object=p256?{module}"
        assert code_of(lambda: signer_from_uri(uri, lambda: pin)) == "key-password"

    def test_a_pin_that_is_not_given_is_said(self, module: str, tmp_path: Path) -> None:
        uri = f"pkcs11:token=build;object=p256?{module}"
        assert code_of(lambda: signer_from_uri(uri)) == "key-password"
        os.mkfifo(tmp_path / "pipe")
        for place in ("gone", "pipe", "."):
            elsewhere = f"{uri}&pin-source={tmp_path / place}"
            assert code_of(lambda: signer_from_uri(elsewhere)) == "key-password"  # noqa: B023 - called here

    def test_a_token_that_another_holds_is_said(self, module: str) -> None:
        uri = f"pkcs11:token=build;object=p256?{module}"
        with build_token().open(user_pin=PIN):
            assert code_of(lambda: signer_from_uri(uri, PIN.encode)) == "signing-service"

    def test_a_token_that_was_pulled_is_said(self, module: str) -> None:
        signer = signer_from_uri(f"pkcs11:token=build;object=p256?{module}", PIN.encode)
        import pkcs11  # noqa: PLC0415 - an extra

        with build_token().open(user_pin=PIN, rw=True) as session:
            session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, label="p256").destroy()
        assert code_of(lambda: sign(b"payload", signer)) == "signing-service"
