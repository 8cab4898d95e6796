"""Libraries that few files need, brought into the locked process only for these.

After the lock nothing can be imported. A parser that lacks a kit raises `NeedsKit`; the host then
has it imported where the next process comes from, and the file is read again there.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

KITS = {  # name -> module of ours that imports the library and does the work with it
    "templates": "aibom.scanners.templates",  # jinja2
    "yaml": "aibom.scanners.front_matter",  # PyYAML
    "cards": "aibom.scanners.formats.card_facts",  # PyYAML, and what reads cards
    "passages": "aibom.scanners.formats.card_body",  # none; what reads the text of cards
    "python": "aibom.scanners.python_source",  # ast
    "trees": "aibom.scanners.yaml_tree",  # PyYAML
    "rds": "aibom.scanners.rdata_facts",  # none; few targets have one
    "xml": "aibom.scanners.xml_prolog",  # expat
    "documents": "aibom.scanners.document_code",  # none; few documents name code
    "keras": "aibom.scanners.keras_config",  # none; few targets have one
    "hdf5": "aibom.scanners.hdf5",  # none; likewise
    "tensorflow": "aibom.scanners.formats.tensorflow_graph",  # none; a table of operators
    "tensorflow-text": "aibom.scanners.formats.tensorflow_text",  # none; likewise
    "tflite": "aibom.scanners.formats.tflite_model",  # none; likewise
    "licences": "aibom.scanners.licences.texts",  # none; a table that takes 0.1 s to read
}


class NeedsKit(BaseException):
    """A handler cannot go on before a kit, named by the host, has been imported.

    Not an `Exception`: no parser's own ``except`` must swallow it.
    """

    def __init__(self, name: str) -> None:
        """Name a kit of the host's table."""
        super().__init__(name)
        self.name = name


def need(name: str) -> ModuleType:
    """Return the module of a kit.

    Raises:
        NeedsKit: It has not been imported here.
    """
    module = sys.modules.get(KITS[name])
    if module is None:
        raise NeedsKit(name)
    return module


def load_all() -> None:
    """Import every kit, for programs that parse without a locked process."""
    for module in KITS.values():
        importlib.import_module(module)
