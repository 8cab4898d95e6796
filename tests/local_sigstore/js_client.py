"""sigstore-js, installed once for all processes of a test run, and asked to verify and to sign."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.helpers import npm

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent / "js"
NOTHING: dict[str, list[object]] = {
    "tlogs": [],
    "ctlogs": [],
    "certificateAuthorities": [],
    "timestampAuthorities": [],
}


@dataclass(frozen=True)
class SigstoreJs:
    """The program `client.mjs`."""

    modules: Path
    folder: Path  # for files between the two of us

    def verify(self, bundle: bytes, root: Mapping[str, Any], **options: Any) -> str:  # noqa: ANN401 - JSON
        """Return whom it believes, or the code and the text of its refusal."""
        (self.folder / "bundle.json").write_bytes(bundle)
        (self.folder / "root.json").write_text(json.dumps(root))
        return self._run("verify", "bundle.json", "root.json", json.dumps(options))

    def verify_by_key(self, bundle: bytes, public: bytes) -> str:
        """Return `a key`, or the code and the text of its refusal."""
        none = {"tlogThreshold": 0, "ctlogThreshold": 0, "timestampThreshold": 0}
        return self.verify(bundle, NOTHING, key=public.decode(), thresholds=none)

    def sign(self, payload: bytes, url: str, token: str) -> bytes:
        """Return a bundle."""
        (self.folder / "payload").write_bytes(payload)
        return self._run("sign", "payload", url, token).encode()

    def _run(self, verb: str, *arguments: str) -> str:
        command = ["node", str(HERE / "client.mjs"), verb, str(self.modules), *arguments]
        ran = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=60
        )
        assert not ran.stderr, ran.stderr
        return ran.stdout.strip()


def installed() -> Path:
    """Return the folder with the modules, as the lock names them."""
    return npm.installed(HERE)
