"""Whatever is done to a signed model, verifying it says so."""

import dataclasses
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from aibom.attest import attest_target
from aibom.errors import TargetError, UnsignedError
from aibom.layout import BOM_NAME, BUNDLE_NAME, OMS_NAME, Outputs, is_covered
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from aibom.signatures import SignatureError, signer_from_uri
from aibom.verify import key_trust, sign_existing, verify_target
from tests.helpers.models import Keys, make_keys, sign_model, write_model


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Path:
    model = write_model(tmp_path_factory.mktemp("models") / "demo")
    sign_model(model, keys)
    return model


@pytest.fixture
def model(signed: Path, tmp_path: Path) -> Path:
    """A fresh copy of the signed model, to be harmed."""
    return shutil.copytree(signed, tmp_path / "demo", symlinks=True)


def test_an_untouched_model_verifies(model: Path, keys: Keys) -> None:
    found = verify_target(model, keys.trust)
    assert (found.model, found.files) == ("demo", 5)
    assert found.not_covered == (".gitattributes", OMS_NAME)
    assert found.signed_by == f"key {keys.trust.public.hint}"
    assert found.bom == json.loads((model / BOM_NAME).read_bytes())


def test_it_verifies_under_another_name_and_path(model: Path, keys: Keys, tmp_path: Path) -> None:
    moved = model.rename(tmp_path / "elsewhere")
    assert verify_target(moved, keys.trust).files == 5


def exchange(model: Path) -> None:
    one, other = model / "LICENSE", model / "config.json"
    one.rename(model / "x")
    other.rename(one)
    (model / "x").rename(other)


def replace_by_link(model: Path) -> None:
    path = model / "config.json"
    target = path.rename(model.parent / "config.json")
    path.symlink_to(target)


def replace_folder_by_link(model: Path) -> None:
    target = (model / "sub").rename(model.parent / "sub")
    (model / "sub").symlink_to(target)


def replace_by_pipe(model: Path) -> None:
    (model / "config.json").unlink()
    os.mkfifo(model / "config.json")


def replace_by_folder(model: Path) -> None:
    (model / "config.json").unlink()
    (model / "config.json").mkdir()


def replace_file_by_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def replace_file_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def add(name: str) -> Callable[[Path], None]:
    def act(model: Path) -> None:
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_bytes(b"new")

    return act


def edit_bom(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def act(model: Path) -> None:
        path = model / BOM_NAME
        path.write_bytes(change(path.read_bytes()))

    return act


Act = Callable[[Path], object]

FILES: dict[str, tuple[Act, str]] = {  # what is done to the files -> the code that says so
    "other content": (add("LICENSE"), "digest-mismatch"),
    "same size, other bytes": (
        lambda m: (m / ".hidden").write_bytes(b"2"),
        "digest-mismatch",
    ),
    "two exchanged": (exchange, "digest-mismatch"),
    "one added": (add("new.bin"), "extra-file"),
    "a hidden one added": (add(".new"), "extra-file"),
    "one added deep in a folder called .git": (add("sub/.git/config"), "extra-file"),
    "one added in a folder called like the BOM's": (add(f"sub/{BOM_NAME}"), "extra-file"),
    "one removed": (lambda m: (m / "LICENSE").unlink(), "missing-file"),
    "one renamed": (lambda m: (m / "LICENSE").rename(m / "LICENCE"), "missing-file"),
    "one renamed in case only": (lambda m: (m / "LICENSE").rename(m / "license"), "missing-file"),
    "one replaced by a link to the same bytes": (replace_by_link, "symlink"),
    "a folder replaced by a link": (replace_folder_by_link, "symlink"),
    "a dangling link added": (lambda m: (m / "x").symlink_to("nowhere"), "symlink"),
    "a pipe added": (lambda m: os.mkfifo(m / "x"), "not-regular"),
    "one replaced by a pipe": (replace_by_pipe, "not-regular"),
    "one replaced by a folder": (replace_by_folder, "missing-file"),
    "a name with a line end added": (add("x\n\x1b[2J"), "extra-file"),
    "a name that is no text added": (add(os.fsdecode(b"\xff")), "extra-file"),
    "the BOM edited": (edit_bom(lambda b: b.replace(b"config", b"cinfog")), "digest-mismatch"),
    "the BOM reformatted": (edit_bom(lambda b: b + b"\n"), "digest-mismatch"),
}


@pytest.mark.parametrize("name", FILES)
def test_refuses_a_model_with(name: str, model: Path, keys: Keys) -> None:
    act, code = FILES[name]
    act(model)
    with pytest.raises(SignatureError) as caught:
        verify_target(model, keys.trust)
    assert caught.value.code == code


def test_hard_links_are_files_like_others(model: Path, keys: Keys) -> None:
    outside = model.parent / "outside"
    os.link(model / "LICENSE", outside)
    (model / "LICENSE").unlink()
    os.link(outside, model / "LICENSE")
    assert verify_target(model, keys.trust).files == 5


def test_what_belongs_to_git_at_the_top_may_differ(model: Path, keys: Keys) -> None:
    add(".git/config")(model)
    add(".github/workflows/x.yml")(model)
    (model / ".gitattributes").unlink()
    assert verify_target(model, keys.trust).not_covered == (".git", ".github", OMS_NAME)


ABSENT: dict[str, tuple[Act, str]] = {
    "missing": (lambda path: path.unlink(), "no such file"),
    "a folder": (replace_file_by_folder, "is a folder"),
    "a pipe": (replace_file_by_pipe, "is a FIFO"),
}


@pytest.mark.parametrize("name", [BOM_NAME, BUNDLE_NAME])
@pytest.mark.parametrize(("act", "why"), ABSENT.values(), ids=ABSENT)
def test_a_bom_or_signature_that_is_not_there_is_said(
    model: Path, keys: Keys, name: str, act: Callable[[Path], None], why: str
) -> None:
    act(model / name)
    with pytest.raises(UnsignedError, match=why):
        verify_target(model, keys.trust)


def test_keys_may_be_given_by_their_paths(model: Path, keys: Keys) -> None:
    report = scan_target(model, sandbox=without_isolation())
    attest_target(model, report, str(keys.private))
    assert verify_target(model, keys.public).files == 5


def test_a_bundle_of_another_model_is_refused(model: Path, keys: Keys, tmp_path: Path) -> None:
    other = write_model(tmp_path / "other")
    (other / "LICENSE").write_bytes(b"MIT\n")
    sign_model(other, keys)
    shutil.copy(other / BUNDLE_NAME, model / BUNDLE_NAME)
    with pytest.raises(SignatureError) as caught:
        verify_target(model, keys.trust)
    assert caught.value.code == "digest-mismatch"


def test_another_key_is_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(SignatureError) as caught:
        verify_target(model, make_keys(tmp_path).trust)
    assert caught.value.code == "signature"


def test_a_huge_bom_is_refused_before_it_is_read(model: Path, keys: Keys) -> None:
    os.truncate(model / BOM_NAME, 1 << 40)
    with pytest.raises(SignatureError) as caught:
        verify_target(model, keys.trust)
    assert caught.value.code == "json-too-big"


@dataclasses.dataclass
class Meddling:
    """A progress that changes a file while it is read."""

    path: Path

    def advance(self, count: int) -> None:
        del count
        os.utime(self.path, ns=(5, 5))


def test_a_file_that_changes_meanwhile_is_refused(model: Path, keys: Keys) -> None:
    with pytest.raises(SignatureError) as caught:
        verify_target(model, keys.trust, progress=Meddling(model / "LICENSE"))
    assert caught.value.code == "changed-while-reading"


def test_a_sparse_file_in_place_of_one_that_was_signed_is_not_read_whole(
    model: Path, keys: Keys
) -> None:
    os.truncate(model / "LICENSE", 1 << 40)
    with pytest.raises(SignatureError) as caught:
        verify_target(model, keys.trust)
    assert caught.value.code == "digest-mismatch"


def test_a_key_inside_the_model_is_refused(model: Path, keys: Keys) -> None:
    inside = shutil.copy(keys.public, model / "key.pub")
    with pytest.raises(TargetError, match="the key lies in the model"):
        key_trust(str(inside), model)
    assert key_trust(str(inside), model, allow_inside=True) == keys.trust


def link_in_folder_of_git(model: Path) -> None:
    (model / ".github").mkdir()
    (model / ".github" / "x").symlink_to("y")


def link_model_signature(model: Path) -> None:
    (model / OMS_NAME).unlink()
    (model / OMS_NAME).symlink_to(".")


UNCOVERED: dict[str, tuple[Act, str]] = {
    "a pickle called like the OpenSSF signature": (
        lambda m: (m / OMS_NAME).write_bytes(b"\x80\x04N."),
        "extra-file",
    ),
    "an archive behind a brace, called like it": (
        lambda m: (m / OMS_NAME).write_bytes(b"{" + b"PK\x05\x06" + bytes(18)),
        "extra-file",
    ),
    "a list called like it": (lambda m: (m / OMS_NAME).write_bytes(b"[1]"), "extra-file"),
    "a link called like it": (link_model_signature, "symlink"),
    "a link called like a file of git": (
        lambda m: (m / ".gitignore").symlink_to("/etc/passwd"),
        "symlink",
    ),
    "a link in a folder of git": (
        link_in_folder_of_git,
        "symlink",
    ),
}


@pytest.mark.parametrize(("act", "code"), UNCOVERED.values(), ids=UNCOVERED)
def test_what_is_not_covered_may_be_no_disguise(
    model: Path, keys: Keys, act: Act, code: str
) -> None:
    act(model)
    with pytest.raises(SignatureError) as caught:
        verify_target(model, keys.trust)
    assert caught.value.code == code


class TestAnotherPlace:
    def test_outputs_elsewhere(self, tmp_path: Path, keys: Keys) -> None:
        model, out = write_model(tmp_path / "demo"), tmp_path / "out"
        out.mkdir()
        done = sign_model(model, keys, out)
        assert not (model / BOM_NAME).exists()
        assert verify_target(model, keys.trust, outputs=done.outputs).files == 5

    def test_a_file_named_like_a_bom_elsewhere_is_no_exception(
        self, model: Path, keys: Keys, tmp_path: Path
    ) -> None:
        bom = (model / BOM_NAME).rename(tmp_path / "LICENSE")
        outputs = Outputs(bom, tmp_path / "x.json")
        signer = signer_from_uri(str(keys.private))
        with pytest.raises(SignatureError):  # the two could be mistaken for one another
            sign_existing(model, signer, outputs=outputs)

    def test_left_over_outputs_in_the_folder_are_named(
        self, model: Path, keys: Keys, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        out.mkdir()
        done = sign_model(model, keys, out)
        found = verify_target(model, keys.trust, outputs=done.outputs)
        assert found.not_covered == (".gitattributes", BOM_NAME, BUNDLE_NAME, OMS_NAME)

    def test_a_single_file(self, tmp_path: Path, keys: Keys) -> None:
        path = write_model(tmp_path / "demo") / "model.safetensors"
        done = sign_model(path, keys)
        assert done.outputs == Outputs(
            path.with_name(f"model.safetensors.{BOM_NAME}"),
            path.with_name(f"model.safetensors.{BUNDLE_NAME}"),
        )
        assert verify_target(path, keys.trust).files == 1
        path.write_bytes(b"other")
        with pytest.raises(SignatureError) as caught:
            verify_target(path, keys.trust)
        assert caught.value.code == "digest-mismatch"

    def test_a_single_file_called_like_something_of_git(self, tmp_path: Path, keys: Keys) -> None:
        path = tmp_path / ".gitattributes"
        path.write_bytes(b"x")
        sign_model(path, keys)
        assert verify_target(path, keys.trust).files == 1


def test_a_bom_that_exists_can_be_signed(model: Path, keys: Keys) -> None:
    (model / BUNDLE_NAME).unlink()
    signer = signer_from_uri(str(keys.private))
    done = sign_existing(model, signer, outputs=Outputs.of(model))
    assert (done.replaced, done.unchanged) == ((), (model / OMS_NAME,))
    assert verify_target(model, keys.trust).files == 5


OTHER_FILES: dict[str, tuple[Act, str]] = {
    "added": (add("new.bin"), "bom-lacks-file"),
    "changed": (lambda m: (m / "LICENSE").write_bytes(b"x"), "bom-hash-differs"),
    "removed": (lambda m: (m / "LICENSE").unlink(), "bom-file-not-signed"),
    "a link": (lambda m: (m / "x").symlink_to("LICENSE"), "symlink"),
}


@pytest.mark.parametrize(("act", "code"), OTHER_FILES.values(), ids=OTHER_FILES)
def test_a_bom_of_other_files_is_not_signed(
    model: Path, keys: Keys, act: Callable[[Path], None], code: str
) -> None:
    act(model)
    with pytest.raises(SignatureError) as caught:
        sign_existing(model, signer_from_uri(str(keys.private)), outputs=Outputs.of(model))
    assert caught.value.code == code


UNSIGNABLE: dict[str, tuple[Act, str]] = {
    "a link": (lambda m: (m / "x").symlink_to("LICENSE"), "symlink"),
    "a pipe": (lambda m: os.mkfifo(m / "x"), "not-regular"),
    "a sparse terabyte": (lambda m: os.truncate(m / "LICENSE", 1 << 40), "unreadable-file"),
    "a name that is no text": (add(os.fsdecode(b"\xff")), "bad-name"),
}


@pytest.mark.parametrize(("act", "code"), UNSIGNABLE.values(), ids=UNSIGNABLE)
def test_what_cannot_be_signed_is_refused_and_nothing_written(
    tmp_path: Path, keys: Keys, act: Callable[[Path], None], code: str
) -> None:
    model = write_model(tmp_path / "demo")
    act(model)
    with pytest.raises(SignatureError) as caught:
        sign_model(model, keys)
    assert caught.value.code == code
    assert not (model / BOM_NAME).exists()


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("a", True),
        (".git", False),
        (".github/x", False),
        (".gitignore", False),
        ("sub/.gitignore", True),
        (".gitx", True),
        (BOM_NAME, False),
        (f"sub/{BOM_NAME}", True),
        ("model.sig", False),
    ],
)
def test_only_names_at_the_top_are_left_out(name: str, covered: bool) -> None:
    assert is_covered(name) is covered
