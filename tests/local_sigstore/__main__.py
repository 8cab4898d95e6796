"""Serve until stopped: `python -m tests.local_sigstore FOLDER`; for other clients, by hand."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

from .server import LocalSigstore


def main(folder: Path) -> None:
    with LocalSigstore() as sigstore:
        folder.mkdir(parents=True, exist_ok=True)
        for rekor in (1, 2):
            config = json.dumps(sigstore.trust_config(rekor), indent=1)
            (folder / f"trust_config_rekor{rekor}.json").write_text(config)
        (folder / "trusted_root.json").write_text(json.dumps(sigstore.trusted_root()) + "\n")
        (folder / "token").write_text(sigstore.github_token(minutes=60))
        sys.stdout.write(f"{sigstore.url}, as described in {folder}; Ctrl-C ends it\n")
        sys.stdout.flush()
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
