"""Derive what each importable name of Python libraries can do when a pickle uses it.

The source is read as text and nothing of it runs: see docs/capability.md.
"""
