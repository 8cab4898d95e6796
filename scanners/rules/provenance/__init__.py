"""Rules about where code and weights come from."""

from . import (
    base_model_unclear,
    digest_mismatch,
    mutable_reference,
    namespace_imitation,
    remote_code,
    remote_code_elsewhere,
    unknown_origin,
)

RULES = (
    remote_code.RULE,
    remote_code_elsewhere.RULE,
    digest_mismatch.RULE,
    namespace_imitation.RULE,
    base_model_unclear.RULE,
    mutable_reference.RULE,
    unknown_origin.RULE,
)
