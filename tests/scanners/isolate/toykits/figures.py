"""A toy kit: figures."""
