"""Rules that hold what is declared of a model against what its weights are."""

from . import (
    architecture_differs,
    base_model_differs,
    context_length_differs,
    dtype_differs,
    layer_count_differs,
    parameter_count_differs,
    quantisation_differs,
    shards_differ_from_index,
)

RULES = (
    parameter_count_differs.RULE,
    dtype_differs.RULE,
    architecture_differs.RULE,
    layer_count_differs.RULE,
    context_length_differs.RULE,
    base_model_differs.RULE,
    quantisation_differs.RULE,
    shards_differ_from_index.RULE,
)
