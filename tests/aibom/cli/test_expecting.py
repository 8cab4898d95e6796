"""Which model is wanted, a second scan, and the OpenSSF signature, from the command line."""

from hashlib import sha256
from pathlib import Path

import click
import pytest

from aibom.cli.verify import command
from fixtures.hostile import calling_pickle
from tests.helpers.command import Ended, aibom
from tests.helpers.models import write_model

DIGEST = "d" * 64


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the keys k.key and k.pub, and a signed model demo."""
    here = tmp_path_factory.mktemp("here")
    write_model(here / "demo")
    aibom("keys", "generate", "-o", "k", cwd=here)
    release = ("--model-version", "1.0.0", "--commit", "a" * 40)
    ended = aibom(
        "attest", "demo", "--key", "k.key", *release, "--subject", f"img@sha256:{DIGEST}", cwd=here
    )
    assert ended.code == 0, ended.err
    return here


def verify(here: Path, *arguments: str) -> Ended:
    return aibom("verify", "demo", "--key", "k.pub", *arguments, cwd=here)


def test_all_that_is_expected_is_there(here: Path) -> None:
    ended = verify(
        here,
        *("--expect-model", "demo", "--expect-version", "1.0.0", "--expect-commit", "a" * 40),
        *("--expect-subject", f"img@sha256:{DIGEST}", "--min-rules-version", "0.0.1"),
        *("--no-findings", "low", "--require-complete"),
    )
    assert (ended.code, ended.err) == (0, "")
    assert "  signed too  img\n" in ended.out
    assert ", and what you expect\n" in ended.out


def test_options_and_policy_file_both_have_to_be_met(here: Path) -> None:
    (here / "policy.yaml").write_text("expect-version: 2.0.0\n")
    ended = verify(here, "--expect-version", "1.0.0", "--policy", "policy.yaml")
    assert (ended.code, ended.out) == (4, "")
    assert "[policy-version]" in ended.err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--max-age", "soon"), "--max-age is 'soon', expected a number and h, d or w"),
        (("--policy", "nowhere.yaml"), "nowhere.yaml: there is no such file, and no such policy"),
        (("--model-signature", "--expect-version", "1"), "knows no BOM"),
        (("--model-signature", "--rescan"), "knows no BOM"),
        (("--model-signature", "--bom", "x"), "knows no BOM"),
    ],
)
def test_a_wrong_call_is_explained(here: Path, arguments: tuple[str, ...], hint: str) -> None:
    ended = verify(here, *arguments)
    assert ended.code == 2
    assert hint in ended.err


TEXTS = [  # options whose empty text would demand less than was meant
    "key",
    "identity",
    "identity-pattern",
    "issuer",
    "github-repository",
    "github-workflow",
    "github-ref",
    "github-commit",
    "github-event",
    "certificate-authority",
    "certificate-name",
    "timestamp-authority",
    "trusted-root",
    "bom",
    "bundle",
    "policy",
    "expect-model",
    "expect-version",
    "expect-commit",
    "expect-subject",
    "expect-policy",
    "max-age",
    "signed-after",
    "signed-before",
    "min-rules-version",
    "rules-digest",
]


@pytest.mark.parametrize("name", TEXTS)
def test_an_empty_option_is_no_demand_less(here: Path, name: str) -> None:
    arguments = (f"--{name}", "", *(() if name == "key" else ("--key", "k.pub")))
    ended = aibom("verify", "demo", *arguments, cwd=here)
    assert (ended.code, ended.out) == (2, "")
    assert f"--{name} is empty: give a text, or leave it out." in ended.err


def test_no_option_with_a_text_is_left_out_of_these() -> None:
    texts = {
        option.opts[0].removeprefix("--")
        for option in command.params
        if isinstance(option, click.Option) and isinstance(option.type, click.types.StringParamType)
    }
    assert texts == set(TEXTS)


def test_a_second_scan_says_that_it_agrees(here: Path) -> None:
    ended = verify(here, "--rescan")
    assert ended.code == 0, ended.err
    assert "  scanned     again, by the same rules; the BOM says what the bytes say\n" in ended.out


def test_the_openssf_signature_is_verified_alone(here: Path) -> None:
    ended = verify(here, "--model-signature")
    assert ended.code == 0, ended.err
    assert ended.out.startswith("VERIFIED: demo (7 files, ")
    assert "  checked     model signature, and every file byte for byte\n" in ended.out
    other = verify(here, "--model-signature", "--bundle", "demo/aibom.cdx.json.sigstore.json")
    assert (other.code, other.out) == (4, "")
    assert other.err.startswith(
        "error: this signs a BOM too, so it is no model signature: leave out --model-signature "
        "[predicate-type]\n"
    )
    reverse = verify(here, "--bundle", "demo/model.sig")
    assert (reverse.code, reverse.out) == (4, "")
    assert reverse.err.startswith(
        "error: this is an OpenSSF model signature, without a BOM: --model-signature verifies it "
        "[predicate-type]\n"
    )


def test_a_private_key_is_no_public_one(here: Path) -> None:
    ended = aibom("verify", "demo", "--key", "k.key", cwd=here)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(
        "error: k.key: this is a private key, which signs: keep it secret, and give its public "
        "half (`openssl pkey -in KEY -pubout` writes it) [key-malformed]\n"
    )


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--commit", "abc"), "--commit is 'abc', expected 40 or 64 hexadecimal digits"),
        (("--subject", "img"), "--subject is 'img', expected NAME@sha256:DIGEST"),
    ],
)
def test_what_cannot_be_signed_is_said_before_the_scan(
    here: Path, arguments: tuple[str, ...], hint: str
) -> None:
    ended = aibom("attest", "demo", "--key", "k.key", *arguments, cwd=here)
    assert ended.code == 2
    assert hint in ended.err
    assert "PASS" not in ended.err


def test_the_policy_of_scanning_and_its_waivers_are_signed_and_shown(tmp_path: Path) -> None:
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "model.pkl").write_bytes(calling_pickle("posix", "system"))
    (tmp_path / "p.yaml").write_text(
        "name: ours\nfail-on: low\nwaive-dangerous: true\nrefuse-formats: [onnx]\n"
    )
    aibom("keys", "generate", "-o", "k", cwd=tmp_path)
    rules = {
        line.partition("[")[2].partition("]")[0]
        for line in aibom("scan", "evil", cwd=tmp_path).out.splitlines()
        if line.startswith(("low[", "medium[", "high[", "critical["))
    }
    answer = ("--reason", "we read every line", "--owner", "me@example.org", "--expires", "30d")
    for rule in sorted(rules):
        aibom("waive", "evil", "--rule", rule, *answer, "-o", "w.yaml", cwd=tmp_path)
    judging = ("--policy", "p.yaml", "--waivers", "w.yaml")
    signed = aibom("attest", "evil", "--key", "k.key", *judging, cwd=tmp_path)
    assert signed.code == 0, signed.err
    command = ("verify", "evil", "--key", "k.pub")
    digest = sha256((tmp_path / "p.yaml").read_bytes()).hexdigest()
    for more in ((), ("--rescan",), ("--expect-policy", digest)):
        ended = aibom(*command, "--policy", "p.yaml", *more, cwd=tmp_path)
        assert (ended.code, ended.err) == (0, "")
        assert f"  policy      ours, SHA-256 {digest}\n" in ended.out
        assert "  waived      pickle-spawns-process by me@example.org until 20" in ended.out
    other = aibom(*command, "--expect-policy", "0" * 64, cwd=tmp_path)
    assert (other.code, "[policy-judged]" in other.err) == (4, True)
    (tmp_path / "q.yaml").write_text("refuse-formats: [gguf]\nwaive-dangerous: true\n")
    theirs = aibom(*command, "--policy", "q.yaml", cwd=tmp_path)
    assert (theirs.code, "[policy-judged]" in theirs.err) == (4, True)
    assert "and a scan alone can judge refuse-formats" in " ".join(theirs.err.split())
    named = aibom(*command, "--policy", "q.yaml", "--expect-policy", digest, cwd=tmp_path)
    assert named.code == 0
    strict = aibom(*command, "--no-findings", "low", cwd=tmp_path)
    assert (strict.code, "[policy-findings]" in strict.err) == (4, True)


def test_what_was_judged_by_a_bundled_policy_is_verified_by_its_name(tmp_path: Path) -> None:
    write_model(tmp_path / "demo")
    aibom("keys", "generate", "-o", "k", cwd=tmp_path)
    codes = {}
    for policy in ("release", "baseline"):
        attest = ("attest", "demo", "--key", "k.key", "--policy", policy, "--force")
        assert aibom(*attest, cwd=tmp_path).code == 0
        for wanted in ("release", "baseline"):
            ended = aibom("verify", "demo", "--key", "k.pub", "--policy", wanted, cwd=tmp_path)
            codes[policy, wanted] = (ended.code, "[policy-judged]" in ended.err)
    assert codes == {
        ("release", "release"): (0, False),
        ("release", "baseline"): (0, False),  # of which the BOM says all
        ("baseline", "release"): (4, True),
        ("baseline", "baseline"): (0, False),
    }
