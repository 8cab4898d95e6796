"""What the tests of keyless signatures begin from."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sigstore.errors import Error
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity as SigstoreIdentity
from sigstore_models.trustroot.v1 import TrustedRoot as Root

from aibom.signatures import verify
from aibom.signatures.identity import GitHub, Identity
from aibom.signatures.keyless import KeylessTrust
from aibom.signatures.trust_root import TrustRoot
from tests.local_sigstore import GITHUB_ISSUER
from tests.local_sigstore.client import Client
from tests.signatures.examples import Document, code_of, dump, statement

if TYPE_CHECKING:
    from tests.local_sigstore import LocalSigstore

WORKFLOW = "https://github.com/acme/model/.github/workflows/release.yml@refs/tags/v1"
RELEASE = Identity.of(name=WORKFLOW, issuer=GITHUB_ISSUER)
PAYLOAD = dump(statement())


def client(sigstore: LocalSigstore, rekor: int = 1, **changes: Any) -> Client:  # noqa: ANN401 - of its fields
    return replace(Client(sigstore=sigstore, rekor=rekor), **changes)


def keyless_bundle(sigstore: LocalSigstore, rekor: int = 1, **changes: Any) -> Document:  # noqa: ANN401 - of the client
    return client(sigstore, rekor, **changes).sign(PAYLOAD)


def trust_root(document: Document) -> TrustRoot:
    return TrustRoot.from_json(dump(document), "the tests' root")


def trust(sigstore: LocalSigstore, identity: Identity = RELEASE) -> KeylessTrust:
    return KeylessTrust(identity, trust_root(sigstore.trusted_root()))


def refusal(document: Document, believed: KeylessTrust) -> str:
    """Return the code with which a bundle is refused."""
    return code_of(lambda: verify(dump(document), believed))


def on_github(**demands: str) -> Identity:
    return Identity.of(github=GitHub(**demands))


def sigstore_python_accepts(document: Document, root: Document, name: str = WORKFLOW) -> bool:
    """Whether sigstore-python believes that GitHub vouched for `name`, who signed."""
    verifier = Verifier(trusted_root=TrustedRoot(Root.from_json(json.dumps(root))))
    identity = SigstoreIdentity(identity=name, issuer=GITHUB_ISSUER)
    try:
        verifier.verify_dsse(Bundle.from_json(json.dumps(document)), identity)
    except Error:
        return False
    return True


def material(document: Document) -> Document:
    found: Document = document["verificationMaterial"]
    return found


def entry(document: Document) -> Document:
    found: Document = material(document)["tlogEntries"][0]
    return found


def signatures(document: Document) -> list[Document]:
    found: list[Document] = document["dsseEnvelope"]["signatures"]
    return found


def stamps(document: Document) -> list[Document]:
    found: list[Document] = material(document)["timestampVerificationData"]["rfc3161Timestamps"]
    return found
