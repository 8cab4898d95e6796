"""Fingerprints of weights: which tensors a model holds, whatever they and its files are called.

`docs/fingerprints.md` defines a leaf and a root. A scan that was asked for fingerprints takes the
leaves while it hashes the files; `overlap` compares what two models have in common.
"""

from __future__ import annotations

from .fingerprint import Fingerprint, Leaf, Weights, root
from .overlap import Overlap, overlap

__all__ = ["Fingerprint", "Leaf", "Overlap", "Weights", "overlap", "root"]
