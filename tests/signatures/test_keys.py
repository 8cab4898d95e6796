"""Keys: P-256 by default, few others, and a clear sentence for the rest."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from aibom.signatures import (
    CODES,
    KeyTrust,
    SignatureError,
    Signer,
    generate_keys,
    is_exposed,
    key_file,
    look_at_key,
    sign,
    signer_from_uri,
    verify,
)
from aibom.signatures import bundle as bundles
from aibom.signatures.dsse import pae
from aibom.signatures.keys import P384_WARNING, load_private, load_public
from aibom.signatures.signer import KeySigner
from tests.signatures.examples import PRIVATE, PUBLIC, bundle, code_of, dump

OPENSSL = shutil.which("openssl")

P256 = ec.generate_private_key(ec.SECP256R1())
P384 = ec.generate_private_key(ec.SECP384R1())
ED25519 = ed25519.Ed25519PrivateKey.generate()
AnyKey = (
    ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
    | rsa.RSAPrivateKey
    | dsa.DSAPrivateKey
)


def pems(key: AnyKey) -> tuple[bytes, bytes]:
    return (
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    )


def never_asked() -> NoReturn:
    raise AssertionError


SUPPORTED: dict[str, tuple[AnyKey, tuple[str, ...]]] = {
    "P-256": (P256, ()),
    "P-384": (P384, (P384_WARNING,)),
    "Ed25519": (ED25519, ()),
}


class TestSeveralKeys:
    """While a key is rotated, a file may hold the old one and the new."""

    OLD, NEW, EDWARDS = (pems(key)[1] for key in (P256, P384, ED25519))

    @pytest.mark.parametrize("key", [P256, P384, ED25519])
    def test_any_of_a_file_verifies_and_is_named(self, key: AnyKey) -> None:
        private, public = pems(key)
        signed = sign(b"payload", KeySigner(load_private(private)))
        trust = KeyTrust.from_pem(self.OLD + b"\n" + self.NEW + self.EDWARDS)
        assert verify(signed, trust).by == f"key {load_public(public).hint}"
        assert trust.warnings == (P384_WARNING,)

    def test_a_key_that_is_not_in_it_does_not(self) -> None:
        hints = ", ".join(load_public(each).hint for each in (self.OLD, self.NEW))
        trust = KeyTrust.from_pem(self.OLD + self.NEW)
        with pytest.raises(SignatureError, match=f"^not signed by any of the keys {hints}$"):
            verify(dump(bundle()), trust)

    def test_a_key_that_stands_twice_is_one(self) -> None:
        assert KeyTrust.from_pem(self.OLD + self.OLD) == KeyTrust.from_pem(self.OLD)

    @pytest.mark.parametrize(
        ("second", "told"),
        [
            (PRIVATE, "key 2 of 2 in the file: this is a private key"),
            (b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", "no public key"),
            (b"-----BEGIN PUBLIC KEY-----\nAA==", "key 2 of 2 in the file: the PEM holds no"),
        ],
        ids=["private", "certificate", "cut"],
    )
    def test_a_file_with_anything_else_is_refused(self, second: bytes, told: str) -> None:
        with pytest.raises(SignatureError, match=told) as caught:
            KeyTrust.from_pem(self.OLD + second)
        assert caught.value.code == "key-malformed"


def test_says_by_which_hash_a_key_signs() -> None:
    names = [load_public(pems(key)[1]).hash_name for key in (P256, P384)]
    assert names == ["sha256", "sha384"]


@pytest.mark.parametrize(("key", "warnings"), SUPPORTED.values(), ids=SUPPORTED)
def test_signs_and_verifies_with(key: AnyKey, warnings: tuple[str, ...], tmp_path: Path) -> None:
    private, public = pems(key)
    (tmp_path / "key.pem").write_bytes(private)
    signer: Signer = signer_from_uri(str(tmp_path / "key.pem"), never_asked)
    trust = KeyTrust.from_pem(public)
    assert verify(sign(b"payload", signer), trust).payload == b"payload"
    assert (signer.warnings, trust.warnings) == (warnings, warnings)
    stranger = KeyTrust.from_pem(PUBLIC)
    assert code_of(lambda: verify(sign(b"payload", signer), stranger)) == "signature"


@pytest.mark.parametrize("signature", [b"", b"\0", bytes(64), bytes(65)], ids=len)
@pytest.mark.parametrize("key", [P256, P384, ED25519], ids=SUPPORTED)
def test_refuses_zeros_as_a_signature_of(key: AnyKey, signature: bytes) -> None:
    public = load_public(pems(key)[1])
    assert code_of(lambda: public.verify(signature, b"payload")) == "signature"


def test_generates_a_p256_pair_in_pem() -> None:
    private, public = generate_keys()
    assert private.startswith(b"-----BEGIN PRIVATE KEY-----\n")
    assert public.startswith(b"-----BEGIN PUBLIC KEY-----\n")
    hint = load_private(private, never_asked).public.hint
    assert hint == load_public(public).hint == hashlib.sha256(public).hexdigest()


def test_encrypts_the_private_key_with_a_password() -> None:
    private, public = generate_keys(b"secret")
    assert private.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    assert load_private(private, lambda: b"secret").public.hint == load_public(public).hint
    assert code_of(lambda: load_private(private, lambda: b"wrong")) == "key-password"
    assert code_of(lambda: load_private(private, lambda: b"")) == "key-password"
    assert code_of(lambda: load_private(private)) == "key-password"
    assert code_of(lambda: generate_keys(b"")) == "key-password"


def test_printing_a_key_shows_no_secret() -> None:
    assert repr(load_private(PRIVATE)) == (
        f"PrivateKey(public=PublicKey(hint={load_public(PUBLIC).hint!r}, warnings=()))"
    )


UNSUPPORTED: dict[str, tuple[AnyKey, str]] = {
    "P-521": (ec.generate_private_key(ec.SECP521R1()), "EC on secp521r1"),
    "secp256k1": (ec.generate_private_key(ec.SECP256K1()), "EC on secp256k1"),
    "RSA": (rsa.generate_private_key(65537, 2048), "RSA"),
    "DSA": (dsa.generate_private_key(2048), "DSA"),
    "Ed448": (ed448.Ed448PrivateKey.generate(), "Ed448"),
}


@pytest.mark.parametrize(("key", "kind"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_says_which_keys_are_supported_when_given(key: AnyKey, kind: str) -> None:
    private, public = pems(key)
    sentence = (
        f"keys of the kind {kind} are not supported; use ECDSA on P-256 (best) or P-384, or Ed25519"
    )
    for load in (lambda: load_private(private), lambda: load_public(public)):
        with pytest.raises(SignatureError) as caught:
            load()
        assert (caught.value.code, str(caught.value)) == ("key-type", sentence)


MALFORMED = {
    "nothing": b"",
    "text": b"hello",
    "a broken PEM": PUBLIC[:60] + PUBLIC[70:],
    "too much": PUBLIC + bytes(64 << 10),
    "a certificate": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
}


@pytest.mark.parametrize("pem", MALFORMED.values(), ids=MALFORMED)
def test_refuses_as_a_key(pem: bytes) -> None:
    assert code_of(lambda: load_public(pem)) == "key-malformed"
    assert code_of(lambda: load_private(pem)) == "key-malformed"


def test_refuses_more_text_than_a_key_has() -> None:
    assert code_of(lambda: load_public(PUBLIC + b"\n" * (64 << 10))) == "key-malformed"
    assert code_of(lambda: load_private(PRIVATE + b"\n" * (64 << 10))) == "key-malformed"


def test_refuses_the_other_half_of_a_key() -> None:
    assert code_of(lambda: load_private(PUBLIC)) == "key-malformed"
    with pytest.raises(SignatureError) as caught:
        load_public(PRIVATE)
    assert (caught.value.code, str(caught.value)) == (
        "key-malformed",
        (
            "this is a private key, which signs: keep it secret, and give its public half "
            "(`openssl pkey -in KEY -pubout` writes it)"
        ),
    )


def test_reads_a_key_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIBOM_TEST_KEY", PRIVATE.decode())
    raw = sign(b"payload", signer_from_uri("env://AIBOM_TEST_KEY"))
    assert verify(raw, KeyTrust.from_pem(PUBLIC)).payload == b"payload"


PLACES = {
    "no file": ("nowhere/key.pem", "key-not-found"),
    "a folder": (".", "key-not-found"),
    "a NUL": ("a\0b", "key-not-found"),
    "a drive": ("C:\\nowhere", "key-not-found"),
    "no variable": ("env://AIBOM_TEST_NO_KEY", "key-not-found"),
    "no name of a variable": ("env://", "key-not-found"),
    "an unknown scheme": ("https://x/key.pem", "key-scheme"),
    "no variable, without slashes": ("env:AIBOM_TEST_NO_KEY", "key-not-found"),
}


@pytest.mark.parametrize(("uri", "code"), PLACES.values(), ids=PLACES)
def test_finds_no_key_at(uri: str, code: str) -> None:
    with pytest.raises(SignatureError) as caught:
        signer_from_uri(uri)
    assert (caught.value.code, caught.value.is_usage) == (code, True)


def test_names_the_places_that_it_knows() -> None:
    with pytest.raises(SignatureError) as caught:
        signer_from_uri("https://x/key.pem")
    assert str(caught.value) == (
        "keys by https: are unknown; "
        "give a PEM file, or env:, pkcs11:, awskms:, azurekms:, gcpkms:, hv:"
    )
    assert key_file("release.key") == "release.key"


def test_error_keeps_code_text_and_meaning() -> None:
    error = SignatureError("extra-file", "there: 'x'")
    assert (error.code, str(error), error.meaning, error.is_usage) == (
        "extra-file",
        "there: 'x'",
        CODES["extra-file"],
        False,
    )


DGST = ["-verify", "pub", "-signature", "sig", "pae"]
VERIFICATIONS: dict[str, tuple[AnyKey, list[str]]] = {
    "P-256": (P256, ["dgst", "-sha256", *DGST]),
    "P-384": (P384, ["dgst", "-sha384", *DGST]),
    "Ed25519": (
        ED25519,
        [
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            "pub",
            "-rawin",
            "-in",
            "pae",
            "-sigfile",
            "sig",
        ],
    ),
}


@pytest.mark.skipif(OPENSSL is None, reason="the program openssl is not installed")
@pytest.mark.parametrize(("key", "arguments"), VERIFICATIONS.values(), ids=VERIFICATIONS)
def test_openssl_verifies_the_signature_over_the_pae(
    key: AnyKey, arguments: list[str], tmp_path: Path
) -> None:
    private, public = pems(key)
    opened = bundles.read(sign(b"payload", KeySigner(load_private(private))))
    (tmp_path / "pub").write_bytes(public)
    (tmp_path / "sig").write_bytes(opened.envelope.signature)

    def exit_code(payload: bytes) -> int:
        (tmp_path / "pae").write_bytes(pae(payload))
        command = [OPENSSL or "", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    assert (exit_code(b"payload"), exit_code(b"another")) == (0, 1)


@pytest.mark.skipif(OPENSSL is None, reason="the program openssl is not installed")
@pytest.mark.parametrize(
    "arguments",
    [
        "ecparam -name prime256v1 -genkey -noout",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        "genpkey -algorithm ed25519",
    ],
)
def test_reads_keys_that_openssl_made(arguments: str, tmp_path: Path) -> None:
    made = subprocess.run([OPENSSL or "", *arguments.split()], capture_output=True, check=True)
    (tmp_path / "key").write_bytes(made.stdout)
    signer = signer_from_uri(str(tmp_path / "key"))
    assert bundles.read(sign(b"payload", signer)).envelope.payload == b"payload"


def test_a_bundle_of_the_example_key_is_believed() -> None:
    assert verify(dump(bundle()), KeyTrust.from_pem(PUBLIC)).by == f"key {load_public(PUBLIC).hint}"


@pytest.mark.parametrize("password", [None, b"secret"], ids=["plain", "encrypted"])
def test_a_look_at_a_key_says_whether_it_is_encrypted(
    tmp_path: Path, password: bytes | None
) -> None:
    private, public = generate_keys(password)
    path = tmp_path / "k.key"
    path.write_bytes(private)
    assert look_at_key(str(path)) is (password is not None)
    path.write_bytes(public)
    with pytest.raises(SignatureError, match="holds no private key in PEM") as caught:
        look_at_key(str(path))
    assert caught.value.code == "key-malformed"


def _link_to_device(path: Path) -> None:
    path.symlink_to(os.devnull)


NO_FILES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a pipe": (os.mkfifo, "is a pipe, which can be read once only: give a file, or env:NAME"),
    "a folder": (Path.mkdir, "is a directory"),
    "a device": (_link_to_device, "is no regular file"),
}


@pytest.mark.parametrize(("make", "said"), NO_FILES.values(), ids=NO_FILES)
def test_a_key_that_is_no_file_is_refused_at_once(
    tmp_path: Path, make: Callable[[Path], None], said: str
) -> None:
    make(tmp_path / "k")
    for ask in (look_at_key, signer_from_uri):
        with pytest.raises(SignatureError, match=said) as caught:
            ask(str(tmp_path / "k"))
        assert caught.value.code == "key-not-found"


def test_a_key_that_others_may_read_is_known_as_exposed(tmp_path: Path) -> None:
    path = tmp_path / "k.key"
    path.write_bytes(b"")
    path.chmod(0o640)
    assert is_exposed(str(path))
    path.chmod(0o400)
    assert not is_exposed(str(path))
    assert not is_exposed("env:NAME")
    assert not is_exposed(str(tmp_path / "missing"))
