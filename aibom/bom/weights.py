"""The components that can be loaded as a model: sets of shards, and files of weights by themselves.

They hold what is observed; so do they hold what a configuration beside them declares, if that
folder is not the subject's own, and no other weights stand in it or they have a name that is loaded
with one. The first of them also repeat
what readers of `components[]` alone look for there (docs/adr/0016): what is declared for every file
of the folder, and, if they are the model that the texts at the top describe, what these say of it.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..scanners.facts import Metadata
from ..scanners.record import replace
from . import claims, keys, lineage, owasp
from .files import folder_of
from .merging import merged
from .model import Claim, Component, Evidence, Field, Kind, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..scanners.artifact import Artifact
    from .datasets import Datasets
    from .sets import Shards

BITS = re.compile(r"quantization(?:_config)?\.(?:.+\.)?(?:num_|w)?bits(?:_per_weight)?")
MOST_BITS = 8
CONFIG = "config.json"
LOADED = (  # names that transformers and diffusers look for beside a configuration, in this order
    *("model.safetensors", "pytorch_model.bin"),
    *("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin"),
)
# The same in another form beside them, as diffusers saves it: model.fp16.safetensors.
VARIANT = re.compile(r"((?:diffusion_)?(?:pytorch_)?model)\.[A-Za-z0-9_-]{1,20}\.(safetensors|bin)")
OF_ALL = frozenset({Field.LICENCE, Field.VERSION, Field.ADDRESS, Field.DOWNLOAD})  # files alike
OF_MODEL = OF_ALL | {
    *(Field.TASK, Field.ARCHITECTURE_FAMILY, Field.ARCHITECTURE, Field.DESCRIPTION),
    *(Field.USERS, Field.USE_CASES, Field.LIMITATIONS, Field.TRADEOFFS, Field.ETHICS),
    *(Field.ENVIRONMENT, Field.EMISSIONS),
}


def declared_bits(artifacts: Iterable[Artifact]) -> dict[str, int]:
    """Return, by folder, how many bits its configuration gives a packed weight, if that is one."""
    told: dict[str, set[str]] = {}
    for artifact in artifacts:
        if claims.own_name(artifact) != CONFIG:
            continue
        for fact in artifact.facts:
            if isinstance(fact, Metadata) and BITS.fullmatch(fact.key):
                told.setdefault(folder_of(artifact), set()).add(fact.value)
    return {
        folder: int(value)
        for folder, (value, *others) in told.items()
        if not others and value.isascii() and value.isdigit() and 0 < int(value) <= MOST_BITS
    }


def set_components(
    sets: Iterable[Shards],
    files: Mapping[str, tuple[Component, Artifact]],
    bits: Mapping[str, int],
) -> Iterator[tuple[Component, list[Artifact]]]:
    """Yield a component for each set of shards, with the files that it was made from."""
    seen: Counter[str] = Counter()
    for each in sets:
        parts = [files[path] for path in each.files]
        artifacts = [artifact for _, artifact in parts]
        seen[each.name] += 1
        again = f"#{seen[each.name]}" if seen[each.name] > 1 else ""
        yield (
            Component(
                ref=f"weights:{quote(each.name)}{again}",
                kind=Kind.MODEL,
                name=each.name,
                media_type=parts[0][0].media_type,
                formats=parts[0][0].formats,
                claims=merged(_set_claims(each, artifacts, bits.get(folder_of(artifacts[0])))),
                depends_on=tuple(component.ref for component, _ in parts),
            ),
            artifacts,
        )


def _set_claims(shards: Shards, artifacts: list[Artifact], bits: int | None) -> Iterator[Claim]:
    index = (Evidence(shards.index or shards.files[0]),)
    for path in shards.files:
        yield Claim(Field.FILE, path, Status.OBSERVED, (Evidence(path),))
    for path in shards.missing:
        yield Claim(Field.FILE_MISSING, path, Status.OBSERVED, index)
    if shards.missing:
        yield Claim(Field.PARAMETERS, "", Status.UNKNOWN)
    else:
        yield from claims.of_weights(artifacts, bits)
    for artifact in artifacts:
        for each in artifact.walk():
            yield from claims.declared(each, keys.of_weights)


def described(
    component: Component,
    artifacts: list[Artifact],
    beside: Iterable[Artifact],
    datasets: Datasets,
) -> Component:
    """Return the component of weights with its lineage and what the texts `beside` it declare."""
    texts = list(beside)
    told = [claim for artifact in texts for claim in claims.of_folder(artifact)]
    return replace(
        component,
        claims=merged([*component.claims, *told]),
        datasets=datasets.links(artifacts),
        ancestors=lineage.ancestors([*artifacts, *texts]),
    )


def is_configured(name: str) -> bool:
    """Whether a loader takes weights of this name for those that the configuration describes."""
    own = name.rpartition("/")[2]
    return (VARIANT.sub(r"\1.\2", own) if VARIANT.fullmatch(own) else own) in LOADED


def main(models: Sequence[Component]) -> Component | None:
    """Return the weights that the texts at the top of the folder describe, if that is plain.

    They stand at the top, too, and are the only ones of all or have a name that is looked for.
    """
    by_name = {each.name: each for each in models if "/" not in each.name}
    if len(models) == 1:
        return next(iter(by_name.values()), None)
    return next((by_name[name] for name in LOADED if name in by_name), None)


def with_declared(weights: Component, subject: Component, *, is_main: bool) -> Component:
    """Return the first weights with what texts declare for them, too, and in OWASP's names.

    What the weights say themselves is not joined by what others say of them: that stays with the
    subject.
    """
    told = {claim.field for claim in weights.claims}
    wanted = (OF_MODEL if is_main else OF_ALL) - told
    more = [
        claim
        for claim in subject.claims
        if claim.field in wanted and claim.status is not Status.UNKNOWN
    ]
    return replace(
        weights,
        claims=merged([*weights.claims, *more]),
        datasets=weights.datasets or (subject.datasets if is_main else ()),
        in_owasp_names=owasp.told_of(weights.claims, subject.claims if is_main else ()),
    )


def with_variants(models: list[Component]) -> list[Component]:
    """Return the models, where the first of those in a folder that count alike lists the others.

    Equal counts in one folder are the same weights in other forms, unless somebody put together
    what does not belong together: so it is a statement about this folder, not about a family.
    """
    groups: dict[tuple[str, str], list[Component]] = {}
    for model in models:
        counts = [each.value for each in model.claims if each.field is Field.PARAMETERS]
        if counts and counts[0]:
            groups.setdefault((model.name.rpartition("/")[0], counts[0]), []).append(model)
    others = {group[0].ref: group[1:] for group in groups.values() if len(group) > 1}
    return [replace(each, variants=_variants(others.get(each.ref, ()))) for each in models]


def _variants(models: Iterable[Component]) -> tuple[Component, ...]:
    return tuple(
        Component(ref="", kind=Kind.MODEL, name=each.name, hashes=each.hashes) for each in models
    )
