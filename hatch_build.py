"""A build hook: say plainly that an editable install needs the two links inside `aibom/`.

Wheels and sdists are made from the real folders and need no link (see `pyproject.toml`). An
editable install imports the checkout as it stands, and a checkout made without link support, or
unpacked from an archive, has text files in their place.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LINKS = ("aibom/scanners", "aibom/signatures")


class LinksHook(BuildHookInterface[Any]):
    """Refuses an editable install of a checkout without its links."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatch's signature
        """Check the links before anything is built; `version` is "editable" or "standard"."""
        missing = [link for link in LINKS if not (Path(self.root) / link).is_dir()]
        if version == "editable" and missing:
            message = (
                f"{' and '.join(missing)} must be links to the folders at the top of the "
                "checkout, and are not: git made them without link support, or this is an "
                "unpacked archive. Turn links on "
                "(git config core.symlinks true, then git checkout -- aibom), or make them by hand "
                "(ln -s ../scanners aibom/scanners; ln -s ../signatures aibom/signatures), "
                "or install without --editable, which needs no links."
            )
            raise RuntimeError(message)
