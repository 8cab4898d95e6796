"""A kit that cannot be imported."""

raise ImportError("this kit is broken")
