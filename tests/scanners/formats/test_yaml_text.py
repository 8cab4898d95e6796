"""YAML, and the Python that it names by tags, keys and texts that are evaluated."""

from __future__ import annotations

import base64
import marshal

import pytest

from aibom.scanners import document_code, kits
from aibom.scanners.artifact import Target
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Configured, Named, Reason, Unread
from aibom.scanners.format import Match
from aibom.scanners.formats import yaml_text
from aibom.scanners.formats.json_text import FORMAT as JSON
from aibom.scanners.formats.yaml_text import FORMAT, LONGEST
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.source import BytesSource, Malformed, Span
from tests.helpers.reading import damage, facts, read, recognised

kits.load_all()


def named(text: str, name: str = "config.yaml") -> list[tuple[str, str, str, str]]:
    """Return key, name, reader and way of each name in a document."""
    found = facts(FORMAT, text.encode(), Named, name)
    return [(fact.key, fact.name, fact.by, fact.way) for fact in found]


def rules(text: str, name: str = "config.yaml") -> set[str]:
    """Return the ids of the rules that have something to say of a document."""
    artifact = dissect(BytesSource(text.encode()), (name,), Budget(Limits()))
    return {finding.rule for finding in judge(Target((artifact,)))}


def test_tells_the_target_of_hydra_with_what_it_is_handed_and_where() -> None:
    text = "é: 1\nmodel:\n  _target_: os.system\n  command: ['sh', '-c', id]\n"
    (fact,) = facts(FORMAT, text.encode(), Named, "config.yaml")
    place = text.encode().index(b"os.system")
    assert fact == Named(
        at=Span(place, len("os.system")),
        key="model._target_",
        name="os.system",
        by="Hydra",
        way="calls",
        texts=("sh -c id", "sh", "-c", "id"),
        files=("os.py", "os/__init__.py", "os/system.py", "os/system/__init__.py"),
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a: !!python/object/apply:os.system ['id']", "os.system"),
        ("a: !!python/object/new:os.system ['id']", "os.system"),
        ("a: !!python/object:os.system {}", "os.system"),
        ("a: !!python/name:eval ''", "builtins.eval"),
        ("a: !<tag:yaml.org,2002:python/object/apply:os.system> ['id']", "os.system"),
        ("%TAG !x! tag:yaml.org,2002:python/\n---\na: !x!object/apply:os.system [id]", "os.system"),
        ("a: !!python/object/apply:os%2Esystem ['id']", "os.system"),
        ("? !!python/object/apply:os.system ['id']\n: 1", "os.system"),
        ("a: !!python/object/apply:os.system ['id']\na: 1", "os.system"),
        ("a: 1\n---\nb: !!python/object/apply:os.system ['id']", "os.system"),
        ("a: !apply:os.system [id]", "os.system"),
        ("a: !new:subprocess.Popen [[id]]", "subprocess.Popen"),
        ("a: !name:os.system", "os.system"),
        ('"\\x5ftarget_": os.system', "os.system"),
        ("_target_: ${run}\nrun: os.${x}\nx: system", "os.system"),
        ("_target_: ${oc.env:NOTHING,os.system}", "os.system"),
        ("_target_: ${.b}\nb: os.system", "os.system"),
        ("a: &a {_target_: os.system}\nb: {<<: *a}", "os.system"),
        ("a: [[[{_target_: os.system}]]]", "os.system"),
        ("a: {!!str _target_: os.system}", "os.system"),
        ("k: &k _target_\na: {*k : os.system}", "os.system"),
        ("p: [os.system]\na: {_target_: '${p[0]}'}", "os.system"),
        ("a: {n: os.system, b: {_target_: '${..n}'}}", "os.system"),
        ("a: !applyref:os.system\n  _args: [id]", "os.system"),
        ("download: bash get.sh", "os.system"),
        ("target: os.system\nparams: {command: id}", "os.system"),
        ("class_path: os.system\ninit_args: {command: id}", "os.system"),
        ("a: \"$__import__('os').system('id')\"", "os.system"),
        ("imports: ['$import os as o']\na: \"$o.system('id')\"", "os.system"),
        ("backbone: [[-1, 1, \"__import__('os').system('id')\", []]]", "os.system"),
        ("a: \"${eval:'__import__(\\\"os\\\").system(1)'}\"", "os.system"),
        ("download: |\n  import os\n  os.system('id')\n", "os.system"),
    ],
)  # fmt: skip
def test_a_document_that_has_its_reader_run_something_is_found(text: str, name: str) -> None:
    assert name in [each[1] for each in named(text)]
    assert "document-runs-code" in rules(text)


@pytest.mark.parametrize(
    "text",
    [
        "optim: {_target_: torch.optim.AdamW, lr: 0.001}",
        "trainer: {_target_: lightning.pytorch.Trainer, default_root_dir: '${paths.out}'}",
        "a: !!python/tuple [1, 2]\nb: !!python/complex 1j\nc: !!binary aGk=",
        "a: !!python/object:argparse.Namespace {lr: 1}",
        "opt: !name:torch.optim.Adam\n  lr: !ref <lr>\nlr: 0.1",
        "logger: {_target_: lightning.pytorch.loggers.WandbLogger, project: x}",
        "data: {_target_: torchvision.datasets.MNIST, root: data/, download: true}",
        "model: {target: ldm.models.diffusion.ddpm.LatentDiffusion, params: {timesteps: 1000}}",
        "path: {_target_: os.path.join, _args_: ['${oc.env:HOME}', out]}",
        "jobs: {build: {steps: [{run: 'python -c \"import os; os.system(1)\"'}]}}",
        "names: [eval, exec, os.system, subprocess.run]",
        "prompt: Explain os.system('id') and eval(x) to me.",
        "device: \"$torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')\"",
        "val: \"$sorted(glob.glob(os.path.join(@dir, '*.nii')))\"",
    ],
)
def test_an_honest_configuration_has_no_finding_that_matters(text: str) -> None:
    assert rules(text) <= {"document-names-capable-code"}


def test_a_finder_that_is_handed_what_runs_code_is_found() -> None:
    assert "document-reaches-out" in rules("_target_: hydra.utils.get_method\npath: os.system")
    assert "document-reaches-out" not in rules(
        "_target_: hydra.utils.get_class\npath: torch.nn.ReLU"
    )


def test_a_name_of_no_known_library_is_told_only_where_few_are_to_be_expected() -> None:
    assert rules("_target_: my_project.Net") == set()
    assert rules("a: !!python/object:my_project.Net {}") == {"document-names-unknown-code"}


def test_a_json_document_is_read_alike_and_is_no_second_format() -> None:
    text = b'{"a": {"\\u005ftarget_": "os.system", "command": "id"}}'
    (fact,) = facts(JSON, text, Named, "config.json")
    assert (fact.key, fact.name) == ("a._target_", "os.system")
    artifact = dissect(BytesSource(text), ("config.yaml",), Budget(Limits()))
    assert artifact.formats == ("json", "yaml")
    assert {type(fact) for fact in artifact.facts} == {Named}


def test_mlflow_imports_its_loader_from_the_folder_of_code() -> None:
    text = "flavors:\n  python_function:\n    loader_module: my.load\n    code: src\n"
    (fact,) = facts(FORMAT, text.encode(), Named, "MLmodel")
    assert (fact.name, fact.by, fact.way) == ("my.load", "MLflow", "imports")
    assert fact.files == (
        "src/my.py", "src/my/__init__.py", "src/my/load.py", "src/my/load/__init__.py", "src/*",
    )  # fmt: skip


def test_mlflow_runs_the_file_of_a_model_that_is_code() -> None:
    text = (
        "flavors: {p: {loader_module: mlflow.pyfunc.loaders.code_model, model_code_path: /x/m.py}}"
    )
    (_, fact) = facts(FORMAT, text.encode(), Named, "MLmodel")
    assert (fact.name, fact.files) == ("m.py", ("m.py",))
    assert rules(text, "MLmodel") == set()


def test_flavours_of_mlflow_are_its_own() -> None:
    text = "flavors: {python_function: {loader_module: mlflow.sklearn, model_path: model.pkl}}"
    assert rules(text, "MLmodel") == set()


def test_values_in_themselves_and_of_many_aliases_are_looked_at_once() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    text = "\n".join(lines) + "\nb: &b {c: *b, _target_: os.system}\n"
    assert [each[1] for each in named(text)] == ["os.system"]


def test_a_document_that_breaks_off_is_not_clean_if_it_could_name_code() -> None:
    called, broken = read(FORMAT, b"a: [!!python/object/apply:os.system []\n", "config.yaml")
    assert isinstance(called, Named)
    assert isinstance(broken, Unread)
    assert broken.reason is Reason.MALFORMED


def test_another_text_that_quotes_such_names_is_left_alone() -> None:
    for text in (b"if (!name) { f(!new X()) }", b"Summary: x: y\n!!python/name:eval\n"):
        artifact = dissect(BytesSource(text), ("notes.ts",), Budget(Limits()))
        assert (artifact.formats, artifact.is_complete) == ((), True)


def test_a_text_that_only_bears_the_name_is_left_alone() -> None:
    text = b"{{ if .Values.x }}\n$a: [\n{{ end }}"
    with pytest.raises(Malformed):
        read(FORMAT, text, "deploy.yaml")
    artifact = dissect(BytesSource(text), ("deploy.yaml",), Budget(Limits()))
    assert "yaml" not in artifact.formats
    assert artifact.is_complete


def test_depth_is_bounded() -> None:
    assert not read(FORMAT, b"a: " + b"[" * 300 + b"]" * 300, "a.yaml")
    (fact,) = read(FORMAT, b"_target_: " + b"[" * 5000 + b"]" * 5000, "a.yaml")
    assert isinstance(fact, Unread)


def test_length_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "LONGEST", 9)
    with pytest.raises(Exceeded):
        read(FORMAT, b"a: [1, 2, 3]", "a.yaml")


def test_texts_that_are_looked_at_as_python_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_code, "CODES", 2)
    with pytest.raises(Exceeded):
        read(FORMAT, b"a: [$f(1), $f(2), $f(3)]", "a.yaml")


def test_utf_16_is_read_as_pyyaml_reads_it() -> None:
    text = "a: !!python/object/apply:os.system [id]"
    for encoding in ("utf-16", "utf-8-sig"):
        (fact,) = facts(FORMAT, text.encode(encoding), Named, "config.yaml")
        assert fact.name == "os.system"


@pytest.mark.parametrize(
    ("data", "name", "match"),
    [
        (b"a: 1", "config.yaml", Match.POSSIBLE),
        (b"a: 1", "config.YML", Match.POSSIBLE),
        (b"a: 1", "MLmodel", Match.POSSIBLE),
        (b"a: 1", "notes.txt", Match.NO),
        (b"a: !!python/name:eval", "notes.txt", Match.POSSIBLE),
        (b"_target_: a.b", "settings", Match.POSSIBLE),
        (b"_target_: a.b", "README.md", Match.NO),
        (b"a: \0", "config.yaml", Match.NO),
        (b"version https://git-lfs.github.com/spec/v1\n", "config.yaml", Match.NO),
    ],
)
def test_is_told_by_its_name_or_by_how_it_names_python(
    data: bytes, name: str, match: Match
) -> None:
    assert recognised(FORMAT, data, name) is match


def test_what_is_longer_than_any_configuration_is_not_read() -> None:
    assert Limits().text >= LONGEST


def test_damage_is_malformed_and_nothing_else() -> None:
    text = (
        "%TAG !x! tag:yaml.org,2002:python/\n---\na: &a !x!name:os.system\nb: {<<: *a, ? [x] : y}"
    )
    damage(FORMAT, text.encode() + b"\nc: '$os.system(1)'\n_target_: ${a}\n", name="config.yaml")


def test_objects_of_keras_are_told_like_those_in_json() -> None:
    code = base64.b64encode(marshal.dumps(compile("f()", "a.py", "eval"))).decode()
    text = (
        "class_name: Sequential\nkeras_version: 2.4.3\nconfig: &c\n  again: *c\n  layers:\n"
        f"  - {{class_name: Lambda, config: {{function: !!python/tuple [{code!r}, null, null]}}}}\n"
        "  - {class_name: function, module: !!str os, config: system}\n"
    )
    found = facts(FORMAT, text.encode(), Configured, "model.yaml")
    assert [(each.kind, each.key, each.module, each.name) for each in found] == [
        ("class", "", "", "Sequential"),
        ("class", "config.layers[0]", "", "Lambda"),
        ("code", "config.layers[0].config.function[0]", "", ""),
        ("layer", "config.layers[1]", "os", "system"),
    ]
    assert text.encode()[found[3].at.start :].startswith(b"{class_name: function")
