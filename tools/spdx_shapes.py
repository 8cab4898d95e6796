"""Hold exported SPDX documents against SPDX's own shapes (SHACL).

Usage: python tools/spdx_shapes.py SHAPES CONTEXT DOCUMENT …

SHAPES and CONTEXT are `spdx-model.ttl` and `spdx-context.jsonld` of SPDX 3.0.1, from its
specification's repository. Run it in an environment with rdflib and pyshacl: neither is needed
anywhere else here.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

rdflib: Any = import_module("rdflib")
pyshacl: Any = import_module("pyshacl")


def main(shapes: str, context: str, *documents: str) -> int:
    """Return how many of the documents the shapes are against, and say why."""
    known = rdflib.Graph().parse(shapes, format="turtle")
    terms = json.loads(Path(context).read_text(encoding="utf-8"))
    broken = 0
    for name in documents:
        document = json.loads(Path(name).read_text(encoding="utf-8"))
        graph = rdflib.Graph().parse(data=json.dumps(document | terms), format="json-ld")
        conforms, _, text = pyshacl.validate(graph, shacl_graph=known, ont_graph=known)
        print(f"{name}: {len(graph)} statements, {'as the shapes demand' if conforms else text}")
        broken += not conforms
    return broken


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
