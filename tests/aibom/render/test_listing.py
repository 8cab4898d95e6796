"""The listing of a file: every fact, escaped, long lists cut."""

from __future__ import annotations

import pytest
from click import unstyle

from aibom.render.listing import render
from aibom.scanners import facts as f
from aibom.scanners.artifact import Artifact
from aibom.scanners.source import Span
from aibom.scanners.values import Global, Group, Made, Opaque
from tests.helpers.reports import report_of

NET = Global("models", "Net")
HOSTILE = "\x1b[2J\u202egnp\n"
CHECKPOINT = Artifact(
    ("m.pt",),
    4_000,
    formats=("zip", "torch-zip"),
    plain_parts=3,
    facts=(f.Metadata(key="version", value="3"),),
    parts=(
        Artifact(
            ("m.pt", "archive/data.pkl"),
            300,
            formats=("pickle",),
            facts=(
                f.Import(at=Span(2, 15), module="models", name="Net"),
                f.Call(
                    at=Span(20, 1), callee=NET, arguments=Group("tuple"), op="NEWOBJ", count=1_200
                ),
                f.StateSet(at=Span(30, 1), target=Made(NET), state=Group("dict", ("w", 1))),
                f.ItemsSet(at=Span(31, 1), target=Global("sys", "modules"), items=1, op="APPEND"),
                f.Call(
                    at=Span(40, 1),
                    callee=Global("posix", "system"),
                    arguments=Group("tuple", (f"id{HOSTILE}",)),
                    keywords=Opaque("more"),
                    names=("os.path",),
                ),
                f.Call(at=Span(41, 1), callee=NET, arguments=Made(NET), keywords=Group("dict")),
                f.ExtensionUse(at=Span(45, 2), code=7),
                f.Tensor(at=Span(50, 8), name="w", dtype="F32", shape=(2, 1), storage="0"),
                f.Tensor(name="", dtype="", shape=()),
                f.Unread(at=Span(60, 0), reason=f.Reason.MALFORMED, detail=f"ends{HOSTILE}"),
            ),
        ),
    ),
)
OTHERS = Artifact(
    ("others",),
    10,
    formats=("gguf",),
    facts=(
        f.Licence(key="license", value="mit"),
        f.Reference(kind=f.Refers.REMOTE_CODE, key="auto_map.AutoModel", target="x.Y"),
        f.Named(key="m._target_", name=f"os{HOSTILE}", by="Hydra", way="calls"),
        f.Operation(
            graph="saved-model",
            operator="ReadFile",
            given=(f"/x{HOSTILE}",),
            assets=("v.txt",),
            is_fed=True,
            is_computed=True,
            function="f",
            count=2,
        ),
        f.Configured(
            loader="keras", kind="function", key="a[0]", module="os", name=f"x{HOSTILE}", count=2
        ),
        f.Configured(loader="keras", kind="code", key="b"),
        f.TemplateUse(template="chat_template", kind="attribute", name="__class__"),
        f.TemplateUse(template="chat_template", kind="computed", name=""),
        f.Operator(domain="", name="Add", count=2),
        f.Operator(domain="com.example", name="Run"),
        f.Port(direction=f.Direction.INPUT, name="x\x1b", dtype="FLOAT", shape=("n", "3", "")),
        f.Port(direction=f.Direction.OUTPUT, name="y", dtype="FLOAT", is_ranked=False),
        f.Dataset(key="datasets[0]", name="glue", role=f.Role.TRAINING, split="train"),
        f.Metric(key="model-index[0]", kind="acc", value="0.9", dataset="glue", config="sst2"),
        f.Metric(key="model-index[1]", kind="wer", value="7"),
        f.Passage(heading="Limits", above=("Card",), text="None\u202e"),
        f.Storages(folder="data/", keys=("0",), starts=(64,), lengths=(2000,)),
        f.Member(name="../x", kind=f.Kind.SYMLINK, target="/etc"),
        f.Member(name="dev", kind=f.Kind.OTHER),
        f.Expansion(name="big", compressed=5, produced=500),
        f.Unclaimed(at=Span(7, 3)),
        f.Overlap(at=Span(1, 2), first="a", second="b"),
        f.CompiledCode(
            at=Span(3, 0),
            name=f"f{HOSTILE}",
            file="a.py",
            carrier="pickle",
            pythons=("3.12", "3.13"),
            imports=("os", "sys"),
            names=("os.system",),
            calls=(f"os.system('{HOSTILE}')",),
            texts=(HOSTILE,),
        ),
        f.CompiledCode(name="", file="", carrier="pyc"),
        f.SourceCode(imports=(f"os{HOSTILE}",), at_import=("2: os.system('x')",)),
        f.SourceCode(is_parsed=False, elsewhere=("1: f()",)),
        f.SourceCode(),
        f.Impossible(at=Span(4, 0), detail="keys at byte 4: 1 << 63"),
        f.Conflict(kind="name", detail="promises zip"),
    ),
)


def screen(*artifacts: Artifact, **options: object) -> list[str]:
    return unstyle(render(report_of(*artifacts), **options)).splitlines()  # type: ignore[arg-type]


def test_the_whole_screen() -> None:
    assert screen(CHECKPOINT, prefix="here/") == [
        "here/m.pt  4 kB, zip, torch-zip",
        "  metadata (1)",
        "              version = '3'",
        "  3 parts of which nothing is to say",
        "",
        "here/m.pt › archive/data.pkl  300 bytes, pickle",
        "  not read (1)",
        r"          60  malformed: ends\x1b[2J\u202egnp\n",
        "  loading does (7)",
        "           2  GLOBAL imports models.Net",
        "          20  NEWOBJ calls models.Net(), 1,200 times",
        "          30  BUILD gives models.Net() the state {'w': 1}",
        "          31  APPEND puts 1 into sys.modules",
        (
            r"          40  REDUCE calls posix.system('id\x1b[2J\u202egnp\n') and the like"
            "; names in all: os.path"
        ),
        "          41  REDUCE calls models.Net(*models.Net()) with {}",
        "          45  takes extension 7 of the copyreg registry",
        "  tensors (2)",
        "          50  w  F32 [2, 1] in 0",
        "              (no name)  (no dtype) []",
    ]


def test_every_other_kind_of_fact() -> None:
    assert screen(OTHERS, Artifact(("plain",), 1)) == [
        "others  10 bytes, gguf",
        "  running the graph does (1)",
        (
            r"              ReadFile('/x\x1b[2J\u202egnp\n', asset 'v.txt', (fed), (computed)) in f"
            ", 2 times"
        ),
        "  compiled Python (2)",
        "           3  f\\x1b[2J\\u202egnp\\n  Python 3.12, 3.13, a.py",
        "              imports: os, sys",
        "              names: os.system",
        "              calls: os.system('\\x1b[2J\\u202egnp\\n')",
        "              texts: '\\x1b[2J\\u202egnp\\n'",
        "              (no name)  Python (no Python we know), (no file)",
        "  Python source (3)",
        r"              imports os\x1b[2J\u202egnp\n",
        "              when imported, line 2: os.system('x')",
        "              cannot be parsed here: read as words",
        "              in other functions, line 1: f()",
        "              imports and calls nothing",
        "  rendering the template looks up (2)",
        "              chat_template: attribute __class__",
        "              chat_template: computed (computed)",
        "  names Python (3)",
        r"              Hydra calls os\x1b[2J\u202egnp\n, by m._target_",
        r"              keras takes function os.x\x1b[2J\u202egnp\n, by a[0], 2 times",
        "              keras takes code (no name), by b",
        "  refers to (1)",
        "              remote-code: auto_map.AutoModel -> x.Y",
        "  odd (7)",
        "              symlink ../x -> /etc",
        "              other dev",
        "              big: 5 bytes expand to 500 or more",
        "           7  3 bytes that belong to nothing",
        "           1  a and b share 2 bytes",
        "           4  impossible: keys at byte 4: 1 << 63",
        "              name: promises zip",
        "  licences (1)",
        "              license = 'mit'",
        "  inputs and outputs (2)",
        r"              input x\x1b  FLOAT [n, 3, ?]",
        "              output y  FLOAT [...]",
        "  datasets and measurements (3)",
        "              training glue train",
        "              acc = 0.9 on glue sst2",
        "              wer = 7",
        "  said in words (1)",
        r"              Card > Limits: 'None\u202e'",
        "  operators (2)",
        "              Add, 2 times",
        "              com.example.Run",
        "  tensors (1)",
        "              1 storage of 2 kB",
        "",
        "plain  1 byte, not a format I know",
        "  nothing is to say of it",
    ]


def kinds(of: type[f.Fact]) -> list[type[f.Fact]]:
    return [each for child in of.__subclasses__() for each in (*kinds(child), child)]


def test_no_kind_of_fact_is_left_out() -> None:
    given = {type(fact) for each in (*CHECKPOINT.walk(), OTHERS) for fact in each.facts}
    assert {each.__name__ for each in kinds(f.Fact)} - {each.__name__ for each in given} == {
        "Effect"
    }


@pytest.mark.parametrize(("is_full", "shown"), [(False, 12), (True, 30)])
def test_long_lists_and_values_are_cut_unless_all_is_wanted(*, is_full: bool, shown: int) -> None:
    tensors = tuple(f.Tensor(name=f"t{n}", dtype="F32", shape=(1,)) for n in range(30))
    long = f.Metadata(key="k", value="x" * 1000)
    lines = screen(Artifact(("a",), 1, formats=("x",), facts=(*tensors, long)), is_full=is_full)
    assert sum("F32" in line for line in lines) == shown
    assert ("    … and 18 more; `--all` lists them" in lines) is not is_full
    assert any("x" * 1000 in line for line in lines) is is_full
