"""What signing writes: all of it or nothing, and never over another's signature by accident."""

import errno
import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest

from aibom.attest import Release, attest_target
from aibom.errors import OutputError, TargetError
from aibom.layout import BOM_NAME, BUNDLE_NAME, OMS_NAME, Outputs
from aibom.output import write_together
from aibom.publish import Wishes
from aibom.report import Report, from_json, to_json
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from aibom.signatures import SignatureError, signer_from_uri
from aibom.verify import Verification, sign_existing, verify_model_signature, verify_target
from tests.helpers.models import Keys, make_keys, sign_model

DIGEST = "d" * 64


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def attest(model: Path, keys: Keys, wishes: Wishes, into: Path | None = None) -> None:
    report = scan_target(model, sandbox=without_isolation())
    attest_target(model, report, signer_from_uri(str(keys.private)), folder=into, wishes=wishes)


def test_signing_again_changes_no_byte(model: Path, keys: Keys) -> None:
    sign_model(model, keys)
    before = content(model)
    again = sign_model(model, keys).published
    assert content(model) == before
    assert (again.replaced, again.unchanged) == ((), (model / BUNDLE_NAME, model / OMS_NAME))


def test_a_changed_model_is_signed_anew(model: Path, keys: Keys) -> None:
    sign_model(model, keys)
    (model / "LICENSE").write_bytes(b"MIT\n")
    again = sign_model(model, keys).published
    assert (again.replaced, again.unchanged) == ((model / BUNDLE_NAME, model / OMS_NAME), ())
    assert verify_target(model, keys.trust).files == 5


@pytest.mark.parametrize("name", [BUNDLE_NAME, OMS_NAME])
@pytest.mark.parametrize("there", [b"{}", None], ids=["unreadable", "of another key"])
def test_what_another_signed_stays_unless_forced(
    model: Path, keys: Keys, tmp_path: Path, name: str, there: bytes | None
) -> None:
    if there is None:
        (tmp_path / "other").mkdir()
        sign_model(model, make_keys(tmp_path / "other"))
        (model / ({BUNDLE_NAME, OMS_NAME} - {name}).pop()).unlink()
    else:
        (model / name).write_bytes(there)
    before = content(model)
    with pytest.raises(OutputError, match="this signer did not make"):
        sign_model(model, keys)
    assert content(model) == before
    attest(model, keys, Wishes(force=True))
    assert verify_target(model, keys.trust).files == 5
    assert verify_model_signature(model, keys.trust).files == 6  # the BOM too


def test_a_signer_without_a_lasting_key_knows_nothing_again(model: Path, keys: Keys) -> None:
    class Passing:
        warnings = ()
        sign = staticmethod(signer_from_uri(str(keys.private)).sign)

    sign_model(model, keys)
    with pytest.raises(OutputError, match="knows none of its own again"):
        sign_existing(model, Passing(), outputs=Outputs.of(model))


def test_the_openssf_signature_can_be_left_out(model: Path, keys: Keys) -> None:
    attest(model, keys, Wishes(model_signature=False))
    assert not (model / OMS_NAME).exists()


def test_a_single_file_has_no_openssf_signature(model: Path, keys: Keys) -> None:
    done = sign_model(model / "model.safetensors", keys)
    assert done.outputs.model_signature is None
    sign_model(model, keys)
    with pytest.raises(TargetError, match="a model signature is of a folder"):
        verify_model_signature(model / "LICENSE", keys.trust, signature=model / OMS_NAME)


def test_outputs_elsewhere_are_verified_there(model: Path, keys: Keys, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    attest(model, keys, Wishes(), into=out)
    assert sorted(content(out)) == [BOM_NAME, BUNDLE_NAME, OMS_NAME]
    assert verify_target(model, keys.trust, outputs=Outputs.of(model, out)).files == 5
    assert verify_model_signature(model, keys.trust, signature=out / OMS_NAME).files == 5


def test_outputs_in_a_folder_of_the_model_are_refused(model: Path, keys: Keys) -> None:
    with pytest.raises(TargetError, match="lies inside the model"):
        attest(model, keys, Wishes(), into=model / "sub")


def verified(model: Path, keys: Keys) -> Verification:
    return verify_target(model, keys.trust)


def test_further_subjects_are_signed_with_it(model: Path, keys: Keys) -> None:
    attest(model, keys, Wishes(further={"ghcr.io/acme/model": DIGEST}))
    assert verified(model, keys).further == {"ghcr.io/acme/model": DIGEST}


def test_what_the_publisher_says_stands_in_the_bom(model: Path, keys: Keys) -> None:
    report = scan_target(model, sandbox=without_isolation())
    release = Release("1.2.0", "c" * 40)
    attest_target(model, report, str(keys.private), release=release)
    subject = verified(model, keys).bom["metadata"]["component"]
    assert list(subject)[:4] == ["type", "bom-ref", "name", "version"]
    assert (subject["version"], subject["pedigree"]) == ("1.2.0", {"commits": [{"uid": "c" * 40}]})


def test_a_failing_signer_leaves_nothing_behind(model: Path) -> None:
    class Failing:
        warnings = ()

        def sign(self, pae: bytes) -> None:
            if b"model_signing" in pae:  # the second of the two
                raise SignatureError("key-password", "it left")
            return signer_from_uri(str(make_keys(model.parent).private)).sign(pae)  # type: ignore[return-value]

    report = scan_target(model, sandbox=without_isolation())
    with pytest.raises(SignatureError):
        attest_target(model, report, Failing())  # type: ignore[arg-type]
    assert BOM_NAME not in content(model)
    assert BUNDLE_NAME not in content(model)


class TestWrittenTogether:
    def test_all_take_their_places(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"old")
        write_together({tmp_path / "a": b"1", tmp_path / "b": b"2"})
        assert content(tmp_path) == {"a": b"1", "b": b"2"}

    def test_none_is_written_if_one_cannot_be(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"old")
        with pytest.raises(OutputError, match="no such file"):
            write_together({tmp_path / "a": b"1", tmp_path / "no" / "b": b"2"})
        assert content(tmp_path) == {"a": b"old"}

    def test_what_was_there_comes_back_if_one_cannot_take_its_place(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "a").write_bytes(b"old")
        link = os.link

        def fail(source: Path, target: Path) -> None:
            if target.name == "c":
                raise OSError(errno.EACCES, os.strerror(errno.EACCES))
            link(source, target)

        monkeypatch.setattr(os, "link", fail)
        with pytest.raises(OutputError, match=r"c' cannot be written: permission denied"):
            write_together({tmp_path / name: b"new" for name in "abc"})
        assert content(tmp_path) == {"a": b"old"}

    @pytest.mark.parametrize("call", ["rename", "link", "unlink"])
    @pytest.mark.parametrize("at", [1, 2, 3], ids=["first", "second", "third"])
    @pytest.mark.parametrize("late", [False, True], ids=["before it", "after it"])
    def test_an_interrupt_at_any_step_leaves_all_or_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, at: int, *, late: bool
    ) -> None:
        before = dict.fromkeys("abc", b"old")
        for name, data in before.items():
            (tmp_path / name).write_bytes(data)
        real, count = getattr(os, call), iter(range(1, 100))

        def interrupt(*arguments: object, **named: object) -> None:
            hit = next(count) == at
            if hit and not late:
                raise KeyboardInterrupt
            real(*arguments, **named)
            if hit:
                raise KeyboardInterrupt

        monkeypatch.setattr(os, call, interrupt)
        with pytest.raises(KeyboardInterrupt):
            write_together({tmp_path / name: b"new" for name in "abc"})
        assert content(tmp_path) == before

    @pytest.mark.parametrize("there", [None, b"mine"], ids=["nothing", "mine"])
    @pytest.mark.parametrize("since", [b"theirs", None], ids=["written", "removed"])
    def test_what_came_to_be_in_the_meantime_stays(
        self, tmp_path: Path, there: bytes | None, since: bytes | None
    ) -> None:
        if since:
            (tmp_path / "b").write_bytes(since)
        if there == since:
            pytest.skip("nothing happened")
        with pytest.raises(OutputError, match="somebody else wrote it in the meantime"):
            write_together(
                dict.fromkeys([tmp_path / "a", tmp_path / "b"], b"new"), {tmp_path / "b": there}
            )
        assert content(tmp_path) == ({"b": since} if since else {})

    @pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
    def test_what_comes_to_be_at_the_last_moment_stays(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
    ) -> None:
        (tmp_path / "a").write_bytes(b"old")
        link = os.link

        def late(source: Path, target: Path) -> None:
            target.write_bytes(b"theirs")
            if not links:
                raise OSError(errno.EPERM, os.strerror(errno.EPERM))
            link(source, target)

        monkeypatch.setattr(os, "link", late)
        with pytest.raises(OutputError, match="file exists"):
            write_together({tmp_path / "a": b"new"}, {tmp_path / "a": b"old"})
        assert content(tmp_path) == {"a": b"theirs"}

    def test_a_place_that_became_a_pipe_keeps_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "a").write_bytes(b"old")
        rename = os.rename

        def swap(source: Path, target: Path) -> None:
            source.unlink()
            os.mkfifo(source)
            rename(source, target)

        monkeypatch.setattr(os, "rename", swap)
        with pytest.raises(OutputError, match="it became a fifo in the meantime"):
            write_together({tmp_path / "a": b"new"}, {tmp_path / "a": None})
        assert [path.name for path in tmp_path.iterdir()] == ["a"]
        assert (tmp_path / "a").is_fifo()

    def test_without_hard_links_a_failing_move_leaves_no_empty_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", refuse)
        write_together({tmp_path / "a": b"1"})
        monkeypatch.setattr(os, "replace", refuse)
        with pytest.raises(OutputError, match="not permitted"):
            write_together({tmp_path / "b": b"1"})
        assert content(tmp_path) == {"a": b"1"}

    def test_no_device_is_replaced(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "b")
        with pytest.raises(OutputError, match="it is a FIFO"):
            write_together({tmp_path / "a": b"1", tmp_path / "b": b"2"})
        assert content(tmp_path) == {}


def test_a_model_of_1023_files_is_signed_by_its_bom(tmp_path: Path, keys: Keys) -> None:
    model = tmp_path / "many"
    model.mkdir()
    for number in range(1023):
        (model / f"{number}.txt").write_bytes(b"%d" % number)
    sign_model(model, keys)
    bundle = json.loads((model / BUNDLE_NAME).read_bytes())
    assert len(bundle["dsseEnvelope"]["payload"]) < (1 << 20)
    assert verify_target(model, keys.trust).files == 1023
    assert verify_model_signature(model, keys.trust).files == 1024
    (model / "7.txt").write_bytes(b"8")
    for verify in (verify_target, verify_model_signature):
        with pytest.raises(SignatureError) as caught:
            verify(model, keys.trust)
        assert caught.value.code == "digest-mismatch"


def test_a_signature_that_another_makes_in_the_meantime_stays(
    model: Path, keys: Keys, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = make_keys(tmp_path / "other")

    class Slow:
        warnings = ()

        def sign(self, pae: bytes) -> Any:  # noqa: ANN401 - a signature
            if not (model / BUNDLE_NAME).exists():
                sign_model(model, other)
            return signer_from_uri(str(keys.private)).sign(pae)

    report = scan_target(model, sandbox=without_isolation())
    with pytest.raises(OutputError, match="somebody else wrote it in the meantime"):
        attest_target(model, report, Slow())
    assert verify_target(model, other.trust).files == 5
    assert not [name for name in content(model) if name.startswith(".aibom-")]


def test_an_own_signature_that_somebody_edited_is_made_anew(model: Path, keys: Keys) -> None:
    sign_model(model, keys)
    document = json.loads((model / BUNDLE_NAME).read_bytes())
    document["verificationMaterial"]["tlogEntries"] = [{}]  # refused by those who verify
    (model / BUNDLE_NAME).write_text(json.dumps(document))
    again = sign_model(model, keys).published
    assert (again.replaced, again.unchanged) == ((model / BUNDLE_NAME,), (model / OMS_NAME,))
    assert verify_target(model, keys.trust).files == 5


@pytest.mark.parametrize("there", [b"", b"{}", b'{"metadata": {"tools": []}}', b"[" * 5000])
def test_a_bom_of_another_program_stays_unless_forced(
    model: Path, keys: Keys, there: bytes
) -> None:
    (model / BOM_NAME).write_bytes(there)
    with pytest.raises(OutputError, match="a BOM is there that aibom did not write"):
        sign_model(model, keys)
    assert (model / BOM_NAME).read_bytes() == there
    attest(model, keys, Wishes(force=True))
    assert verify_target(model, keys.trust).files == 5


def test_an_own_bom_that_nobody_signed_is_replaced_with_a_word(model: Path, keys: Keys) -> None:
    sign_model(model, keys)
    for name in (BUNDLE_NAME, OMS_NAME):
        (model / name).unlink()
    (model / "LICENSE").write_bytes(b"MIT\n")
    assert sign_model(model, keys).published.replaced == (model / BOM_NAME,)


class TestAReportOfSomethingElse:
    def refuse(self, target: Path, report: Report, keys: Keys) -> str:
        before = content(target) if target.is_dir() else {}
        with pytest.raises((TargetError, SignatureError)) as caught:
            attest_target(target, report, str(keys.private))
        assert (content(target) if target.is_dir() else {}) == before
        return getattr(caught.value, "code", "") or str(caught.value)

    def test_of_another_folder_or_kind(self, model: Path, keys: Keys, tmp_path: Path) -> None:
        report = scan_target(model, sandbox=without_isolation())
        copy = shutil.copytree(model, tmp_path / "copy")
        single = scan_target(model / "config.json", sandbox=without_isolation())
        assert "is of something else than" in self.refuse(copy, report, keys)
        assert "is of something else than" in self.refuse(model, single, keys)
        assert "is of something else than" in self.refuse(model / "config.json", report, keys)
        assert "no such file or folder" in self.refuse(tmp_path / "missing", report, keys)

    def test_read_from_json(self, model: Path, keys: Keys) -> None:
        report = from_json(to_json(scan_target(model, sandbox=without_isolation())))
        assert "does not say which files it is of" in self.refuse(model, report, keys)

    @pytest.mark.parametrize("change", ["written", "added", "removed", "replaced"])
    def test_of_files_that_changed_since(self, model: Path, keys: Keys, change: str) -> None:
        report = scan_target(model, sandbox=without_isolation())
        file = model / "config.json"
        if change == "written":
            file.write_bytes(file.read_bytes().replace(b"x", b"y"))
        elif change == "added":
            (model / "sub" / "new.py").write_bytes(b"")
        elif change == "removed":
            file.unlink()
        else:
            file.rename(model / ".git")
            file.symlink_to(".git")
        assert self.refuse(model, report, keys) == "changed-while-reading"

    def test_is_known_after_a_copy_in_another_process(self, model: Path, keys: Keys) -> None:
        report = scan_target(model, sandbox=without_isolation())
        again = pickle.loads(pickle.dumps(report))  # noqa: S301 - made here
        assert again == report
        attest_target(model, again, str(keys.private))
        assert verify_target(model, keys.trust).files == 5
