"""Which Python beside a model counts as code that loading runs."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

import aibom

if TYPE_CHECKING:
    from pathlib import Path

ACTS = "import os\nos.system('x')\n"
CONFIG = '{"auto_map": {"AutoModel": "modeling_x.M"}}'


def judged(folder: Path, files: dict[str, str | bytes]) -> list[tuple[str, str]]:
    """Return (severity, path) of each finding about source code."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    report = aibom.scan_target(folder)
    return [
        (finding.severity.name, "/".join(finding.path))
        for finding in report.findings
        if finding.rule.startswith(("source-", "torchscript-"))
    ]


def archive(**files: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as writer:
        for name, text in files.items():
            writer.writestr(name.replace("__", "/") + ".py", text)
    return made.getvalue()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"config.json": CONFIG, "modeling_x.py": ACTS}, [("HIGH", "modeling_x.py")]),
        ({"a/config.json": CONFIG, "a/modeling_x.py": ACTS}, [("HIGH", "a/modeling_x.py")]),
        ({"config.json": CONFIG, "train.py": ACTS}, [("LOW", "train.py")]),
        (
            {"config.json": CONFIG, "modeling_x.py": "from .helper import f", "helper.py": ACTS},
            [("HIGH", "helper.py")],
        ),
        (
            {"config.json": CONFIG, "modeling_x.py": "import lib.b", "lib/__init__.py": ACTS},
            [("HIGH", "lib/__init__.py")],
        ),
        ({"handler.py": ACTS}, [("HIGH", "handler.py")]),
        ({"hubconf.py": ACTS}, [("HIGH", "hubconf.py")]),
        ({"m/1/model.py": ACTS}, [("HIGH", "m/1/model.py")]),
        ({"model.py": ACTS}, [("LOW", "model.py")]),
        ({"m.mar": archive(handler=ACTS)}, [("HIGH", "m.mar/handler.py")]),
        ({"m.zip": archive(setup=ACTS)}, [("LOW", "m.zip/setup.py")]),
        ({"handler.py": "def f():\n  import os\n  os.system('x')"}, [("LOW", "handler.py")]),
        ({"handler.py": "print 'x'\nexec 'y'"}, []),
        ({"handler.py": "print 'x'\nos.system('x')"}, [("HIGH", "handler.py")]),
        ({"handler.py": "import torch\ntorch.load('x')"}, []),
    ],
    ids=[
        *("named by auto_map", "in a folder", "a script", "imported by it", "a package"),
        *("Inference Endpoints", "torch.hub", "Triton", "any model.py", "TorchServe"),
        *("a plain zip", "called later", "words alone", "Python 2", "harmless"),
    ],
)
def test_code_counts_by_who_runs_it(
    tmp_path: Path, files: dict[str, str | bytes], expected: list[tuple[str, str]]
) -> None:
    assert judged(tmp_path, files) == expected


RUN = "class Net: pass\ndef run():\n  import os\n  os.system('true')"
CALLS, REBUILDS = b"\x80\x02cmy.mod\nrun\n)R.", b"\x80\x02cmy.mod\nNet\n)\x81."
OWN = "m.pt/p/my/mod.py"
ITEMS = b"\x80\x02cmy.mod\nNet\n)\x81K\1a."


def package(program: bytes, source: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as writer:
        writer.writestr("p/.data/extern_modules", "os\n")
        writer.writestr("p/my/mod.py", source)
        writer.writestr("p/other/mod.py", source)
        writer.writestr("p/model/model.pkl", program)
    return made.getvalue()


@pytest.mark.parametrize(
    ("program", "paths"),
    [(CALLS, [OWN]), (CALLS.replace(b"my", b"<torch_package_0>.my"), [OWN]), (ITEMS, [OWN]),
     (REBUILDS, [])],
    ids=["called", "by its mangled name", "given an item", "only rebuilt"],
)  # fmt: skip
def test_code_of_a_package_counts_by_what_its_pickle_calls(
    tmp_path: Path, program: bytes, paths: list[str]
) -> None:
    found = judged(tmp_path, {"m.pt": package(program, RUN)})
    assert [path for each, path in found if each == "HIGH"] == paths


def test_torchscript_that_writes_a_file_counts(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as writer:
        writer.writestr("m/data.pkl", b"\x80\x02}.")
        writer.writestr("m/code/__torch__.py", "def __setstate__(self):\n  torch.save(x, '/y')")
    expected = [("HIGH", "m.pt/m/code/__torch__.py")]
    assert judged(tmp_path, {"m.pt": made.getvalue()}) == expected
