"""Trust in an identity: keyless signatures of Sigstore, verified without any network.

The heavy part (chain to Fulcio's root at the time of signing, SCT, inclusion proof, checkpoint,
promise, and that the log's entry is about this signature) is done by the package ``sigstore``. What
it accepts and we do not is checked here: timestamps that nobody can vouch for, logs and
authorities outside of their time, certificates that name several signers.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from . import dsse
from .bundle import Bundle, Certificates
from .certificates import Leaf, read_der, read_leaf
from .errors import SignatureError
from .extra import told
from .identity import COMMIT, REF, REPOSITORY, Identity
from .rekor import Entry, check_log, read_entry
from .timestamps import stamped_times
from .trust import Signed
from .trust_root import TrustRoot

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


@dataclass(frozen=True, slots=True)
class KeylessTrust:
    """Believes whoever could show to a Sigstore instance that they are `identity`."""

    identity: Identity
    root: TrustRoot

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is unwise about the demand and the trust root."""
        return (*self.identity.warnings, *self.root.warnings())

    def check(self, opened: Bundle) -> Signed:
        """Return the payload if the identity signed it.

        Raises:
            SignatureError: `wrong-material`, `certificate-malformed`, `certificate-use`,
                `signature`, `timestamp`, `log-entry-count`, `log-entry`, `signing-time`,
                `bundle-malformed`, `certificate-chain`, `certificate-log`, `identity`, `issuer` or
                `workflow`; `trust-root` if the root is at fault.
        """
        if not isinstance(opened.material, Certificates) or len(opened.material.chain) != 1:
            raise SignatureError(
                "wrong-material", "the bundle is not signed with one certificate, as keyless is"
            )
        envelope = opened.envelope
        leaf = read_leaf(opened.material.chain[0])
        leaf.public.verify(envelope.signature, dsse.pae(envelope.payload))
        stamped = stamped_times(opened.timestamps, envelope.signature, self.root.stampers)
        entry = read_entry(opened.log_entries)
        times = (*stamped, entry.promised) if entry.promised else stamped
        leaf.check_time(times)
        _verify(opened, self.root, _Demand(self.identity, leaf))
        self._check_authority(leaf, times)
        url = check_log(entry, times, self.root.root.tlogs)
        details = _details(leaf, entry, url, self.root)
        # Nobody got this certificate before it started, and its key is not certified again.
        return Signed(envelope.payload, _by(leaf), times, leaf.starts, details)

    def _check_authority(self, leaf: Leaf, times: tuple[datetime, ...]) -> None:
        """Raise unless the authority that issued the certificate was in use then."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - costs 0.2 s

        for authority in self.root.root.certificate_authorities:
            used = authority.valid_for
            if not all(used.start <= it and (used.end is None or it <= used.end) for it in times):
                continue
            for each in authority.cert_chain.certificates:
                try:
                    leaf.certificate.verify_directly_issued_by(read_der(each.raw_bytes))
                except (ValueError, TypeError, InvalidSignature, SignatureError):
                    continue
                return
        raise SignatureError(
            "certificate-chain", "the authority that issued the certificate was not in use then"
        )


class _Demand:
    """Asked by `sigstore` once chain and SCT hold; the log entry comes after."""

    def __init__(self, identity: Identity, leaf: Leaf) -> None:
        self.was_asked = False
        self._identity, self._leaf = identity, leaf

    def verify(self, cert: "Certificate") -> None:  # noqa: ARG002 - it is the leaf's
        self.was_asked = True
        self._identity.check(self._leaf)


def _verify(opened: Bundle, root: TrustRoot, demand: _Demand) -> None:
    """Let `sigstore` verify, and say in our words where it stopped."""
    from sigstore.errors import CertValidationError, MetadataError  # noqa: PLC0415 - 0.7 s
    from sigstore.models import Bundle as SigstoreBundle  # noqa: PLC0415
    from sigstore.models import TrustedRoot  # noqa: PLC0415
    from sigstore.verify import Verifier  # noqa: PLC0415

    faults = _faults()
    try:
        verifier = Verifier(trusted_root=TrustedRoot(root.root))
    except faults as error:
        raise SignatureError("trust-root", f"{root.origin}: {told(error)}") from error
    try:
        bundle = SigstoreBundle.from_json(opened.raw)
    except faults as error:
        raise SignatureError("bundle-malformed", f"the bundle: {told(error)}") from error
    try:
        verifier.verify_dsse(bundle, demand)
    except CertValidationError as error:
        raise SignatureError(
            "certificate-chain", f"the certificate does not lead to the trust root: {told(error)}"
        ) from error
    except MetadataError as error:
        raise SignatureError("trust-root", f"{root.origin}: {told(error)}") from error
    except faults as error:
        if demand.was_asked:
            raise SignatureError("log-entry", f"the log's entry: {told(error)}") from error
        raise SignatureError(
            "certificate-log", f"the log of certificates: {told(error)}"
        ) from error


def _faults() -> tuple[type[Exception], ...]:
    """What `sigstore` raises over hostile bundles: its own errors, and others that it lets by."""
    from cryptography.exceptions import (  # noqa: PLC0415 - costs 0.2 s
        InvalidSignature,
        UnsupportedAlgorithm,
    )
    from cryptography.x509 import ExtensionNotFound, InvalidVersion  # noqa: PLC0415
    from sigstore.errors import Error  # noqa: PLC0415

    own = (Error, InvalidSignature, UnsupportedAlgorithm, ExtensionNotFound, InvalidVersion)
    return (*own, ValueError, TypeError, LookupError, AttributeError, ArithmeticError)


def _by(leaf: Leaf) -> str:
    return f"{leaf.names[0].text} (says {leaf.issuer})"


def _details(leaf: Leaf, entry: Entry, url: str, root: TrustRoot) -> tuple[tuple[str, str], ...]:
    details = [("log entry", f"{entry.index} of {url}"), ("trust root", root.told)]
    if REPOSITORY in leaf.claims:
        ref, commit = leaf.claims.get(REF, "?"), leaf.claims.get(COMMIT, "?")
        details.insert(0, ("source", f"{leaf.claims[REPOSITORY]}, {ref}, commit {commit}"))
    return tuple(details)
