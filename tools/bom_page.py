"""Write docs/bom.md, what a bill of materials says and from where: `python tools/bom_page.py`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # run as a program, not as a module

from aibom.bom.inferred import EXPECTED, PEFT_TASKS, TASKS  # noqa: E402
from aibom.bom.passages import HEADINGS  # noqa: E402

PAGE = ROOT / "docs" / "bom.md"
TESTS = "tests/aibom/bom"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the field profile."""

    what: str
    where: str  # in CycloneDX
    source: str  # in the files
    tests: str  # names of tests, with the file's name before the dot; spaces between
    gap: str = ""  # what is not filled, and why


ROWS = (
    Row(
        "name, owner, version, package URL",
        "`metadata.component` `group`, `name`, `version`, `purl`",
        "records of `huggingface_hub` beside a download, snapshots in its cache (commit), GGUF "
        "`general.repo_url`, `--name`, `--model-version`, `--commit`; never `_name_or_path`",
        "test_profile.test_identity test_identity.test_the_publisher_s_word_stands_above_the_files "
        "test_identity.test_a_cache_of_the_hub_is_at_the_commit_of_its_snapshot",
        "A repository that no file names stays without a package URL.",
    ),
    Row(
        "producer",
        "`supplier`, `authors`",
        "GGUF `general.organization`, `general.author`, modelspec, ONNX metadata; `quantized_by`, "
        '"Developed by" in the text of a card, spaCy',
        "test_profile.test_producer",
    ),
    Row(
        "description",
        "`description`",
        "first paragraph of the card, GGUF, modelspec, ONNX `doc_string`",
        "test_profile.test_description",
    ),
    Row(
        "addresses",
        "`externalReferences[]` of type `vcs`, `website`; `distribution`, inferred from both "
        "repository and commit",
        "GGUF `general.repo_url`, `general.url`; records of `huggingface_hub`",
        "test_identity"
        ".test_an_address_of_its_own_is_a_reference_and_with_a_commit_where_its_files_are "
        "test_identity.test_a_page_is_a_website_and_what_is_no_address_stays_a_property",
    ),
    Row(
        "files with digests",
        "`components[]` of type `file` or `machine-learning-model`, `hashes`, `purl`",
        "the bytes",
        "test_profile.test_file_hashes_and_identifiers "
        "test_build.test_every_hash_that_cyclonedx_knows_is_written",
    ),
    Row(
        "shards as one set of weights",
        "`components[]` with ref `weights:…`, `dependencies`",
        "`*.index.json`, names like `…-00001-of-00003`",
        "test_sets.test_the_set_holds_the_sum_and_what_its_files_declare",
    ),
    Row(
        "architecture",
        "`modelParameters.architectureFamily`, `.modelArchitecture`; property `operator`",
        "`config.json`, `model_index.json`, GGUF, modelspec, operators of ONNX",
        "test_profile.test_architecture",
    ),
    Row(
        "parameter count, exact",
        "property `cdx:ai-ml:model:parameter:count` of the weights",
        "shapes of tensors: packed ones unpacked, tied ones once, buffers apart",
        "test_profile.test_parameter_count "
        "test_framework_counts.test_a_model_of_transformers_has_as_many_parameters_as_it_says "
        "test_framework_counts.test_the_libraries_of_the_formats_count_alike "
        "test_packed.test_packed_weights_are_unpacked",
        "Unknown, and said so, where integers are packed in a way that no table explains, or a "
        "checkpoint has values that no tensor names. What a class computes and never saves "
        "(Marian's positions) is not in the files. [Beside the libraries' own counts](counts.md).",
    ),
    Row(
        "data types, quantisation",
        "properties `tensor:dtype` (how many tensors of each), `dtype`, `quantisation:*`",
        "headers; `torch_dtype`, `quantization_config`, GGUF `general.file_type`",
        "test_profile.test_dtypes_and_quantisation",
    ),
    Row(
        "context length, vocabulary, layers, heads, experts",
        "properties `context:length`, `vocabulary:size`, `layers`, `attention:heads`, "
        "`feed-forward:size`, …; "
        "`input:length`: tokens of an input that are read",
        "`config.json`, GGUF; `sentence_bert_config.json`, `tokenizer_config.json`",
        "test_profile.test_context_length_layers_heads_and_vocabulary "
        "test_keys.test_a_key_of_a_file_means "
        "test_embeddings.test_how_much_of_an_input_is_read_is_told_unless_there_is_no_limit",
    ),
    Row(
        "task",
        "`modelParameters.task`",
        "`pipeline_tag`; else inferred from the architecture's head or an adapter's `task_type`",
        "test_profile.test_task test_inferred.test_a_head_tells_the_task",
    ),
    Row(
        "inputs and outputs",
        "`modelParameters.inputs[]`, `.outputs[]`; property `cdx:ai-ml:model:modality`",
        "ONNX graphs (name, type, axes); inferred from processors, tokenizers, `id2label`, and the "
        "modules of sentence-transformers (with `embedding:size`, `embedding:pooling`)",
        "test_profile.test_inputs_and_outputs test_inferred.test_a_processor_tells_what_goes_in "
        "test_inferred.test_the_labels_of_a_classifier_are_its_output "
        "test_embeddings.test_a_sentence_has_as_many_numbers_as_the_last_module_gives",
    ),
    Row(
        "training method",
        "`modelParameters.approach`; property `cdx:ai-ml:model:parameter:tune_method`",
        "`adapter_config.json`, tags that trainers write",
        "test_profile.test_training_method test_inferred.test_an_adapter_tells_its_method_and_task",
    ),
    Row(
        "hyper-parameters",
        "properties `cdx:ai-ml:model:hyperparameter:*`",
        "`config.json`, `adapter_config.json`, `trainer_state.json`, `training_args.bin` (read, "
        "never loaded), merge recipes, kohya's metadata in safetensors",
        "test_profile.test_hyper_parameters test_keys.test_a_key_inside_weights_means "
        "test_inferred"
        ".test_a_trainer_s_arguments_are_no_model_but_what_the_model_was_made_with",
        "Of long pickled arguments, what the parser does not see.",
    ),
    Row(
        "datasets of training, of evaluation",
        "`components[]` of type `data` with the property `dataset:role`; of training"
        " `modelParameters.datasets[].ref`, of evaluation the property `dataset:evaluation`",
        "`datasets` and `model-index` of the card, GGUF `general.dataset.*`",
        "test_profile.test_training_and_evaluation_datasets "
        "test_datasets.test_one_dataset_in_two_roles_is_two_components",
        "Digest, size and sensitivity are not in the files.",
    ),
    Row(
        "base models",
        "`pedigree.ancestors`, `pedigree.notes`",
        "`base_model`, `base_model_relation`, `adapter_config.json`, GGUF, merge recipes, kohya; "
        "`_name_or_path` as a hint in the notes alone",
        "test_profile.test_base_models "
        "test_lineage.test_the_keys_of_one_base_model_in_gguf_make_one_ancestor "
        "test_lineage.test_a_name_or_path_is_a_hint_if_it_is_a_name",
    ),
    Row(
        "adapters",
        "property `cdx:ai-ml:model:parameter:tune_method`, `pedigree` with the relation `adapter`",
        "`adapter_config.json`: method, rank, targets, base model",
        "test_inferred.test_an_adapter_tells_its_method_and_task "
        "test_lineage.test_an_adapter_names_its_base_which_may_be_a_folder",
    ),
    Row(
        "the same weights in other forms",
        "`pedigree.variants` of the first",
        "equal counts of parameters in one folder",
        "test_weights.test_weights_of_one_folder_that_count_alike_are_variants",
    ),
    Row(
        "licences",
        "`licenses` with `acknowledgement`; in 1.6 `evidence.licenses` for what is concluded",
        "card, GGUF, safetensors, ONNX, configurations (declared); LICENSE texts (concluded)",
        "test_profile.test_licences "
        "test_licences.test_an_older_version_keeps_what_is_concluded_apart",
    ),
    Row(
        "metrics",
        "`quantitativeAnalysis.performanceMetrics`",
        "`model-index` of the card, `all_results.json` and its kin",
        "test_profile.test_metrics "
        "test_measured.test_results_of_a_trainer_are_metrics_but_how_long_it_took_is_none",
    ),
    Row(
        "uses, limitations, ethics",
        "`considerations.*`; properties `card:*` for what the schema has no field for",
        "sections of the card, word for word, by the headings below",
        "test_profile.test_considerations_word_for_word "
        "test_passages.test_a_section_is_told_word_for_word_with_its_heading_and_place",
    ),
    Row(
        "energy and emissions",
        "`considerations.environmentalConsiderations.properties`",
        "`co2_eq_emissions` and the section of the card",
        "test_profile.test_energy_and_emissions",
        "The schema's own fields demand kWh and who provided them, which cards do not tell.",
    ),
    Row(
        "software",
        "`components[]` of type `library`",
        "`transformers_version` and its kin, `library_name`, "
        'a card\'s "Framework versions", `requirements.txt`',
        "test_profile.test_software test_software.test_a_requirement_is_a_library"
        " test_software.test_the_versions_that_a_trainer_wrote_into_the_card_are_told",
    ),
    Row(
        "custom code",
        "property `role` of the file; `components[]` for another repository",
        "`auto_map` and its kin",
        "test_profile.test_custom_code "
        "test_software.test_code_of_another_repository_is_a_component",
    ),
    Row(
        "tokenizer, chat template, generation defaults",
        "property `role` of the files; properties of the subject",
        "names of files, `tokenizer_class`, templates in JSON, GGUF and files of their own",
        "test_profile.test_tokenizer_chat_template_and_generation_defaults",
    ),
    Row(
        "existing signatures",
        "`externalReferences[]` of type `digital-signature`",
        "Sigstore bundles by content, `.sig`, `.asc` and others by name",
        "test_profile.test_existing_signatures "
        "test_roles.test_a_bundle_is_a_signature_by_its_content",
        "What `aibom attest` itself writes is left out, so that signing again changes nothing.",
    ),
    Row(
        "Software Heritage id (SWHID)",
        "none",
        "nothing",
        "test_build.test_every_hash_that_cyclonedx_knows_is_written",
        "It is a SHA-1, of every byte once more: 3.0 s a GiB here, beside 2.3 s of SHA-256, which"
        " already names the file. Of weights in Git LFS, an archive of the repository has the"
        " pointer alone, so that their id leads nowhere. `git hash-object FILE` gives it.",
    ),
    Row(
        "openness (MOF)",
        "none",
        "nothing: no file of a model states its class",
        "test_roles.test_a_file_of_this_name_is_for",
        "A class would be a judgement of ours. Which parts are there, the roles of the files say.",
    ),
    Row(
        "what of it is listed",
        "property `unread`, `compositions` `incomplete`",
        "from 1,000 of a kind in one component, and from 100 findings of a rule on one file, the "
        "rest is counted",
        "test_bounds.test_datasets_beyond_the_bound_are_counted_and_the_bom_is_not_whole "
        "test_bounds.test_of_very_many_findings_of_a_rule_one_stands_for_the_rest",
    ),
    Row(
        "languages",
        "property `cdx:ai-ml:model:language`",
        "card, GGUF",
        "test_profile.test_languages_and_modality",
    ),
    Row(
        "what is not known",
        "property `unknown`; `compositions` `unknown`, `incomplete`; property `metadata:unmapped`",
        "fields that were looked for, and how many keys became no claim",
        "test_profile.test_what_is_not_known_and_what_was_not_mapped "
        "test_inferred.test_what_was_looked_for_and_not_found_is_said",
    ),
    Row(
        "what OWASP's readers look for",
        "properties `genai:aibom:modelcard:*` of the first weights' card; `primaryPurpose`, "
        "`suppliedBy`, `informationAboutApplication`, `informationAboutTraining` of "
        "`metadata.properties`",
        "claims of the fields above, once more",
        "test_owasp.test_the_weights_that_a_configuration_describes_bear_its_shape "
        "test_owasp"
        ".test_what_the_texts_say_of_the_whole_stands_in_the_metadata_word_for_word "
        "test_weights"
        ".test_of_several_weights_the_first_bear_the_licence_and_those_of_a_known_name_the_rest",
        "What no file says: domain, compliance, energy, risk. The file type of a quantisation, "
        "which is a number there.",
    ),
    Row(
        "evidence of every claim",
        "`evidence.occurrences`; in 1.7 with a time, `citations` with JSON Pointers",
        "file, member, byte offset, key or heading",
        "test_profile.test_every_claim_has_evidence_and_every_pointer_leads_to_it "
        "test_cited.test_every_pointer_leads_to_what_its_claims_say",
    ),
)

HEAD = """\
# What a bill of materials says

Written by `tools/bom_page.py`, tables included; do not edit.

    aibom bom MODEL                          CycloneDX 1.7 on standard output
    aibom bom MODEL --spec-version 1.6       the version before
    SOURCE_DATE_EPOCH=… aibom bom MODEL      with that time, and with citations

`metadata.component` is the folder, with what its texts **declare**. Each file of weights, or set of
shards, is a component of type `machine-learning-model` with what is **observed** in its bytes. So a
claim of the card and a fact of the weights never share a field. Of two values that differ for one
field neither is put in its place: both stand as properties. Many readers look at `components[]`
alone, so the first weights repeat what their own bytes do not say: the licence, version and
addresses of the folder; and task, architecture, description, training data, uses and limits, if
they are the only ones, at the top, or have a name that transformers or diffusers look for beside a
configuration. They, and the BOM's metadata, say once more in the names of OWASP's AIBOM Generator
what its readers look for ([why](adr/0016-first-weights-and-owasp-names.md)).

[Three real models](bom-examples.md) show it, with where each value stands; another page puts the
BOMs of other programs [beside ours](bom-comparison.md).

Every claim is `observed` (follows from the bytes), `declared` (somebody wrote it down), `inferred`
(follows from other claims by a rule) or `unknown` (was looked for and not found). Where it stands
in the files, its `evidence.occurrences` say, in 1.7 with a time its `citations` too. There is no
number for confidence: for parsed bytes it would be invented
([why](adr/0011-evidence-in-the-bom.md)).

Every finding of the scan stands under `vulnerabilities` with its severity, `info` and `low` ones
too, and with the family of its rule: those of `licence`, `provenance` and `declared` tell of no
attack
([why](adr/0015-findings-for-information.md)).

The same bytes and the same rules give the same BOM, on every machine, path, locale and hash seed.
Property names below have `aibom:` before them, unless they begin with `cdx:`, CycloneDX's own
taxonomy, or with `genai:`, OWASP's.

## The field profile

"""


def page() -> str:
    """Return the page."""
    lines = [HEAD + "| field | in CycloneDX | from | not filled | tests |", "|---|---|---|---|---|"]
    for row in ROWS:
        tests = "<br>".join(_link(each) for each in row.tests.split())
        lines.append(f"| {row.what} | {row.where} | {row.source} | {row.gap} | {tests} |")
    lines += [
        "",
        "## Headings of a card that have a field",
        "",
        "Patterns, upper and lower case alike.",
        "",
    ]
    lines += ["| field | headings |", "|---|---|"]
    for field, patterns in HEADINGS.items():
        shown = ", ".join(f"`{each}`".replace("|", "\\|") for each in patterns)
        lines.append(f"| `{field.value}` | {shown} |")
    lines += ["", "## Tasks that are inferred", ""]
    lines += ["| from | task |", "|---|---|"]
    lines += [f"| an architecture `…{suffix}` | {task} |" for suffix, task in TASKS]
    lines += [f"| an adapter's `{name}` | {task} |" for name, task in PEFT_TASKS.items()]
    lines += ["| tags of a card, if they name one task of the Hub alone | that |"]
    lines += ["", "## Fields whose absence is said", ""]
    lines.append(", ".join(f"`{field.value}`" for field in EXPECTED))
    lines[-1] += ", base model, metrics, datasets of training and of evaluation."
    return "\n".join(lines) + "\n"


def test_files() -> dict[str, set[str]]:
    """Return the tests that the table names, by the file that each is in."""
    found: dict[str, set[str]] = {}
    for row in ROWS:
        for each in row.tests.split():
            module, _, name = each.partition(".")
            found.setdefault(f"{TESTS}/{module}.py", set()).add(name)
    return found


def _link(test: str) -> str:
    module, _, name = test.partition(".")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../{TESTS}/{module}.py)"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
