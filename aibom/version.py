"""The version of this program, in one place."""

__version__ = VERSION = "0.1.0"
REPOSITORY = "https://github.com/aibom/aibom"
