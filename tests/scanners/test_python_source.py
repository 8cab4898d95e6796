"""Python source is told apart by when its calls run, with names followed to what they mean."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aibom.scanners.python_source import MOST, PARSED, Account, read


def called(text: str) -> dict[str, str]:
    """Return name -> when, for every call of `text`."""
    account = read(text.encode())
    assert account.is_parsed
    groups = {
        "import": account.at_import,
        "init": account.at_init,
        "later": account.elsewhere,
    }
    return {name: when for when, calls in groups.items() for name in calls}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import os\nos.system('x')", "os.system"),
        ("import os as o\no.system('x')", "os.system"),
        ("from os import system as s\ns('x')", "os.system"),
        ("from os import *\nsystem('x')", "os.system"),
        ("import os\n(f := os.popen)('x')", "os.popen"),
        ("import os\nf: object = os.popen\nf('x')", "os.popen"),
        ("import a.b\na.b.c('x')", "a.b.c"),
        ("__import__('os').system('x')", "os.system"),
        ("import importlib\nimportlib.import_module('os').system('x')", "os.system"),
        ("import os\ngetattr(os, 'sys' + 'tem')('x')", "os.system"),
        ("import os\ngetattr(os, f\"sys{'tem'}\")('x')", "os.system"),
        ("import os\ngetattr(os, 'metsys'[::-1])('x')", "os.system"),
        ("import os\ngetattr(os, ''.join(['sys', 'tem']))('x')", "os.system"),
        ("import os\nvars(os)['system']('x')", "os.system"),
        ("import os\nos.__dict__['system']('x')", "os.system"),
        ("import sys\nsys.modules['os'].system('x')", "os.system"),
        ("__builtins__['eval']('x')", "eval"),
        ("__builtins__.eval('x')", "eval"),
        ("import builtins\nbuiltins.exec('x')", "exec"),
        ("import os, functools\nfunctools.partial(os.system, 'x')()", "os.system"),
        ("import os\n(os.system if 1 else print)('x')", "os.system"),
        ("import os\n(0 or os.system)('x')", "os.system"),
        ("eval('x')", "eval"),
        ("import pathlib\npathlib.Path('x').write_text('y')", "pathlib.Path.write_text"),
        ("import requests as r\ns = r.Session()\ns.post('x')", "requests.Session.post"),
        ("import os\n(lambda f: f('x'))(os.system)", "os.system"),
        ("import os\n(lambda f=os.system: f('x'))()", "os.system"),
        ("import os\ndef run(f): f('x')\nrun(os.system)", "os.system"),
        ("import os\ndef run(*, f): f('x')\nrun(f=os.system)", "os.system"),
        ("import os\ndef run(a, f=os.system): f(a)\nrun('x')", "os.system"),
        ("import os\ndef run(*, f=os.system): f('x')\nrun()", "os.system"),
        ("import os\nlist(map(os.system, ['x']))", "os.system"),
        ("import os, threading as t\nt.Thread(target=os.system, args=['x']).start()", "os.system"),
        ("list(map(exec, ['x']))", "exec"),
        ("torch.save(x, 'y')", "torch.save"),
        ("ops.aten.save(x, 'y')", "ops.aten.save"),
        ("rpc_async('x', 'y')", "rpc_async"),
    ],
)
def test_a_call_is_told_by_its_full_name(text: str, name: str) -> None:
    assert called(text)[name] == "import"


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("exec('x')", "import"),
        ("if a:\n  pass\nelse:\n  exec('x')", "import"),
        ("try:\n  pass\nexcept E:\n  exec('x')", "import"),
        ("class A:\n  exec('x')", "import"),
        ("class A(exec('x')):\n  pass", "import"),
        ("def f(a=exec('x')): pass", "import"),
        ("def f(*, a=exec('x')): pass", "import"),
        ("@exec('x')\ndef f(): pass", "import"),
        ("[exec('x') for a in b]", "import"),
        ("def f():\n  exec('x')\nf()", "import"),
        ("def f():\n  g()\ndef g():\n  exec('x')\nf()", "import"),
        ("def f():\n  exec('x')\nimport a\na.register(f)", "import"),
        ("def f():\n  exec('x')\nimport a\na.run(target=f)", "import"),
        ("def d(f):\n  exec('x')\n@d\ndef g(): pass", "import"),
        ("@exec\ndef g(): pass", "import"),
        ("@exec\nclass G: pass", "import"),
        ("def d(f):\n  exec('x')\n@d\nclass G: pass", "import"),
        ("f = lambda: exec('x')\nf()", "import"),
        ("import a\na.run(lambda: exec('x'))", "import"),
        ("class A:\n  def __init__(self): exec('x')\nA()", "import"),
        ("class A:\n  def f(self): exec('x')\nA().f()", "import"),
        ("class A:\n  def __init__(self): exec('x')", "init"),
        ("class A:\n  def __init__(self): self.f()\n  def f(self): exec('x')", "init"),
        ("class A:\n  def __init__(self): f()\ndef f(): exec('x')", "init"),
        ("class A:\n  def forward(self): exec('x')", "later"),
        ("class A:\n  def __call__(self): exec('x')", "later"),
        ("def f(): exec('x')", "later"),
        ("f = lambda: exec('x')", "later"),
        ("async def f(): exec('x')", "later"),
        ("if __name__ == '__main__':\n  exec('x')", "later"),
    ],
)
def test_a_call_is_told_by_when_it_runs(text: str, when: str) -> None:
    assert called(text)["exec"] == when


def test_the_earliest_run_of_a_function_counts() -> None:
    text = "def f(): exec('x')\nclass A:\n  def __init__(self): f()\nf()"
    assert called(text) == {"exec": "import"}


def test_files_that_are_opened_to_be_written_are_told_apart() -> None:
    text = "open('a')\nopen('b', 'w')\nopen(c, mode='a', encoding='x')\nopen('d')"
    assert [shown for _, shown in read(text.encode()).at_import.values()] == [
        "open('a')",
        "open('b', 'w')",
        "open(…, mode='a', …)",
    ]


def test_calls_of_own_objects_are_not_told() -> None:
    assert called("a = b()\na.run()\nclass C:\n  def f(self): self.g()") == {}


def test_an_account_shows_lines_and_arguments() -> None:
    text = "import os\nfrom . import x\nfrom .y import z\n\nos.system('id', 1)\n"
    text += "os.popen(cmd, 'r', 0, 2)"
    assert read(text.encode()) == Account(
        imports={"os": 1, ".x": 2, ".y.z": 3},
        at_import={
            "os.system": (5, "os.system('id', …)"),
            "os.popen": (6, "os.popen(…, 'r', …, …)"),
        },
    )


@pytest.mark.parametrize(
    "text",
    [
        b"print 'Python 2'\nimport os\nos.system('x')",
        b"import os\nos.system('x')\n\xff\xfe",
        b"import os\nos.system('x')\n" + b"(" * 5000,
        b"import os\nos.system('x')\n" + b"-" * 100_000 + b"1",
        b"import os\nos.system('x')\nx = [" + b"0," * MOST + b"]",
        b"import os\nos.system('x')\n" + b"#" * PARSED,
    ],
    ids=["Python 2", "no UTF-8", "parentheses", "signs", "too much", "too long"],
)
def test_what_cannot_be_parsed_is_read_as_words(text: bytes) -> None:
    account = read(text)
    assert not account.is_parsed
    assert account.imports == {"os": account.imports["os"]}
    assert account.at_import["os.system"][1] == "os.system(…)"


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_have_an_account(data: bytes) -> None:
    assert isinstance(read(data), Account)


PIECES = ("import os\n", "def f():\n", "  x()", "(", ")", "[", "'", "@", "class A:\n", "\n", "f")


@given(st.lists(st.sampled_from(PIECES)))
def test_pieces_of_source_have_an_account(pieces: list[str]) -> None:
    assert isinstance(read("".join(pieces).encode()), Account)


def test_reading_leaves_nothing_imported_and_nothing_run() -> None:
    before = set(sys.modules)
    read(b"import antigravity, turtledemo\nraise SystemExit")
    assert set(sys.modules) == before
