"""What is done to a signed model by whoever can change its files, numbered as the threats are."""

from __future__ import annotations

import base64
import contextlib
import json
import os
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from aibom.cli import run
from aibom.cli.console import Console
from aibom.layout import BOM_NAME, BUNDLE_NAME
from aibom.signatures import CODES, sign, signer_from_uri
from tests.helpers.models import Keys


@dataclass(frozen=True)
class Case:
    """A signed model, to be harmed, and the command line."""

    model: Path
    keys: Keys
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    @property
    def payload(self) -> bytes:
        document = json.loads((self.model / BUNDLE_NAME).read_bytes())
        return base64.b64decode(document["dsseEnvelope"]["payload"])

    def sign(self, payload: bytes) -> None:
        """Replace the signature by one of the trusted key over something else."""
        signer = signer_from_uri(str(self.keys.private))
        (self.model / BUNDLE_NAME).write_bytes(sign(payload, signer))

    def run(self, *arguments: object) -> tuple[int, str, str]:
        self.capsys.readouterr()
        code = run([str(each) for each in arguments])
        told = self.capsys.readouterr()
        return code, told.out, told.err

    def verify(self, *arguments: object) -> tuple[int, str, str]:
        return self.run("verify", self.model, "--key", self.keys.public, *arguments)


def refused(ended: tuple[int, str, str], code: str) -> None:
    """Hold how a run ended against how a refusal ends."""
    exit_code, out, told = ended
    error, meaning = told.splitlines()
    assert (exit_code, out, meaning) == (4, "", CODES[code])
    assert error.startswith("error: ")
    assert error.endswith(f" [{code}]")


Act = Callable[[Case], Sequence[object] | None]  # returns further arguments


def write(name: str, content: bytes) -> Act:
    def act(case: Case) -> None:
        (case.model / name).parent.mkdir(parents=True, exist_ok=True)
        (case.model / name).write_bytes(content)

    return act


def swap(case: Case) -> None:
    path = case.model / "model.safetensors"
    path.write_bytes(bytes(path.stat().st_size))


def exchange(case: Case) -> None:
    one, other, aside = (case.model / name for name in ("LICENSE", "config.json", "aside"))
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


def move_out(name: str) -> Callable[[Case], Path]:
    return lambda case: (case.model / name).rename(case.model.parent / Path(name).name)


def link_to_same(name: str) -> Act:
    def act(case: Case) -> None:
        (case.model / name).symlink_to(move_out(name)(case))

    return act


def make_fifo(name: str) -> Act:
    def act(case: Case) -> None:
        (case.model / name).unlink(missing_ok=True)
        os.mkfifo(case.model / name)

    return act


def make_folder(case: Case) -> None:
    (case.model / "LICENSE").unlink()
    (case.model / "LICENSE").mkdir()


def bury(case: Case) -> None:
    """A folder that nobody can read to its end; the tests may run as one who may read all."""
    (case.model / "/".join("d" * 101)).mkdir(parents=True)


def meanwhile(act: Act) -> Act:
    """Act once, when the first bytes have been hashed."""

    def harm(case: Case) -> None:
        done: list[object] = []

        class Meddling:
            def advance(self, count: int) -> None:
                del count
                if not done:
                    done.append(act(case))

        @contextlib.contextmanager
        def progress(*_: object) -> Generator[Meddling]:
            yield Meddling()

        case.monkeypatch.setattr(Console, "progress", progress)

    return harm


def touch(case: Case) -> None:
    os.utime(case.model / ".hidden", ns=(5, 5))  # the first that is hashed


def edit_bom(change: Callable[[bytes], bytes]) -> Act:
    def act(case: Case) -> None:
        path = case.model / BOM_NAME
        path.write_bytes(change(path.read_bytes()))

    return act


def unlink(name: str) -> Act:
    return lambda case: (case.model / name).unlink()


def rename(case: Case) -> None:
    (case.model / "LICENSE").rename(case.model / "LICENCE")


def dangle(case: Case) -> None:
    (case.model / "x").symlink_to("/nonexistent")


def grow(case: Case) -> None:
    os.truncate(case.model / "LICENSE", 1 << 40)


def read_as_text(bom: bytes) -> bytes:
    return json.dumps(json.loads(bom)).encode()


HARM: list[tuple[int, str, Act, str]] = [
    (1, "weights swapped, same size", swap, "digest-mismatch"),
    (2, "two files exchanged", exchange, "digest-mismatch"),
    (3, "a file added", write("evil.py", b""), "extra-file"),
    (4, "a hidden file added", write("sub/.x", b""), "extra-file"),
    (5, "a file in a deeper .git", write("sub/.git/hooks/x", b""), "extra-file"),
    (6, "a file removed", unlink("LICENSE"), "missing-file"),
    (7, "a file renamed", rename, "missing-file"),
    (8, "a file replaced by a link to its bytes", link_to_same("LICENSE"), "symlink"),
    (9, "a folder replaced by a link to it", link_to_same("sub"), "symlink"),
    (10, "a dangling link added", dangle, "symlink"),
    (11, "a pipe added", make_fifo("pipe"), "not-regular"),
    (12, "a file replaced by a pipe", make_fifo("LICENSE"), "not-regular"),
    (13, "a file replaced by a folder", make_folder, "missing-file"),
    (14, "a file changed while it is read", meanwhile(touch), "changed-while-reading"),
    (14, "a file added after its turn", meanwhile(write("aaa", b"")), "extra-file"),
    (
        14,
        "a file swapped after its turn",
        meanwhile(write(".hidden", b"x")),
        "changed-while-reading",
    ),
    (22, "the BOM a link", link_to_same(BOM_NAME), "symlink"),
    (22, "the signature a link", link_to_same(BUNDLE_NAME), "symlink"),
    (15, "a folder swapped while it is walked", meanwhile(link_to_same("sub")), "symlink"),
    (18, "a folder that cannot be read", bury, "unreadable-file"),
    (19, "a sparse terabyte", grow, "digest-mismatch"),
    (20, "the BOM edited", edit_bom(lambda b: b.replace(b"demo", b"evil")), "digest-mismatch"),
    (21, "the BOM only reformatted", edit_bom(read_as_text), "digest-mismatch"),
    (65, "an old release", lambda _: ("--expect-version", "2.0.0"), "policy-version"),
    (65, "an old commit", lambda _: ("--expect-commit", "b" * 40), "policy-commit"),
    (65, "an old scan", lambda _: ("--min-rules-version", "999"), "policy-rules"),
    (65, "other rules", lambda _: ("--rules-digest", "0" * 64), "policy-rules"),
    (65, "no vouched time", lambda _: ("--max-age", "30d"), "policy-time"),
    (65, "no vouched end", lambda _: ("--signed-before", "2099-01-01"), "policy-time"),
    (65, "no vouched start", lambda _: ("--signed-after", "2020-01-01"), "policy-time"),
    (67, "another model", lambda _: ("--expect-model", "other"), "policy-model"),
    (67, "another package", lambda _: ("--expect-model", "pkg:x/demo"), "policy-model"),
    (67, "another image", lambda _: ("--expect-subject", f"i@sha256:{'0' * 64}"), "policy-subject"),
]
