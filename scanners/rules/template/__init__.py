"""Rules about templates that a tokenizer renders for every conversation."""

from . import template_computes_names, template_includes, template_runs_code

RULES = (template_runs_code.RULE, template_computes_names.RULE, template_includes.RULE)
