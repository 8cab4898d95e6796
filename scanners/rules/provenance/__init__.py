"""Rules about where code and weights come from."""

from . import remote_code, remote_code_elsewhere

RULES = (remote_code.RULE, remote_code_elsewhere.RULE)
