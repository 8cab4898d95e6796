"""A toy kit: letters."""
