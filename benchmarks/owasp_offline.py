"""Run the OWASP AIBOM Generator on a folder, in place of a repository of the Hub that it asks for.

Usage: python benchmarks/owasp_offline.py CHECKOUT FOLDER OUT

It knows models by their names on the Hub alone. Here the Hub's answers are made of the folder: its
list of files, its card and the card's front matter; nothing that a folder does not hold (author,
commit, downloads). The name that stands for the folder is ours, so what it makes of that (a package
URL, an author, a maker) is left out of what it wrote. Run it with a Python that has what its own
project file asks for.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

OWNER = "no-owner-of-a-folder"  # the Hub's names have one
NAMED = ("purl", "group", "authors", "manufacturer", "supplier", "publisher")


def answers(folder: Path) -> dict[str, Any]:
    """Return what stands in the place of the functions of `huggingface_hub` that it calls."""
    hub: Any = import_module("huggingface_hub")
    missing: Any = import_module("huggingface_hub.utils").EntryNotFoundError

    def download(repo_id: str, filename: str, **_: object) -> str:
        path = folder / filename
        if not path.is_file():
            raise missing(f"{repo_id} has no {filename}")
        return str(path)

    def listed(*_: object, **__: object) -> list[str]:
        return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())

    def load(repo_id: str, **_: object) -> Any:  # noqa: ANN401 - a class of the library
        return hub.ModelCard(Path(download(repo_id, "README.md")).read_text(encoding="utf-8"))

    def info(_self: object, repo_id: str, **_: object) -> Any:  # noqa: ANN401 - likewise
        card = load(repo_id).data if (folder / "README.md").is_file() else None
        config = folder / "config.json"
        return SimpleNamespace(
            id=repo_id,
            modelId=repo_id,
            author=None,
            sha=None,
            tags=getattr(card, "tags", None) or [],
            pipeline_tag=getattr(card, "pipeline_tag", None),
            card_data=card,
            cardData=card,
            config=json.loads(config.read_text()) if config.is_file() else None,
            downloads=0,
            siblings=[SimpleNamespace(rfilename=name) for name in listed()],
        )

    return {
        "hf_hub_download": download,
        "list_repo_files": listed,
        "ModelCard.load": load,
        "HfApi.model_info": info,
    }


def main(checkout: str, folder: str, out: str) -> None:
    """Write the BOM of a folder."""
    sys.path.insert(0, checkout)
    hub: Any = import_module("huggingface_hub")
    made = answers(Path(folder))
    hub.hf_hub_download = made["hf_hub_download"]
    hub.ModelCard.load = staticmethod(made["ModelCard.load"])
    hub.HfApi.model_info = made["HfApi.model_info"]
    hub.list_repo_files = made["list_repo_files"]
    gguf: Any = import_module("src.models.gguf_metadata")
    extractors: Any = import_module("src.models.model_file_extractors")

    def of_gguf(_: str, filename: str) -> Any:  # noqa: ANN401 - a class of its own
        data = (Path(folder) / filename).read_bytes()
        return gguf.extract_model_info(gguf.parse_gguf_metadata(data, filename))

    extractors.fetch_gguf_metadata_from_repo = of_gguf
    service: Any = import_module("src.models.service")
    generator = service.AIBOMService()
    document = generator.generate_aibom(f"{OWNER}/{Path(folder).name}")
    for component in document["components"]:
        for key in [key for key, value in component.items() if key in NAMED and is_ours(value)]:
            del component[key]
    Path(out).write_text(json.dumps(document), encoding="utf-8")


def is_ours(value: object) -> bool:
    """Whether a value is made of the owner that stands for none."""
    return OWNER in json.dumps(value)


if __name__ == "__main__":
    main(*sys.argv[1:])
