"""Say which operators of TensorFlow the table lacks: `python -m tools.tensorflow_operators NAMES`.

NAMES is a file with one name a line, as an installed TensorFlow tells them: all of
`op_def_pb2.OpList.FromString(pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList())).op`.
Each name that is printed is to be looked up, and written into the table where it belongs. Exits 1
if there are any.
"""

from __future__ import annotations

import sys
from pathlib import Path

from aibom.scanners.graph_operators import is_known


def main(arguments: list[str]) -> int:
    """Print what the table lacks."""
    names = Path(arguments[0]).read_text(encoding="utf-8").split()
    lacking = sorted({name for name in names if not is_known(name)})
    print(*lacking, sep="\n", end="\n" if lacking else "")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
