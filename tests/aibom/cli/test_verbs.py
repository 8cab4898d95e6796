"""Each verb as a user runs it: what it prints, where, and how it ends."""

import json
from pathlib import Path

import pytest

from aibom.cli import SECTIONS, VERBS
from aibom.layout import BOM_NAME, BUNDLE_NAME, FINGERPRINTS_NAME
from fixtures.hostile import calling_pickle, write_folder
from tests.helpers.command import aibom
from tests.helpers.models import write_model

SECRET = "correct horse"  # noqa: S105 - of a key that lives for one test
EVIL = calling_pickle("posix", "system")


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "model.pkl").write_bytes(EVIL)
    return tmp_path / "evil"


class TestScan:
    def test_a_clean_model_takes_three_lines(self, model: Path) -> None:
        ended = aibom("scan", "demo", cwd=model.parent)
        assert (ended.code, ended.err) == (0, "")
        unknown, coverage, verdict = ended.out.splitlines()
        names = "demo/.hidden, demo/sub/tokens.txt"
        assert unknown == f"not a model format I know: {names}"
        assert coverage.startswith("6 files, ")
        assert verdict == "PASS: no finding at high or above"

    def test_a_finding_says_where_what_why_and_what_to_do(self, evil: Path) -> None:
        ended = aibom("scan", "evil", cwd=evil.parent)
        assert ended.code == 1
        assert ended.out.splitlines()[:3] == [
            "critical[pickle-spawns-process] Loading starts a program",
            "  --> evil/model.pkl, byte 34",
            "   |  REDUCE calls posix.system('echo pwned'), which starts a program",
        ]
        assert "   = why: " in ended.out
        assert "   = do:  " in ended.out
        assert ended.out.splitlines()[-1] == "FAIL: 1 finding at high or above"

    def test_json_is_one_document_on_standard_output(self, evil: Path) -> None:
        ended = aibom("scan", "--format", "json", evil)
        report = json.loads(ended.out)
        assert report["verdict"] == {
            "outcome": "fail",
            "fail_on": "high",
            "failing": 1,
            "exit_code": 1,
        }
        assert report["findings"][0]["path"] == ["model.pkl"]
        assert str(evil) not in ended.out, "a report names no path of the machine"

    def test_several_targets_fail_if_one_does(self, model: Path, evil: Path) -> None:
        ended = aibom("scan", model, evil)
        assert ended.code == 1
        assert "PASS" in ended.out
        assert "FAIL" in ended.out

    def test_several_targets_as_json_are_one_line_each(self, model: Path, evil: Path) -> None:
        ended = aibom("scan", "--format", "json", model, evil)
        names = [json.loads(line)["target"]["name"] for line in ended.out.splitlines()]
        assert names == ["demo", "evil"]

    def test_the_threshold_is_the_users(self, evil: Path) -> None:
        assert aibom("scan", "--fail-on", "never", evil).code == 0

    def test_incomplete_is_not_clean(self, tmp_path: Path) -> None:
        (tmp_path / "cut.gguf").write_bytes(b"GGUF\x03")
        ended = aibom("scan", tmp_path)
        assert ended.code == 3
        assert ended.out.splitlines()[-1] == (
            "INCOMPLETE: no finding at high or above, but 1 thing could not be read"
        )

    def test_findings_come_before_incompleteness(self, evil: Path) -> None:
        (evil / "cut.gguf").write_bytes(b"GGUF\x03")
        assert aibom("scan", evil).code == 1

    def test_without_isolation_says_so(self, model: Path) -> None:
        ended = aibom("scan", "--no-isolation", model)
        assert ended.code == 0
        assert ended.err.startswith("warning: parsers run in this process")
        assert "parsers ran without isolation" in ended.out

    def test_a_required_lock_is_there(self, model: Path) -> None:
        assert aibom("scan", "--require-lock", model).code == 0

    def test_every_hostile_fixture_is_found(self, tmp_path: Path) -> None:
        expected = write_folder(tmp_path)
        report = json.loads(aibom("scan", "--format", "json", tmp_path).out)
        found = {(*finding["path"][:1], finding["rule"]) for finding in report["findings"]}
        assert set(expected.items()) <= found


class TestNames:
    NAME = "a\n\x1b[2J\u202egnp.pkl"

    def test_nothing_from_a_file_name_reaches_the_terminal(self, tmp_path: Path) -> None:
        (tmp_path / self.NAME).write_bytes(EVIL)
        ended = aibom("scan", tmp_path)
        assert ended.code == 1
        assert r"a\n\x1b[2J\u202egnp.pkl, byte" in ended.out
        assert "\x1b" not in ended.out

    def test_a_path_that_is_not_there_is_escaped(self) -> None:
        ended = aibom("scan", "nowhere\x1b[2J")
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == "error: nowhere\\x1b[2J: no such file or folder.\n"

    @pytest.mark.parametrize("verb", ["scan", "inspect", "verify"])
    def test_no_argument_makes_lines_of_its_own(self, verb: str, tmp_path: Path) -> None:
        key = ["--key", "k\nPASS: x"] if verb == "verify" else []
        ended = aibom(verb, "nowhere\nPASS: no finding at high or above", *key, cwd=tmp_path)
        assert ended.code == 2
        assert not any(line.startswith("PASS") for line in ended.err.splitlines())

    def test_a_terminal_without_the_characters_gets_escapes(self, evil: Path) -> None:
        ended = aibom("scan", evil, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        assert ended.code == 1


class TestColour:
    def test_none_into_a_pipe(self, evil: Path) -> None:
        assert "\x1b" not in aibom("scan", evil, NO_COLOR="").out

    def test_forced(self, evil: Path) -> None:
        assert "\x1b[" in aibom("scan", evil, NO_COLOR="", FORCE_COLOR="1").out


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "hint"),
        [
            (["sacn", "x"], "Did you mean 'scan'?"),
            (["scan"], "Missing argument 'PATH...'"),
            (["scan", "--fail-on", "severe", "x"], "Invalid value for '--fail-on'"),
            (["scan", "--no-isolation", "--require-lock", "x"], "exclude one another"),
            (["verify", "x"], "Say whom you trust, in one way"),
            (["rules", "show", "pickle-spawn-process"], "Did you mean 'pickle-spawns-process'?"),
        ],
    )
    def test_a_wrong_call_is_explained(self, arguments: list[str], hint: str) -> None:
        ended = aibom(*arguments)
        assert (ended.code, ended.out) == (2, "")
        assert hint in ended.err

    @pytest.mark.parametrize(
        "verb", ["", "scan", "bom", "attest", "sign", "verify", "keys", "rules"]
    )
    def test_every_verb_has_help(self, verb: str) -> None:
        ended = aibom(*verb.split(), "--help")
        assert ended.code == 0
        assert ended.out.startswith("Usage: aibom")

    def test_help_lists_every_verb_in_the_section_of_what_it_is_for(self) -> None:
        width = max(map(len, VERBS))
        sections = (
            f"{title}:\n" + "\n".join(f"  {verb:{width}}  {verbs[verb]}" for verb in verbs)
            for title, verbs in SECTIONS.items()
        )
        assert "\n\n".join(sections) in aibom("--help").out


class TestKeysAndSigning:
    def test_from_keys_to_a_verified_model(self, model: Path) -> None:
        here = model.parent
        assert aibom("keys", "generate", "-o", "k", cwd=here).code == 0
        assert (here / "k.key").stat().st_mode & 0o777 == 0o600
        attested = aibom("attest", "demo", "--key", "k.key", cwd=here)
        assert attested.code == 0, attested.err
        written = [BOM_NAME, FINGERPRINTS_NAME, BUNDLE_NAME, "model.sig"]
        assert attested.out.splitlines() == [f"demo/{name}" for name in written]
        verified = aibom("verify", "demo", "--key", "k.pub", cwd=here)
        assert verified.code == 0
        assert verified.out.startswith("VERIFIED: demo (5 files, ")
        (model / "config.json").write_bytes(b"{}")
        refused = aibom("verify", "demo", "--key", "k.pub", cwd=here)
        assert (refused.code, refused.out) == (4, "")
        assert "'config.json' [digest-mismatch]" in refused.err

    def test_a_bom_and_then_its_signature(self, model: Path) -> None:
        here = model.parent
        aibom("keys", "generate", "-o", "k", cwd=here)
        assert aibom("bom", "demo", "-o", f"demo/{BOM_NAME}", cwd=here).code == 0
        signed = aibom("sign", f"demo/{BOM_NAME}", "--key", "k.key", cwd=here)
        assert signed.code == 0, signed.err
        assert aibom("verify", "demo", "--key", "k.pub", cwd=here).code == 0

    def test_signing_again_changes_nothing_and_says_so(self, model: Path) -> None:
        here = model.parent
        aibom("keys", "generate", "-o", "k", cwd=here)
        aibom("attest", "demo", "--key", "k.key", cwd=here)
        before = {path: path.read_bytes() for path in model.iterdir() if path.is_file()}
        again = aibom("attest", "demo", "--key", "k.key", cwd=here)
        assert again.code == 0
        assert f"already signed, so left as it is: demo/{BUNDLE_NAME}" in again.err
        assert {path: path.read_bytes() for path in model.iterdir() if path.is_file()} == before

    def test_signing_over_ones_own_signature_says_so(self, model: Path) -> None:
        here = model.parent
        aibom("keys", "generate", "-o", "k", cwd=here)
        aibom("attest", "demo", "--key", "k.key", cwd=here)
        (model / "config.json").write_bytes(b"{}")
        again = aibom("attest", "demo", "--key", "k.key", cwd=here)
        assert again.code == 0
        assert f"replaced what was there: demo/{BUNDLE_NAME}" in again.err

    def test_another_signers_signature_is_replaced_by_force_alone(self, model: Path) -> None:
        here = model.parent
        for name in "ab":
            aibom("keys", "generate", "-o", name, cwd=here)
        aibom("attest", "demo", "--key", "a.key", cwd=here)
        refused = aibom("attest", "demo", "--key", "b.key", cwd=here)
        assert refused.code == 2
        assert "a signature is there that this signer did not make" in refused.err
        assert aibom("verify", "demo", "--key", "a.pub", cwd=here).code == 0
        assert aibom("attest", "demo", "--key", "b.key", "--force", cwd=here).code == 0
        assert aibom("verify", "demo", "--key", "b.pub", cwd=here).code == 0

    def test_a_failing_model_is_not_signed_unless_told(self, evil: Path) -> None:
        here = evil.parent
        aibom("keys", "generate", "-o", "k", cwd=here)
        refused = aibom("attest", "evil", "--key", "k.key", cwd=here)
        assert (refused.code, refused.out) == (1, "")
        assert "not signed: the policy is not met" in refused.err
        assert not (evil / BOM_NAME).exists()
        allowed = aibom("attest", "evil", "--key", "k.key", "--allow-failing", cwd=here)
        assert allowed.code == 0
        verified = aibom("verify", "evil", "--key", "k.pub", cwd=here)
        assert "  findings    1 critical, stated in the signed BOM:\n" in verified.out
        assert "critical[pickle-spawns-process]" in verified.out

    def test_an_incomplete_scan_is_not_signed_unless_told(self, tmp_path: Path) -> None:
        (tmp_path / "m").mkdir()
        (tmp_path / "m" / "cut.gguf").write_bytes(b"GGUF\x03")
        aibom("keys", "generate", "-o", "k", cwd=tmp_path)
        assert aibom("attest", "m", "--key", "k.key", cwd=tmp_path).code == 3

    def test_verifying_says_what_was_not_read_when_it_was_signed(self, tmp_path: Path) -> None:
        (tmp_path / "m").mkdir()
        (tmp_path / "m" / "cut.gguf").write_bytes(b"GGUF\x03")
        aibom("keys", "generate", "-o", "k", cwd=tmp_path)
        aibom("attest", "m", "--key", "k.key", "--allow-failing", cwd=tmp_path)
        verified = aibom("verify", "m", "--key", "k.pub", cwd=tmp_path)
        assert verified.code == 0
        assert "  not read    cut.gguf: malformed: " in verified.out

    def test_a_private_key_in_the_model_is_refused(self, model: Path) -> None:
        aibom("keys", "generate", "-o", "inside", cwd=model)
        ended = aibom("attest", ".", "--key", "inside.key", cwd=model)
        assert ended.code == 2
        assert "the private key lies in the model" in ended.err
        aibom("keys", "generate", "-o", "k", cwd=model.parent)
        other = aibom("attest", "demo", "--key", "k.key", cwd=model.parent)
        assert other.code == 1
        assert "high[private-key-in-model]" in other.err

    def test_an_encrypted_key_without_a_password_says_what_to_set(self, model: Path) -> None:
        here = model.parent
        aibom("keys", "generate", "--encrypt", "-o", "k", cwd=here, AIBOM_KEY_PASSWORD=SECRET)
        ended = aibom("attest", "demo", "--key", "k.key", cwd=here)
        assert ended.code == 2
        assert "set AIBOM_KEY_PASSWORD" in ended.err

    def test_a_signature_that_is_not_there_is_no_wrong_usage(self, model: Path) -> None:
        here = model.parent
        aibom("keys", "generate", "-o", "k", cwd=here)
        unsigned = aibom("verify", "demo", "--key", "k.pub", cwd=here)
        assert unsigned.code == 4
        assert "the signature cannot be read: no such file" in unsigned.err
        missing = aibom("verify", "nowhere", "--key", "k.pub", cwd=here)
        assert missing.code == 2
        assert "nowhere: no such file or folder." in missing.err

    def test_a_bundle_that_cannot_be_read_is_named(self, model: Path) -> None:
        here = model.parent
        aibom("keys", "generate", "-o", "k", cwd=here)
        aibom("attest", "demo", "--key", "k.key", cwd=here)
        (model / BUNDLE_NAME).write_bytes(b"{")
        ended = aibom("verify", "demo", "--key", "k.pub", cwd=here)
        assert ended.code == 4
        assert f"demo/{BUNDLE_NAME}: " in ended.err

    def test_keys_are_never_replaced(self, tmp_path: Path) -> None:
        aibom("keys", "generate", cwd=tmp_path)
        before = (tmp_path / "aibom.key").read_bytes()
        ended = aibom("keys", "generate", cwd=tmp_path)
        assert ended.code == 2
        assert (tmp_path / "aibom.key").read_bytes() == before

    def test_an_encrypted_key_takes_its_password_from_the_environment(self, model: Path) -> None:
        here = model.parent
        made = aibom(
            "keys", "generate", "--encrypt", "-o", "k", cwd=here, AIBOM_KEY_PASSWORD=SECRET
        )
        assert made.code == 0
        assert b"ENCRYPTED" in (here / "k.key").read_bytes()
        for password, code in ((SECRET, 0), ("wrong", 2)):
            ended = aibom("attest", "demo", "--key", "k.key", cwd=here, AIBOM_KEY_PASSWORD=password)
            assert ended.code == code

    def test_a_key_from_the_environment(self, model: Path) -> None:
        here = model.parent
        aibom("keys", "generate", "-o", "k", cwd=here)
        pem = (here / "k.key").read_text()
        assert aibom("attest", "demo", "--key", "env://K", cwd=here, K=pem).code == 0
        assert aibom("verify", "demo", "--key", "k.pub", cwd=here).code == 0

    @pytest.mark.parametrize("key", ["missing.key", "env://NOWHERE", "carrier-pigeon:x"])
    def test_a_key_that_is_not_there_is_a_usage_error(self, model: Path, key: str) -> None:
        ended = aibom("attest", model, "--key", key)
        assert ended.code == 2
        assert not (model / BOM_NAME).exists()


class TestBom:
    def test_it_goes_to_standard_output(self, model: Path) -> None:
        ended = aibom("bom", model)
        assert ended.code == 0
        assert json.loads(ended.out)["specVersion"] == "1.7"

    def test_its_version_can_be_chosen(self, model: Path) -> None:
        found = json.loads(aibom("bom", model, "--spec-version", "1.6").out)
        assert found["specVersion"] == "1.6"
        assert found["$schema"].endswith("bom-1.6.schema.json")
        assert aibom("bom", model, "--spec-version", "1.5").code == 2

    def test_what_is_signed_can_be_of_an_older_version(self, model: Path) -> None:
        here = model.parent
        aibom("keys", "generate", "-o", "k", cwd=here)
        signed = aibom("attest", "demo", "--key", "k.key", "--spec-version", "1.6", cwd=here)
        assert signed.code == 0
        assert json.loads((model / BOM_NAME).read_bytes())["specVersion"] == "1.6"
        assert aibom("verify", "demo", "--key", "k.pub", "--rescan", cwd=here).code == 0

    def test_the_same_model_gives_the_same_bytes(self, model: Path, tmp_path: Path) -> None:
        copy = write_model(tmp_path / "elsewhere" / "demo")
        one = aibom("bom", model, PYTHONHASHSEED="1", TZ="Asia/Tokyo", LC_ALL="C")
        other = aibom("bom", copy, "--jobs", "3", "--no-isolation", PYTHONHASHSEED="2")
        assert one.out == other.out

    def test_the_name_can_be_given(self, model: Path, tmp_path: Path) -> None:
        copy = write_model(tmp_path / "elsewhere" / "checkout")
        named = aibom("bom", copy, "--name", "demo")
        assert named.out == aibom("bom", model).out

    def test_time_stands_in_it_only_on_request(self, model: Path) -> None:
        assert "timestamp" not in aibom("bom", model).out
        dated = aibom("bom", model, SOURCE_DATE_EPOCH="0").out
        assert json.loads(dated)["metadata"]["timestamp"].startswith("1970-01-01T00:00:00")
        assert aibom("bom", model, SOURCE_DATE_EPOCH="soon").code == 2


class TestRules:
    def test_they_are_listed(self) -> None:
        assert "pickle-spawns-process" in aibom("rules").out

    def test_one_is_explained(self) -> None:
        ended = aibom("rules", "show", "pickle-spawns-process")
        assert ended.code == 0
        assert "What to do:" in ended.out
        assert "CWE-502" in ended.out
