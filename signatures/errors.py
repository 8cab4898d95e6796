"""Why signing or verifying stopped: one exception, and the table of its codes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # JSON, of a bundle, a statement or a bill of materials
        "json-too-big": "The JSON has more bytes or values than any honest one: do not use it.",
        "json-malformed": "The bytes are not one UTF-8 JSON text: fetch or write the file again.",
        "json-duplicate-key": "A key stands twice, so two readers see two texts: do not trust it.",
        "json-nan": "A number is not finite, which JSON cannot say: correct the writer.",
        "json-too-deep": "The JSON nests deeper than any honest one: do not use it.",
        "json-number": "A number is too long to be read alike everywhere: correct the writer.",
        # names of files
        "bad-name": "A name is no plain relative path and may lead elsewhere: refuse the model.",
        "colliding-names": "Two names are one file on some systems: rename one and sign again.",
        # the signed statement
        "statement-type": "The payload is no in-toto Statement v1: give a signed BOM's bundle.",
        "predicate-type": "The statement is of another kind than you want: give the right bundle.",
        "no-subjects": "The statement names nothing that it signs: sign the model again.",
        "duplicate-subject": "One name is signed twice, so either digest could pass: sign again.",
        "digest-algorithm": "A digest is not exactly one lower-case SHA-256: sign again with it.",
        "no-root-subject": "The first subject is not the model as a whole: sign with this program.",
        "root-digest": "The digest of the whole is not that of its parts: sign the model again.",
        "oms-malformed": "The model signature breaks its format: fetch it, or sign, again.",
        "oms-serialization": "The model was hashed in a way not read here: use model_signing.",
        # the bill of materials inside the statement
        "not-a-bom": "The predicate is no CycloneDX BOM: sign a BOM that this program wrote.",
        "bom-spec-version": "The CycloneDX version is unknown here: use a newer version of aibom.",
        "bom-malformed": "The BOM's list of files cannot be read: write the BOM again.",
        "bom-duplicate-file": "The BOM lists one file twice: write the BOM again.",
        "bom-not-a-subject": "The BOM at hand is not the one signed: give the BOM's signed name.",
        "bom-lacks-file": "A signed file is not in the BOM: scan the model again, then sign.",
        "bom-hash-differs": "BOM and signature give a file two hashes: scan again, then sign.",
        "bom-file-not-signed": "The BOM lists a file that is not signed: scan again, then sign.",
        "bom-differs-from-predicate": "The BOM file is not the signed BOM: fetch it again.",
        "embedded-signature": "The BOM has a signature that nobody checks: remove or keep it.",
        # the files
        "missing-file": "A signed file is not there: fetch the model again.",
        "extra-file": "A file is there that nobody signed: remove it, or scan and sign again.",
        "digest-mismatch": "A file is not the one signed: do not use it, fetch the model again.",
        "changed-while-reading": "A file changed while it was read: stop the writer and try again.",
        "symlink": "A link may show other bytes later: put the file itself in its place.",
        "not-regular": "A pipe, device or socket stands where a file should: remove it.",
        "unreadable-file": "A file could not be read, so nothing is known of it: allow reading.",
        # the bundle
        "bundle-media-type": "The file is no Sigstore bundle v0.3: give the one made for this BOM.",
        "bundle-malformed": "The bundle breaks its format: fetch it, or sign the model, again.",
        "no-dsse": "The bundle signs bytes, not a statement: give the one made for this BOM.",
        "payload-type": "The envelope holds something else than an in-toto statement: refuse it.",
        "signature-count": "The envelope has none or several signatures: sign the model again.",
        "wrong-material": "The bundle was signed in another way than you demand: ask the signer.",
        "signature": "The signature was not made by the key you trust over these bytes: refuse it.",
        # what the operator expects of a model whose signature holds
        "policy-model": "The signed model is not the one you expect: fetch the right one.",
        "policy-version": "The signed version is not the one you expect: fetch that version.",
        "policy-commit": "The signed model was made from another commit: fetch the right one.",
        "policy-subject": "The signature does not cover what you named: ask the signer to add it.",
        "policy-time": "Nobody vouches for that bound on the time of signing: demand another one.",
        "policy-age": "The signature is not of the time that you accept: fetch another release.",
        "policy-judged": "It was not judged by the policy you demand: have it so, or name another.",
        "policy-rules": "The model was not scanned by the rules you demand: have it scanned again.",
        "policy-findings": "The signed BOM states findings that you do not accept: read them.",
        "policy-incomplete": "Not all of the model was read when it was signed: read what was not.",
        "rescan-differs": "The BOM does not say what the bytes say: do not trust its signer.",
        # the signer's certificate, its log, and time
        "certificate-malformed": "The certificate cannot be read: do not use the bundle.",
        "certificate-use": "The certificate or its key is not for signing code: refuse it.",
        "certificate-chain": "The certificate is not by an authority that you trust: refuse it.",
        "certificate-log": "No log that you trust saw the certificate: refuse the bundle.",
        "signing-time": "The certificate was not valid when it signed, or none knows when: refuse.",
        "timestamp": "A timestamp is by none you trust, or over other bytes: refuse the bundle.",
        "log-entry-count": "A keyless bundle has one log entry: fetch it again, or sign again.",
        "log-entry": "The transparency log does not prove this signature: do not use the bundle.",
        # whom the certificate names
        "identity": "Somebody else signed than you demand: refuse it, or correct your demand.",
        "issuer": "Another provider vouched for the signer: refuse it, or correct your demand.",
        "workflow": "It was signed by another run than you demand: refuse it, or correct that.",
        # keyless, where the operator is at fault, or a service
        "identity-demand": "Say whom you trust: a name and its issuer, or a GitHub repository.",
        "trust-root": "The file that says whom to trust cannot be used: fetch it, or name another.",
        "keyless-extra": "Keyless needs one more package: install it, or use a key.",
        "keyless-token": "Nobody vouches for you here: run in CI with an identity, or log in.",
        "signing-service": "A service that signing needs refused or was not reached: try again.",
        # keys, which the operator gives
        "key-not-found": "There is no key at the place you named: correct the path or variable.",
        "key-malformed": "The key cannot be read: give a PEM file with the key that is asked for.",
        "key-password": "The key's password is missing or wrong: give it when you are asked.",
        "key-type": "This kind of key is not supported: make one with `aibom keys generate`.",
        "key-scheme": "This place for keys is unknown: give a PEM file, or a URI of those named.",
        "key-uri": "The key's URI is not understood, or gives a secret away: correct it.",
        "key-certificate": "The certificate does not fit the signer: give the one for this key.",
        "key-extra": "This place for keys needs one more package: install it, or use a PEM file.",
    }
)
"""Every code of a `SignatureError`: what it means, and what to do."""


_GIVEN = {"identity-demand", "trust-root"}


class SignatureError(Exception):
    """Signing or verifying stopped; `code` says why in one word, the text says where.

    Verifying raises this and never returns False, so that no caller can forget to look.
    The code is a key of `CODES`; programs may rely on it, the text is for people.
    """

    def __init__(self, code: str, message: str) -> None:
        """Keep the two; a code that the table lacks is a bug and raises KeyError."""
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.meaning = CODES[code]

    def __str__(self) -> str:
        """Return the text for people, without the code."""
        return self.message

    @property
    def is_usage(self) -> bool:
        """Whether what the operator gave is at fault, not what was verified."""
        return self.code.startswith(("key-", "keyless-")) or self.code in _GIVEN
