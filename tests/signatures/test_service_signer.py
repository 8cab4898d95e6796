"""Keys in key services: two are tried against stand-ins on loopback, all by their URIs."""

import sys

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from aibom.signatures import KeyTrust, SignatureError, look_at_key, sign, signer_from_uri, verify
from aibom.signatures.keys import P384_WARNING
from aibom.signatures.signer import HeldKeySigner
from tests.signatures.examples import code_of
from tests.signatures.key_services import Service, Vault, aws, serving

P256 = ec.generate_private_key(ec.SECP256R1())
P384 = ec.generate_private_key(ec.SECP384R1())
OLD, ED25519 = (ed25519.Ed25519PrivateKey.generate() for _ in range(2))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The credentials that the clients find by themselves."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "VAULT_TOKEN"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("VAULT_NAMESPACE", "AWS_PROFILE", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


SERVED: dict[str, tuple[str, Service, tuple[str, ...]]] = {
    "AWS, P-256": ("awskms:alias/release", aws(P256), ()),
    "AWS, P-384": ("awskms:alias/release", aws(P384, "ECDSA_SHA_384"), (P384_WARNING,)),
    "Vault, Ed25519": ("hv:release", Vault(release=(OLD, ED25519)), ()),
}


@pytest.mark.parametrize(("uri", "service", "warnings"), SERVED.values(), ids=SERVED)
def test_signs(
    uri: str, service: Service, warnings: tuple[str, ...], environment: pytest.MonkeyPatch
) -> None:
    with serving(service) as url:
        environment.setenv("AWS_ENDPOINT_URL", url)
        environment.setenv("VAULT_ADDR", url)
        signer = signer_from_uri(uri)
        assert isinstance(signer, HeldKeySigner)
        assert signer.warnings == warnings
        bundle = sign(b"payload", signer)
    assert verify(bundle, KeyTrust(signer.public)).payload == b"payload"


def test_an_answer_that_does_not_verify_is_refused(environment: pytest.MonkeyPatch) -> None:
    """The service tells one key and signs with another."""
    honest, other = aws(P256), aws(ec.generate_private_key(ec.SECP256R1()))

    def two_faced(path: str, target: str, body: dict[str, object]) -> tuple[int, dict[str, object]]:
        return (honest if target.endswith("GetPublicKey") else other)(path, target, body)

    with serving(two_faced) as url:
        environment.setenv("AWS_ENDPOINT_URL", url)
        signer = signer_from_uri("awskms:alias/release")
        with pytest.raises(SignatureError, match="its own public key does not verify") as caught:
            sign(b"payload", signer)
        assert caught.value.code == "signature"


class TestVault:
    def test_signs_with_the_newest_version(self, environment: pytest.MonkeyPatch) -> None:
        keys = [OLD, *(ed25519.Ed25519PrivateKey.generate() for _ in range(10))]
        with serving(Vault(release=tuple(keys))) as url:
            environment.setenv("VAULT_ADDR", url)
            signer = signer_from_uri("hv:release")
            bundle = sign(b"payload", signer)
        newest = keys[-1].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        assert verify(bundle, KeyTrust.from_pem(newest)).payload == b"payload"

    def test_refuses_who_has_no_token_for_it(self, environment: pytest.MonkeyPatch) -> None:
        environment.setenv("VAULT_TOKEN", "other")
        with serving(Vault(release=(ED25519,))) as url:
            environment.setenv("VAULT_ADDR", url)
            with pytest.raises(SignatureError, match="permission denied") as caught:
                signer_from_uri("hv:release")
        assert caught.value.code == "signing-service"

    def test_takes_keys_of_ed25519_alone(self, environment: pytest.MonkeyPatch) -> None:
        with serving(Vault(release=(P256,))) as url:
            environment.setenv("VAULT_ADDR", url)
            with pytest.raises(SignatureError, match="expected an Ed25519 key") as caught:
                signer_from_uri("hv:release")
        assert (caught.value.code, caught.value.is_usage) == ("key-type", True)


@pytest.mark.parametrize("uri", ["awskms:alias/other", "hv:other"])
def test_a_service_that_refuses_is_said(uri: str, environment: pytest.MonkeyPatch) -> None:
    with serving(aws(P256) if uri.startswith("aws") else Vault(release=(OLD, ED25519))) as url:
        environment.setenv("AWS_ENDPOINT_URL", url)
        environment.setenv("VAULT_ADDR", url)
        with pytest.raises(SignatureError, match="the key service refused: ") as caught:
            signer_from_uri(uri)
    assert caught.value.code == "signing-service"
    assert not caught.value.is_usage


@pytest.mark.parametrize("uri", ["awskms:alias/release", "hv:release"])
def test_a_service_that_is_not_there_is_said(uri: str, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    environment.setenv("VAULT_ADDR", "http://127.0.0.1:1")
    assert code_of(lambda: signer_from_uri(uri)) == "signing-service"


MISREAD = [
    "awskms:",
    "awskms:a b",
    "awskms://host/x?y",
    "gcpkms:projects/p/locations/l/keyRings/r/cryptoKeys/k",
    "azurekms:https://x",
    "azurekms://evil.example/keys/release",
    "hv:",
    "hv:../sys",
    "hv:release/2",
]


@pytest.mark.parametrize("uri", MISREAD)
def test_refuses_a_uri(uri: str) -> None:
    with pytest.raises(SignatureError, match="expected ") as caught:
        signer_from_uri(uri)
    assert (caught.value.code, caught.value.is_usage) == ("key-uri", True)


LACKING = {
    "the package": ("awskms:alias/release", "securesystemslib.signer"),
    "Google's client": (
        "gcpkms:projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1",
        None,
    ),
    "Azure's client": ("azurekms://acme.vault.azure.net/keys/release", None),
}


@pytest.mark.parametrize(("uri", "module"), LACKING.values(), ids=LACKING)
def test_says_what_to_install_without(
    uri: str, module: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if module:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SignatureError, match=r"pip install 'aibom\[kms\]'") as caught:
        signer_from_uri(uri)
    assert (caught.value.code, caught.value.is_usage) == ("key-extra", True)


def test_is_asked_before_long_work() -> None:
    assert look_at_key("awskms:alias/release")
