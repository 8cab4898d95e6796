"""The page says what the outcome says, the worst first, and allows nothing but its own style."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from aibom.errors import Exit
from aibom.fingerprint import fingerprints
from aibom.layout import BUNDLE_NAME, OMS_NAME
from aibom.outcome import Outcome
from aibom.policy import Policy
from aibom.render import html
from aibom.render.html import signs
from aibom.report import Isolation
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from aibom.scanners.artifact import Artifact
from aibom.scanners.facts import Metadata, Reference, Refers
from aibom.scanners.record import replace
from aibom.scanners.rule import Finding, Severity
from aibom.scanners.source import Span
from aibom.waiver import Accepted, Baseline, baseline_of
from tests.aibom.render.html.reading import page, part, rows, text_of, texts
from tests.helpers import described
from tests.helpers.models import write_model
from tests.helpers.outcomes import clean, everything, outcome_of, template, unread
from tests.helpers.reports import report_of

if TYPE_CHECKING:
    from pathlib import Path

LICENCES = "Declared by somebody, or concluded from a text"  # the caption of a table
LOW = Finding("waiver-unused", Severity.LOW, "fits nothing", (), Span(0, 0))


def listed(name: str) -> Artifact:
    return described.file(name, formats="json")


def told(outcome: Outcome, id_: str) -> dict[str, str]:
    """Return the names and values of a part."""
    found = part(page(outcome), id_).iterfind("dl/div")
    return {text_of(each[0]): text_of(each[1]) for each in found}


def test_the_page_has_landmarks_a_language_and_a_way_past_the_links() -> None:
    root = page(everything())
    assert root.get("lang") == "en"
    (body,) = root.iter("body")
    assert [each.tag for each in body] == [*("a", "header", "nav", "main", "footer")]
    assert [root.find("body/a").get("href"), root.find("body/main").get("id")] == [  # type: ignore[union-attr]
        *("#report", "report")
    ]


@pytest.mark.parametrize("outcomes", [[clean()], [everything(), clean()]], ids=["one", "several"])
def test_every_link_leads_to_a_part_of_the_page(outcomes: list[Outcome]) -> None:
    root = page(*outcomes)
    links = {each.get("href", "").removeprefix("#") for each in root.iter("a")}
    assert links <= {each.get("id") for each in root.iter()}
    assert len(links) == {1: 10, 2: 3}[len(outcomes)]


def test_ids_are_unique_and_names_are_there() -> None:
    root = page(everything(), described.outcome(), everything())
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    named = " ".join(each.get("aria-labelledby", "") for each in root.iter()).split()
    assert set(named) <= set(ids)


def test_headings_skip_no_level() -> None:
    levels = [int(str(e.tag)[1]) for e in page(everything()).iter() if e.tag in {*HEADINGS}]
    assert levels[:4] == [1, 2, 3, 4]
    assert all(after - before <= 1 for before, after in pairwise(levels))


HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def test_every_table_has_a_caption_and_its_heads_say_for_what() -> None:
    root = page(everything(), described.outcome())
    for table in root.iter("table"):
        assert table[0].tag == "caption"
        assert {each.get("scope") for each in table.iterfind("thead/tr/th")} == {"col"}
        assert {each.get("scope") for each in table.iterfind("tbody/tr/th")} == {"row"}


# --- Verdict and counts ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (everything(), "FAIL: 2 findings at high or above"),
        (clean(), "PASS: no finding at high or above"),
        (
            outcome_of(report_of(unread("cut.pkl"))),
            "INCOMPLETE: no finding at high or above, but 1 thing could not be read",
        ),
    ],
    ids=["fail", "pass", "incomplete"],
)
def test_the_first_sentence_is_the_verdict(outcome: Outcome, sentence: str) -> None:
    root = page(outcome)
    assert texts(root, "body/header/h1") == [sentence]
    label = sentence.partition(":")[0]
    assert texts(root, "head/title") == [f"{label}: model - aibom report"]


def test_several_targets_stand_in_a_table_the_worst_first() -> None:
    cut = replace(outcome_of(report_of(unread("cut.pkl"))), path="b")
    root = page(replace(clean(), path="a"), cut, replace(everything(), path="c"))
    title = "FAIL: of 3 targets, 1 failed, 1 not fully read, 1 passed"
    assert texts(root, "body/header/h1") == [title]
    assert [row[:2] for row in rows(root, "Every target")] == [
        *(["c", "FAIL"], ["b", "INCOMPLETE"], ["a", "PASS"])
    ]
    assert texts(root, "body/main/section/h2") == ["c", "b", "a"]
    assert texts(root, "head/title") == ["FAIL: 3 targets - aibom report"]


def test_the_first_screen_counts() -> None:
    root = page(everything())
    assert texts(root, ".//ul[@class='tiles']/li") == [
        *("2 critical", "0 high", "0 medium", "0 low", "2 not read", "1 waived")
    ]


def test_the_first_screen_sums_up() -> None:
    assert told(described.outcome("llama"), "t0") == {
        "Files": "4 files, 4 kB: 4 clean",
        "Licences": "licence llama (declared), MIT (concluded)",
        "Made from": "2 base models, 1 data set, 1 set of weights",
        "Policy": "the default policy",
        "Parsers": "were locked in",
        "Signature": "The folder holds no signature.",
    }


# --- Findings -------------------------------------------------------------------------------------


def test_findings_say_where_what_why_and_what_to_do() -> None:
    outcome = outcome_of(report_of(template("tokenizer_config.json")))
    (article,) = page(outcome).iter("article")
    (mark,) = fingerprints(outcome.findings)
    assert text_of(article[0]) == "critical Rendering the chat template reaches Python's internals"
    assert texts(article, "ol/li/p") == [
        "model/tokenizer_config.json › chat_template",
        "chat_template looks up '__class__' (attribute)",
        f"fingerprint {mark}",
    ]
    assert texts(article, "dl/div/dt") == ["Why it matters", "What to do", "Rule", "See"]
    assert texts(article, "dl/div/dd")[1:] == [
        (
            "Do not use this tokenizer or model file. Take the template of the original model, and "
            "render templates in a sandbox only."
        ),
        "template-runs-code, 1 finding",
        "CWE-1336, CWE-94",
    ]


def test_findings_come_worst_first_and_notes_last() -> None:
    report = described.described()
    verdict = Policy().apply(report)
    critical = Finding("remote-code", Severity.CRITICAL, "x", ("a",), Span(4, 1))
    found = (*verdict.findings, LOW, critical)
    root = page(Outcome("m", report, replace(verdict, findings=found)))
    assert texts(root, ".//article/h4/span[@class='sign critical']") == ["critical"]
    assert [text_of(each[0]).split()[0] for each in root.iter("article")] == ["critical", "low"]
    assert texts(root, ".//article/ol/li/p[1]") == ["m/a, byte 4", "the target as a whole"]
    assert rows(root, "Noted, for information only") == [
        [
            "Nothing says from where the weights came",
            "the target as a whole",
            "there are weights, and no record of a download or snapshot of a commit",
        ]
    ]


def test_nothing_found_is_said() -> None:
    assert text_of(part(page(clean()), "t0-findings")) == "Findings Nothing was found that counts."


def test_what_was_not_read_is_named() -> None:
    assert rows(page(everything()), "What was not read may hold anything; it is not clean") == [
        ["model/cut x.pkl", "ends early", "malformed"],
        ["model/cut.pkl", "x", "malformed"],
    ]
    assert text_of(part(page(clean()), "t0-unread")) == "Not read Everything was read."


def test_what_is_waived_names_who_answers_for_it() -> None:
    assert rows(page(everything()), "Findings that somebody answers for; they do not count") == [
        [
            *("medium remote-code", "model/config.json", "x names the code 'x.Y'"),
            *("read by us x", "ml@example.org", "2027-02-28"),
        ]
    ]
    assert text_of(part(page(clean()), "t0-waived")) == "Waived No finding is waived."


def test_a_baseline_has_no_end() -> None:
    file = template("tokenizer_config.json")
    report = report_of(replace(file, digests=(("sha256", "a" * 64),)))
    known = Accepted(baseline=Baseline(baseline_of(report, Policy()).known), today=date(2026, 1, 1))
    (row,) = rows(
        page(outcome_of(report, accepted=known)),
        "Findings that somebody answers for; they do not count",
    )
    assert row[3:] == [
        *("it was there when the baseline was written", "baseline", "no end: the baseline")
    ]


# --- The model ------------------------------------------------------------------------------------


def test_the_card_says_how_each_value_is_known_and_where_it_stands() -> None:
    assert rows(page(described.outcome("y")), "Task") == [
        ["task", "task y", "declared", "README.md, key 'pipeline_tag'"]
    ]


def test_the_card_quotes_word_for_word() -> None:
    root = page(described.outcome("two"))
    assert texts(root, ".//figure/figcaption") == [
        "use cases (under 'Intended uses')",
        "limitations (under 'above two > Limitations')",
    ]
    (quote,) = (e for e in root.iter("blockquote") if "three" in text_of(e))
    assert [(quote[0].text), *(each.tail for each in quote[0])] == ["one", "two", "three"]


def test_licences_are_declared_or_concluded() -> None:
    assert rows(page(described.outcome()), LICENCES) == [
        ["declared", "licence x", "declared", "README.md, key 'license'"],
        ["concluded", "MIT", "inferred", "LICENSE, key 'LICENSE'"],
        ["licence text", "LICENSE", "declared", "LICENSE, key 'LICENSE'"],
    ]


def test_of_many_places_that_say_the_same_the_first_are_shown() -> None:
    base = Reference(kind=Refers.BASE_MODEL, key="base", target="acme/base")
    named = [described.file(f"{n}.json", base, formats="json") for n in range(5)]
    (row,) = rows(page(outcome_of(report_of(*named))), "What the model is said to be made from")
    assert row[-1] == "0.json, key 'base', 1.json, key 'base', 2.json, key 'base' and 2 more"


def test_that_no_licence_is_named_is_said() -> None:
    root = page(outcome_of(report_of(listed("config.json"))))
    assert text_of(part(root, "t0-licences")) == (
        "Licences No file names a licence, none is a known text."
    )


def test_the_bom_that_nobody_wrote_is_not_described() -> None:
    assert [row[0] for row in rows(page(described.outcome()), "Identity")] == [
        *("type", "name", "description", "model name")
    ]


def test_a_model_that_cannot_be_described_has_a_reason() -> None:
    artifact = replace(listed("a.json"), digests=(("md5", "0" * 32),))
    root = page(outcome_of(report_of(artifact)))
    assert text_of(part(root, "t0-card")).startswith(
        "Model card The model is not described: 'a.json' has no SHA-256"
    )
    assert told(outcome_of(report_of(artifact)), "t0")["Made from"] == "not known"


# --- Files, signature, scan -----------------------------------------------------------------------


def test_files_have_sizes_digests_and_outcomes() -> None:
    report = report_of(
        described.weights("m.gguf"), unread("cut.pkl"), template("t.json"), Artifact(("n",), 5)
    )
    root = page(outcome_of(report))
    assert [row[:4] for row in rows(root, "4 files, 3.02 kB")] == [
        ["cut.pkl", "10 bytes", "not a model format I know", "not fully read"],
        ["m.gguf", "1 kB", "gguf", "clean"],
        ["n", "5 bytes", "not a model format I know", "unknown"],
        ["t.json", "2 kB", "json", "flagged"],
    ]
    assert rows(root, "4 files, 3.02 kB")[1][4] == f"sha256 {sha256(b'm.gguf').hexdigest()}"


def test_what_was_left_out_is_named() -> None:
    assert text_of(part(page(everything()), "t0-files")).endswith(
        "Left out on purpose: .git (version control history)"
    )


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ((), "The folder holds no signature."),
        (
            (BUNDLE_NAME, OMS_NAME),
            (
                f"The folder holds {BUNDLE_NAME} and {OMS_NAME}. Nothing was verified here: that "
                "is what `aibom verify` does."
            ),
        ),
    ],
    ids=["none", "both"],
)
def test_a_signature_is_there_or_not_and_never_vouched_for(
    names: tuple[str, ...], sentence: str
) -> None:
    root = page(outcome_of(report_of(*map(listed, names))))
    assert texts(part(root, "t0-signature"), "p") == [sentence]
    assert text_of(part(root, "t0-signature")).count("1 kB") == len(names)


def test_beside_one_file_nobody_looks_for_a_signature() -> None:
    report = replace(report_of(described.weights("m.gguf")), is_folder=False, name="m.gguf")
    assert texts(part(page(outcome_of(report)), "t0-signature"), "p") == [
        (
            "A scan of one file does not look for a signature beside it. Nothing was verified here:"
            " that is what `aibom verify` does."
        )
    ]


def test_the_scan_names_program_rules_policy_and_lock() -> None:
    report = report_of(listed("a.json"), isolation=Isolation("locked", ("files",), ("landlock7",)))
    policy = Policy(name="release", digest="4f" * 32, fail_on=None)
    assert told(Outcome("m", report, policy.apply(report)), "t0-scan") == {
        "Program": "aibom 0",
        "Rules": f"sha256 {'0' * 64}",
        "Policy": "release",
        "Policy digest": f"sha256 {'4f' * 32}",
        "Fails on": "never",
        "Parsers": "were locked in, but could reach network and processes (landlock7)",
    }


def test_the_page_is_the_same_for_the_same_outcome() -> None:
    assert html.document([everything(), clean()]) == html.document([everything(), clean()])


def test_every_verdict_has_a_sign() -> None:
    assert set(signs.VERDICTS) == {Exit.OK, Exit.FINDINGS, Exit.INCOMPLETE}
    assert set(signs.SHAPES) == set(Severity)


def test_metadata_is_no_markup() -> None:
    base = Metadata(key="general.base_model.0.name", value="<b>own</b>")
    root = page(outcome_of(report_of(described.weights("m.gguf", base))))
    assert "<b>own</b>" in text_of(part(root, "t0-lineage"))


def test_a_scan_of_files_ends_in_a_page(tmp_path: Path) -> None:
    report = scan_target(write_model(tmp_path), sandbox=without_isolation())
    root = page(Outcome("m", report, Policy().apply(report)))
    assert texts(root, "body/header/h1") == ["PASS: no finding at high or above"]
    assert rows(root, "Architecture and parameters")[0][:2] == ["family", "x"]
