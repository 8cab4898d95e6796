"""A whole Sigstore on loopback, for tests: see README.md."""

from .authority import Clock
from .oidc import GITHUB_ISSUER
from .server import LocalSigstore

__all__ = ["GITHUB_ISSUER", "Clock", "LocalSigstore"]
