"""Trust in an identity: keyless signatures of Sigstore, verified without any network.

Some instances keep no log, as that of GitHub's for private repositories. There a timestamp by the
instance's own authority is all that shows when a short-lived certificate was used, and nothing
shows that it was, to anybody who looks; so the caller must say that this is enough.

Elsewhere the heavy part (chain to Fulcio's root at the time of signing, SCT, inclusion proof,
checkpoint, promise, and that the log's entry is about this signature) is done by the package
``sigstore``. What it accepts and we do not is checked here: timestamps that nobody can vouch for,
logs and authorities outside of their time, certificates that name several signers.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from . import dsse
from .bundle import Bundle, Certificates
from .certificates import Leaf, read_der, read_leaf
from .chains import check_chain
from .errors import SignatureError
from .extra import told
from .identity import COMMIT, REF, REPOSITORY, Identity
from .rekor import check_log, read_entry
from .timestamps import stamped_times
from .trust import Signed
from .trust_root import TrustRoot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.x509 import Certificate

_Times: TypeAlias = tuple[datetime, ...]
NO_LOG = "none: the instance keeps no log, and you said that none is needed"


@dataclass(frozen=True, slots=True)
class KeylessTrust:
    """Believes whoever could show to a Sigstore instance that they are `identity`."""

    identity: Identity
    root: TrustRoot
    without_log: bool = False  # the root knows no log, and the operator says that none is needed

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
        if self.without_log:
            times, log = self._check_without_log(opened, leaf, stamped), NO_LOG
        else:
            times, log = self._check_logged(opened, leaf, stamped)
        # Nobody got this certificate before it started, and its key is not certified again.
        details = _details(leaf, log, self.root)
        return Signed(envelope.payload, _by(leaf), times, leaf.starts, details)

    def _check_logged(self, opened: Bundle, leaf: Leaf, stamped: _Times) -> tuple[_Times, str]:
        """Return the times of the signature, and its entry in the log, in words."""
        if not opened.log_entries and not self.root.has_logs:
            raise SignatureError(
                "log-entry-count",
                "neither the bundle nor the trusted root has a log: --without-log, if you believe "
                "such an instance",
            )
        entry = read_entry(opened.log_entries)
        times = (*stamped, entry.promised) if entry.promised else stamped
        leaf.check_time(times)
        _verify(opened, self.root, _Demand(self.identity, leaf))
        self._check_authority(leaf, times)
        url = check_log(entry, times, self.root.root.tlogs)
        return times, f"{entry.index} of {url}"

    def _check_without_log(self, opened: Bundle, leaf: Leaf, times: _Times) -> _Times:
        if self.root.has_logs:
            raise SignatureError("trust-root", f"{self.root.origin}: a log is known, so it counts")
        if opened.log_entries:
            raise SignatureError(
                "log-entry-count",
                f"{len(opened.log_entries)} entries of a log, which the trusted root does not know",
            )
        leaf.check_time(times)
        self._check_issuer(leaf, times)
        self.identity.check(leaf)
        return times

    def _check_issuer(self, leaf: Leaf, times: _Times) -> None:
        """Raise unless an authority certified the signer that was in use, and valid, then."""
        why = SignatureError("certificate-chain", "the trusted root has no authority of that time")
        for chain in self._authorities(times):
            *between, root = chain
            try:
                for time in times:
                    check_chain(leaf, between, (root,), time)
            except SignatureError as error:
                why = error
            else:
                return
        raise why

    def _authorities(self, times: _Times) -> "Iterator[list[Certificate]]":
        """Yield the chain of each authority that was in use at all of `times`, root last."""
        for authority in self.root.root.certificate_authorities:
            used = authority.valid_for
            if not all(used.start <= it and (used.end is None or it <= used.end) for it in times):
                continue
            try:
                chain = [read_der(each.raw_bytes) for each in authority.cert_chain.certificates]
            except SignatureError:  # who cannot be read certified nobody
                continue
            if chain:
                yield chain

    def _check_authority(self, leaf: Leaf, times: _Times) -> None:
        """Raise unless the authority that issued the certificate was in use then."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - costs 0.2 s

        for chain in self._authorities(times):
            for each in chain:
                try:
                    leaf.certificate.verify_directly_issued_by(each)
                except (ValueError, TypeError, InvalidSignature):
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


def _details(leaf: Leaf, log: str, root: TrustRoot) -> tuple[tuple[str, str], ...]:
    details = [("log entry", log), ("trust root", root.told)]
    if REPOSITORY in leaf.claims:
        ref, commit = leaf.claims.get(REF, "?"), leaf.claims.get(COMMIT, "?")
        details.insert(0, ("source", f"{leaf.claims[REPOSITORY]}, {ref}, commit {commit}"))
    return tuple(details)
