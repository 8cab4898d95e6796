"""Several signatures in one file: the newest counts that somebody trusted made over these files."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from aibom.bundles import MAX_BUNDLES, verify_bundle
from aibom.cli import run
from aibom.expect import Expectations
from aibom.layout import BOM_NAME, BUNDLE_NAME, Outputs
from aibom.signatures import SignatureError
from tests.helpers.models import make_keys, sign_model, write_model
from tests.signatures.examples import Document, dump, sha256
from tests.signatures.keyless_examples import client, on_github, trust, trust_root
from tests.signatures.test_attestation import FOREIGN, attestation

if TYPE_CHECKING:
    from pathlib import Path

    from aibom.verify import Verification
    from tests.local_sigstore import LocalSigstore

PROVENANCE: Document = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "LICENSE", "digest": {"sha256": "0" * 64}}],
    "predicateType": "https://slsa.dev/provenance/v1",
    "predicate": {},
}


class Downloaded:
    """A model, and a file of attestations as `gh` writes it."""

    def __init__(self, here: Path, sigstore: LocalSigstore) -> None:
        self.sigstore, self.file = sigstore, here / "sha256.jsonl"
        self.model = write_model(here / "demo")
        self.subjects = [
            (each.relative_to(self.model).as_posix(), sha256(each.read_bytes()))
            for each in sorted(self.model.rglob("*"))
            if each.is_file()
        ]

    def of_model(self, name: str = "demo") -> dict[str, Any]:
        bom = {**FOREIGN, "metadata": {"component": {"type": "file", "name": name}}}
        return attestation(*self.subjects, bom=bom)

    def of_others(self) -> dict[str, Any]:
        return attestation(("LICENSE", "0" * 64))

    def line(self, statement: object, *, age: float = 0, **changes: Any) -> bytes:  # noqa: ANN401 - of the client
        """Return a line, signed `age` minutes ago."""
        with self.sigstore.clock.moved(minutes=-age):
            return dump(client(self.sigstore, **changes).sign(dump(statement)))

    def verify(self, *lines: bytes, ending: bytes = b"\n", **more: Any) -> Verification:  # noqa: ANN401 - of the function
        self.file.write_bytes(ending.join(lines) + ending)
        return verify_bundle(
            self.model,
            trust(self.sigstore, on_github(repository="acme/model")),
            outputs=Outputs(self.model / BOM_NAME, self.file),
            takes_attestations=True,
            **more,
        )

    def refusal(self, *lines: bytes, **more: Any) -> tuple[str, str]:  # noqa: ANN401 - as above
        with pytest.raises(SignatureError) as caught:
            self.verify(*lines, **more)
        return caught.value.code, str(caught.value)


@pytest.fixture
def downloaded(tmp_path: Path, sigstore: LocalSigstore) -> Downloaded:
    return Downloaded(tmp_path, sigstore)


def used(found: Verification) -> str:
    return dict(found.details)["bundle"]


def eve() -> dict[str, Any]:
    return {
        "claims": {
            "iss": "https://token.actions.githubusercontent.com",
            "sub": "repo:eve",
            "repository": "eve/model",
            "job_workflow_ref": "eve/model/.github/workflows/release.yml@refs/tags/v1",
        }
    }


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\n\n  \n"], ids=["LF", "CRLF", "empty lines"])
def test_the_one_over_these_files_by_whom_is_trusted_is_used(
    downloaded: Downloaded, ending: bytes
) -> None:
    found = downloaded.verify(
        downloaded.line(PROVENANCE),
        downloaded.line(downloaded.of_others()),
        downloaded.line(downloaded.of_model(), age=5),
        downloaded.line(downloaded.of_model("eve"), **eve()),
        b"{}",
        ending=ending,
    )
    assert (found.model, found.files) == ("demo", 6)
    assert used(found) == (
        "3 of 5, the newest that holds; not used: 1 [predicate-type], 2 [extra-file], "
        "4 [workflow], 5 [bundle-media-type]"
    )


@pytest.mark.parametrize("newest", [1, 2], ids=["first", "last"])
def test_of_two_the_newer_is_used(downloaded: Downloaded, newest: int) -> None:
    ages = {1: (0, 30), 2: (30, 0)}[newest]
    lines = [
        downloaded.line(downloaded.of_model(f"line {number}"), age=age)
        for number, age in enumerate(ages, 1)
    ]
    found = downloaded.verify(*lines)
    assert found.model == f"line {newest}"
    assert used(found) == (
        f"{newest} of 2, the newest that holds; not used: {3 - newest} (older, or of the same time)"
    )


def test_what_is_expected_is_held_against_the_newest_alone(downloaded: Downloaded) -> None:
    lines = [
        downloaded.line(downloaded.of_model("old"), age=30),
        downloaded.line(downloaded.of_model("new")),
    ]
    for model, code in (("new", None), ("old", "policy-model")):
        expectations = (Expectations(model=model),)
        if code is None:
            assert downloaded.verify(*lines, expectations=expectations).model == "new"
        else:
            assert downloaded.refusal(*lines, expectations=expectations) == (
                code,
                "bundle 2: the model is 'new', expected 'old'",
            )


def test_an_older_one_over_these_files_is_used_if_the_newest_is_over_others(
    downloaded: Downloaded,
) -> None:
    lines = [
        downloaded.line(downloaded.of_others()),
        downloaded.line(downloaded.of_model(), age=30),
    ]
    assert used(downloaded.verify(*lines)).startswith("2 of 2")


REASONS: dict[str, tuple[list[str], str, str]] = {
    "somebody else": (["eve", "eve"], "workflow", "Bundle 1: "),
    "other files": (["provenance", "others", "eve"], "extra-file", "Bundle 2: "),
    "other kinds": (["eve", "provenance"], "predicate-type", "Bundle 2: "),
    "nothing": (["junk", "junk"], "bundle-media-type", "Bundle 1: "),
}


@pytest.mark.parametrize(("kinds", "code", "line"), REASONS.values(), ids=REASONS)
def test_if_none_holds_the_nearest_says_why(
    downloaded: Downloaded, kinds: list[str], code: str, line: str
) -> None:
    made = {
        "eve": downloaded.line(downloaded.of_model(), **eve()),
        "others": downloaded.line(downloaded.of_others()),
        "provenance": downloaded.line(PROVENANCE),
        "junk": b'{"a": 1}',
    }
    found, said = downloaded.refusal(*(made[kind] for kind in kinds))
    start = f"{downloaded.file}: none of {len(kinds)} bundles holds for this model. {line}"
    assert (found, said.startswith(start)) == (code, True)


def test_each_file_is_hashed_once_for_all_lines(
    downloaded: Downloaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, read = os.pread, list[int]()

    def counted(fd: int, size: int, at: int) -> bytes:
        read.append(size)
        return real(fd, size, at)

    monkeypatch.setattr(os, "pread", counted)
    lines = [downloaded.line(downloaded.of_others(), age=age) for age in (1, 2, 3)]
    downloaded.verify(*lines, downloaded.line(downloaded.of_model(), age=4))
    assert len(read) == 6


def test_a_link_is_refused_whatever_an_older_one_says(downloaded: Downloaded) -> None:
    (downloaded.model / "link").symlink_to("LICENSE")
    lines = [downloaded.line(downloaded.of_model(), age=age) for age in (1, 2)]
    code, said = downloaded.refusal(*lines)
    assert (code, said) == ("symlink", "bundle 1: 'link' is a symbolic link")


def test_too_many_lines_are_refused(downloaded: Downloaded) -> None:
    lines = [b"{}"] * MAX_BUNDLES
    assert downloaded.refusal(*lines)[0] == "bundle-media-type"
    code, said = downloaded.refusal(*lines, b"{}")
    assert (code, "sha256.jsonl: more than 128 lines of JSON" in said) == ("json-too-big", True)
    assert downloaded.refusal(b"{}", b"\n" * 10_000 + b"{}")[0] == "json-too-big"


@pytest.mark.parametrize(
    ("junk", "code"),
    [(b"\0", "json-malformed"), (b"{", "json-malformed"), (b'{"a":1,"a":1}', "json-duplicate-key")],
)
def test_a_line_that_is_no_json_spoils_the_file(
    downloaded: Downloaded, junk: bytes, code: str
) -> None:
    found, said = downloaded.refusal(downloaded.line(downloaded.of_model()), junk)
    assert (found, said.startswith(f"{downloaded.file}: bundle 2: ")) == (code, True)


def test_what_the_operator_did_wrong_is_told_at_once(downloaded: Downloaded) -> None:
    root: Document = {**downloaded.sigstore.trusted_root(), "tlogs": []}
    downloaded.file.write_bytes(downloaded.line(downloaded.of_model()) * 1 + b"\n{}\n")
    believed = trust(downloaded.sigstore, on_github(repository="acme/model"))
    wrong = type(believed)(believed.identity, trust_root(root))
    with pytest.raises(SignatureError) as caught:
        verify_bundle(
            downloaded.model,
            wrong,
            outputs=Outputs(downloaded.model / BOM_NAME, downloaded.file),
            takes_attestations=True,
        )
    assert caught.value.code == "trust-root"


def test_the_command_says_which_one_it_used(
    downloaded: Downloaded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = downloaded.line(PROVENANCE), downloaded.line(downloaded.of_model())
    downloaded.file.write_bytes(b"\n".join(lines))
    (tmp_path / "root.json").write_bytes(dump(downloaded.sigstore.trusted_root()))
    options = ["--bundle", str(downloaded.file), "--trusted-root", str(tmp_path / "root.json")]
    demand = ["--github-repository", "acme/model"]
    assert run(["verify", str(downloaded.model), *options, *demand]) == 0
    told = "  bundle      2 of 2, the newest that holds; not used: 1 [predicate-type]\n"
    assert told in capsys.readouterr().out


class TestOneText:
    @pytest.mark.parametrize("indent", [None, 2], ids=["one line", "many lines"])
    def test_is_one_bundle_however_it_is_written(
        self, downloaded: Downloaded, indent: int | None
    ) -> None:
        document = json.loads(downloaded.line(downloaded.of_model()))
        found = downloaded.verify(b"\n " + json.dumps(document, indent=indent).encode())
        assert "bundle" not in dict(found.details)


def test_signatures_of_a_key_are_chosen_by_the_bom_at_hand(tmp_path: Path) -> None:
    """No time is vouched for, so that the first of several counts; the BOM decides before."""
    keys = make_keys(tmp_path)
    model = write_model(tmp_path / "demo")
    sign_model(model, keys)
    first = (model / BUNDLE_NAME).read_bytes()
    (model / "LICENSE").write_bytes(b"MIT\n")
    sign_model(model, keys)
    second = (model / BUNDLE_NAME).read_bytes()
    (model / BUNDLE_NAME).write_bytes(first + b"\n" + second + b"\n")
    found = verify_bundle(model, keys.trust, outputs=Outputs.of(model))
    assert used(found) == "2 of 2, the newest that holds; not used: 1 [digest-mismatch]"
