"""The documentation site: the pages of docs/, and pages that are written from the code.

`make docs` runs `python -m tools.site`, then mkdocs, then `python -m tools.site.check`.
"""
