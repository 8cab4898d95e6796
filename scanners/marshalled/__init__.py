"""Compiled Python: the marshal format, code objects, and what their instructions name."""
