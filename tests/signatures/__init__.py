"""Tests of `aibom.signatures`."""
