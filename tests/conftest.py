"""Settings and fixtures of the whole test suite."""

import os

from hypothesis import settings

# Shared machines stall: no deadline. Where CI is set, the same examples in every run.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")
