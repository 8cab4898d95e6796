"""A cache changes no byte of any output, and believes nothing that it did not write."""

from __future__ import annotations

import json
import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aibom import cache as module
from aibom.attest import bom_of
from aibom.cache import Cache, Damaged, checksum, clear, entries, refuse_inside, stats
from aibom.errors import OutputError, TargetError
from aibom.outcome import Outcome
from aibom.policy import Policy
from aibom.render import FORMS, renderer
from aibom.sandbox import DEFAULT_LIMITS, without_isolation
from aibom.scan import scan_target
from aibom.scanners.facts import NOWHERE, Metadata, Reason, Unread
from aibom.scanners.record import replace
from fixtures import gguf
from fixtures.hostile import calling_pickle
from tests.helpers.models import write_model
from tests.helpers.zoo import write_zoo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aibom.report import Report
    from aibom.scanners.artifact import Artifact

DIGEST = "ab" * 32


def opened(folder: Path, **limits: int) -> Cache:
    return Cache(folder, replace(DEFAULT_LIMITS, **limits))


def outputs(report: Report) -> dict[str, str]:
    """Return everything that can be written about a report."""
    outcome = [Outcome("zoo", report, Policy().apply(report))]
    documents = {form: renderer(form)(outcome) for form in FORMS}
    return {**documents, "bom": bom_of(report, None, None).decode()}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path, Path]:
    """A report of every kind of file, the files, and the cache that it filled."""
    place = tmp_path_factory.mktemp("known")
    zoo = write_zoo(place / "zoo")
    return scan_target(zoo, cache=opened(place / "cache")), zoo, place / "cache"


@pytest.fixture
def artifact(tmp_path: Path) -> Artifact:
    (tmp_path / "m.pkl").write_bytes(calling_pickle("posix", "system"))
    (found,) = scan_target(tmp_path / "m.pkl").artifacts
    return replace(found, digests=(("sha256", DIGEST),))


def bare(artifact: Artifact) -> Artifact:
    return replace(artifact, digests=())


def test_every_output_is_the_same_with_and_without_a_cache(
    known: tuple[Report, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    filling, zoo, folder = known
    without = outputs(scan_target(zoo))
    assert outputs(filling) == without
    read: list[str] = []
    real = module.Cache.recall

    def recall(self: Cache, entry: Any, path: tuple[str, ...], digests: Any) -> Artifact | None:  # noqa: ANN401 - passed on
        found = real(self, entry, path, digests)
        read.extend([] if found else path)
        return found

    monkeypatch.setattr(module.Cache, "recall", recall)
    again = scan_target(zoo, cache=opened(folder))
    assert outputs(again) == without
    incomplete = sorted(each.path[0] for each in filling.artifacts if not each.is_complete)
    assert sorted(read) == incomplete
    assert len(incomplete) < len(filling.artifacts) // 2


def test_only_what_was_read_whole_is_kept(known: tuple[Report, Path, Path]) -> None:
    report, _, folder = known
    complete = [each for each in report.artifacts if each.is_complete]
    assert len(list(entries(folder))) == len(complete)
    assert not any('"Unread"' in place.read_text() for place in entries(folder))


def test_what_was_not_read_is_not_kept(tmp_path: Path, artifact: Artifact) -> None:
    gap = Unread(at=NOWHERE, reason=Reason.TIMEOUT, detail="")
    opened(tmp_path / "c").keep(replace(artifact, facts=(gap,)))
    opened(tmp_path / "c").keep(bare(artifact))
    assert not (tmp_path / "c").exists()


def test_without_a_whole_lock_nothing_is_kept_or_believed(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(calling_pickle("posix", "system"))
    scan_target(tmp_path / "m.pkl", cache=opened(tmp_path / "c"), sandbox=without_isolation())
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize(
    "change", ["bytes", "path", "size", "limits", "rules", "version", "python"]
)
def test_an_entry_is_for_one_key_alone(
    tmp_path: Path, artifact: Artifact, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    opened(tmp_path / "c").keep(artifact)
    path, size, digest, limits = artifact.path, artifact.size, DIGEST, dict[str, int]()
    match change:
        case "bytes":
            digest = "cd" * 32
        case "path":
            path = ("n.pkl",)
        case "size":
            size += 1
        case "limits":
            limits = {"members": 7}
        case "rules":
            monkeypatch.setattr(module, "rules_digest", lambda: "0" * 64)
        case "version":
            monkeypatch.setattr(module, "VERSION", "9")
        case _:
            monkeypatch.setattr("sys.version", "4.0")
    assert opened(tmp_path / "c", **limits).look(path, size, digest) is None


def test_an_entry_comes_back_as_it_was(tmp_path: Path, artifact: Artifact) -> None:
    opened(tmp_path / "c").keep(artifact)
    assert opened(tmp_path / "c").look(artifact.path, artifact.size, DIGEST) == bare(artifact)


def forged(document: dict[str, Any]) -> bytes:
    """Return an entry whose checksum is right."""
    content = {"key": document["key"], "artifact": document["artifact"]}
    return json.dumps({**content, "checksum": checksum(content)}).encode()


def edited(place: Path) -> Iterator[bytes]:
    """Yield what somebody or something could put in the place of an entry."""
    raw = place.read_bytes()
    document = json.loads(raw)
    yield from (b"", b"[]", b"null", b"\xff", raw[:-1], raw + raw, b"[" * 100_000, b"9" * 10_000)
    yield json.dumps({**document, "more": 1}).encode()
    yield json.dumps({**document, "checksum": "0" * 64}).encode()
    artifact = document["artifact"]
    yield forged({**document, "key": {**document["key"], "sha256": "0" * 64}})
    unread = {"fact": "Unread", "at": [0, 0], "reason": "timeout", "detail": ""}
    wrongs: list[Any] = [
        {**artifact, "path": ["other"]},
        {**artifact, "size": 0},
        {**artifact, "facts": [{"fact": "Import"}]},
        {**artifact, "facts": [unread]},
        {**artifact, "digests": {"sha256": "0" * 64}},
        {**artifact, "more": 1},
        [],
    ]
    for wrong in wrongs:
        yield forged({**document, "artifact": wrong})


def test_what_is_no_entry_is_not_believed_and_is_written_again(
    tmp_path: Path, artifact: Artifact
) -> None:
    cache = opened(tmp_path / "c")
    cache.keep(artifact)
    (place,) = entries(tmp_path / "c")
    whole = place.read_bytes()
    for raw in list(edited(place)):
        place.write_bytes(raw)
        with pytest.raises(Damaged, match=place.name):
            cache.look(artifact.path, artifact.size, DIGEST)
        cache.keep(artifact)
        assert place.read_bytes() == whole


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_a_changed_byte_is_never_believed(
    tmp_path: Path, artifact: Artifact, data: st.DataObject
) -> None:
    cache = opened(tmp_path / "c")
    cache.keep(artifact)
    (place,) = entries(tmp_path / "c")
    raw = bytearray(place.read_bytes())
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    is_same = bytes(raw) == place.read_bytes()
    place.write_bytes(raw)
    try:
        found = cache.look(artifact.path, artifact.size, DIGEST)
    except Damaged:
        found = None
    assert found in (None, bare(artifact))
    assert found is not None or not is_same


def test_an_entry_longer_than_any_is_not_read_whole(
    tmp_path: Path, artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = opened(tmp_path / "c")
    monkeypatch.setattr(module, "LARGEST", 100)
    cache.keep(artifact)
    assert (list(entries(tmp_path / "c")), cache.refused) == ([], "")
    monkeypatch.undo()
    cache.keep(artifact)
    monkeypatch.setattr(module, "LARGEST", 100)
    with pytest.raises(Damaged, match="more than 100 bytes"):
        cache.look(artifact.path, artifact.size, DIGEST)


def test_a_fact_that_would_not_come_back_is_not_kept(tmp_path: Path, artifact: Artifact) -> None:
    cache = opened(tmp_path / "c")
    cache.keep(replace(artifact, facts=(Metadata(at=NOWHERE, key="k", value=float("nan")),)))  # type: ignore[arg-type]
    assert list(entries(tmp_path / "c")) == []


def test_what_is_not_for_sha256_is_neither_found_nor_kept(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(calling_pickle("posix", "system"))
    cache = opened(tmp_path / "c")
    (found,) = scan_target(tmp_path / "m.pkl", cache=cache, algorithms=("md5",)).artifacts
    assert ([name for name, _ in found.digests], list(entries(tmp_path / "c"))) == (["md5"], [])


def test_a_poisoned_entry_is_contradicted_by_the_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    target = tmp_path / "m" / "m.gguf"
    target.write_bytes(gguf.honest())
    cache = opened(tmp_path / "c")
    before = scan_target(target, cache=cache)
    (place,) = entries(tmp_path / "c")
    document = json.loads(place.read_bytes())
    document["artifact"].pop("formats")
    place.write_bytes(forged(document))
    assert scan_target(target, cache=cache) == before


def test_what_stands_in_the_place_of_an_entry_and_is_no_file_is_not_read(
    tmp_path: Path, artifact: Artifact
) -> None:
    cache = opened(tmp_path / "c")
    cache.keep(artifact)
    (place,) = entries(tmp_path / "c")
    place.unlink()
    os.mkfifo(place)
    assert cache.look(artifact.path, artifact.size, DIGEST) is None
    cache.keep(artifact)
    assert "cannot be written" in cache.refused


def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path: Path, artifact: Artifact) -> None:
    cache = opened(tmp_path / "c")
    (tmp_path / "c").write_text("")
    cache.keep(artifact)
    assert cache.refused != ""


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o1777], ids=["all", "group", "sticky"])
def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c").chmod(mode)
    with pytest.raises(TargetError, match="others may write to this cache"):
        opened(tmp_path / "c")


def test_a_folder_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "c").mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    if (tmp_path / "c").stat().st_uid == 0:
        os.chown(tmp_path / "c", 54_321, -1)
    with pytest.raises(TargetError, match="others may write to this cache"):
        opened(tmp_path / "c")


@pytest.mark.parametrize(
    ("name", "why"), [("file", "is no folder"), ("file/x", "cannot be opened")]
)
def test_what_is_no_folder_is_refused(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TargetError, match=why):
        opened(tmp_path / name)


def test_a_cache_inside_what_is_scanned_is_refused(tmp_path: Path) -> None:
    refuse_inside(tmp_path / "c", [str(tmp_path / "model")])
    for inside in (tmp_path / "model", tmp_path / "model" / "c"):
        with pytest.raises(TargetError, match="lies in what is scanned"):
            refuse_inside(inside, ["elsewhere", str(tmp_path / "model")])


def test_entries_are_for_their_owner_alone(tmp_path: Path, artifact: Artifact) -> None:
    opened(tmp_path / "c").keep(artifact)
    (place,) = entries(tmp_path / "c")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_many_runs_at_once_write_the_same_entries(tmp_path: Path) -> None:
    model = write_model(tmp_path / "m")

    def scanned(_: int) -> Report:
        return scan_target(model, cache=opened(tmp_path / "c"))

    with ThreadPoolExecutor(4) as pool:
        first, *more = pool.map(scanned, range(8))
    assert [report == first for report in more] == [True] * 7
    assert len(list(entries(tmp_path / "c"))) == len(first.artifacts)
    assert not [p for p in (tmp_path / "c").rglob("*") if p.name.startswith(".aibom-")]


def test_entries_are_counted_and_cleared_and_nothing_else(
    tmp_path: Path, artifact: Artifact
) -> None:
    folder = tmp_path / "c"
    cache = opened(folder)
    cache.keep(artifact)
    opened(folder, members=7).keep(artifact)
    for name in ("notes.txt", "0123456789abcdef/notes.txt", "0123456789abcdef/ab/notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("mine")
    elsewhere = shutil.copytree(folder / cache.generation, tmp_path / "elsewhere")
    (folder / ("f" * 16)).symlink_to(elsewhere)
    size = sum(place.stat().st_size for place in entries(folder))
    assert stats(cache, folder) == module.Stats(2, size, 1)
    assert clear(folder) == 2
    assert stats(cache, folder) == module.Stats(0, 0, 0)
    left = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.txt"))
    assert left == ["0123456789abcdef/ab/notes.txt", "0123456789abcdef/notes.txt", "notes.txt"]
    assert len(list(elsewhere.rglob("*.json"))) == 1
    assert list(entries(tmp_path / "nowhere")) == []


def test_a_shape_that_cannot_come_back_is_not_kept(
    tmp_path: Path, artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(*_: object, **__: object) -> Artifact:
        return replace(artifact, digests=(), formats=())

    monkeypatch.setattr(module, "decode", other)
    opened(tmp_path / "c").keep(artifact)
    assert list(entries(tmp_path / "c")) == []


def test_an_entry_that_cannot_be_removed_is_told(
    tmp_path: Path, artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    opened(tmp_path / "c").keep(artifact)
    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    with pytest.raises(OutputError, match="cannot be cleared: Permission denied"):
        clear(tmp_path / "c")
