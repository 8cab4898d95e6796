"""Chat templates: what honest ones look up, and every way to hide a name."""

import pytest

from aibom.scanners import kits
from aibom.scanners.facts import TemplateUse
from aibom.scanners.format import Match
from aibom.scanners.formats.jinja import FORMAT, MAX_TEXT
from aibom.scanners.limits import Exceeded
from aibom.scanners.rules.template import RULES
from aibom.scanners.source import Malformed
from tests.helpers.reading import damage, facts, read, recognised

kits.load_all()

HONEST = {
    "headers": """{{ bos_token }}{% for message in messages %}
        {%- if loop.first and messages[0]['role'] != 'system' %}{{ 'You help.' }}{% endif -%}
        {{ '<|start|>' + message['role'] + '<|end|>\n\n' + message['content'] | trim + '<|eot|>' }}
        {% endfor %}{% if add_generation_prompt %}{{ '<|start|>assistant' }}{% endif %}""",
    "alternation": """{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{ raise_exception('Roles must alternate: ' ~ message['role']) }}{% endif %}
        {% set loop_messages = messages[1:] %}{% set system_message = messages[0].content %}""",
    "tools": """{%- macro render(tool, indent=2) -%}{% set ns = namespace(first=true, items=[]) %}
        {%- for name, field in tool.function.parameters.properties.items() %}
        {%- set ns.first = false %}{{ name }}: {{ field.type | tojson(indent=4) }}
        {{- field['enum'] | map('tojson') | join(', ') if field.enum is defined }}{% endfor %}
        {%- endmacro %}{% for tool in tools %}{{ render(tool.function | default(tool)) }}
        {% endfor %}""",
    "thinking": """{% generation %}{% if '</think>' in content %}
        {% set content = content.split('</think>')[-1].lstrip('\\n') %}{% endif %}
        {{ content.strip() | replace('a', 'b') }}{% endgeneration %}""",
    "indexes": """{% for m in messages[::-1] %}{% set index = messages | length - 1 - loop.index0 %}
        {{ messages[index].content }}{{ m[key] }}{{ m[loop.index0 % 2] }}{{ strftime_now('%Y') }}
        {% if loop.index0 > 3 %}{% break %}{% endif %}{% endfor %}""",
    "fields": """{{ messages | selectattr('role', 'equalto', 'user') | list | length }}
        {{ messages | map(attribute='content') | join('\n') }}{{ tools | sort(attribute='name') }}
        {% set key = 'content' %}{{ messages[0][key] }}{{ d[message.role | lower] }}""",
}

HOSTILE = {
    "attribute": "{{ ''.__class__.__mro__ }}",
    "item": "{{ ''['__class__'] }}",
    "escapes": r"{{ ''['\x5f\x5fclass__'] }}",
    "joined": "{{ ''['__cla' ~ 'ss__'] }}",
    "added": "{{ ''['__cla' + 'ss__'] }}",
    "list": "{{ ''[['__', 'class', '__'] | join] }}",
    "glued": "{{ ''[['_', 'class_'] | join('_')] }}",
    "reversed": "{{ ''['__ssalc__' | reverse] }}",
    "lowered": "{{ ''['__CLASS__' | lower] }}",
    "variables": "{% set a = '__cla' %}{% set b = a ~ 'ss__' %}{{ ''[b] }}",
    "chosen": "{% set a = '__class__' if x else 'y' %}{{ ''[a] }}",
    "filter": "{{ x | attr('__class__') }}",
    "mapped": "{{ [x] | map(attribute='a.__class__') | list }}",
    "selected": "{{ [x] | selectattr('__class__') | list }}",
    "format": "{{ '{0.__class__}'.format(x) }}",
    "format-item": "{{ '{0[__class__]}'.format(x) }}",
    "global": "{{ __import__('os') }}",
    "cycler": "{{ cycler.__init__.__globals__.os.popen('id') }}",
    "self": "{{ self._TemplateReference__context }}",
    "frame": "{{ x.gi_frame.f_back }}",
    "condition": "{% if x.__class__ %}{% endif %}",
    "macro": "{% macro m(a=''.__class__) %}{% endmacro %}",
    "generation": "{% generation %}{{ ''.__class__ }}{% endgeneration %}",
    "argument": "{{ f(x=''.__class__) }}",
    "slice": "{{ x['__class__x'[:-1]] }}",
    "percent": "{{ x['%c%cclass' % (95, 95)] }}",
    "formatted": "{{ x | attr('%sclass__' | format('__')) }}",
    "input": "{{ x | attr(messages[0].content) }}",
    "built-format": "{{ ('{0.' ~ y).format(x) }}",
    "indexed": "{{ x[['__class__'][0]] }}",
    "circular": "{% set a = b ~ 'x' %}{% set b = a ~ 'y' %}{{ x[a] }}",
}


def findings(text: str) -> set[str]:
    uses = facts(FORMAT, text.encode(), TemplateUse, "t")
    return {found.rule for use in uses for rule in RULES for found in rule.judge(use, ("t",))}


@pytest.mark.parametrize("name", HONEST)
def test_passes_templates_as_models_have_them(name: str) -> None:
    assert findings(HONEST[name]) == set()


@pytest.mark.parametrize("name", HOSTILE)
def test_flags_every_way_to_an_internal_name(name: str) -> None:
    assert findings(HOSTILE[name]) & {"template-runs-code", "template-computes-names"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{% include 'other' %}", "other"),
        ("{% import 'x' as y %}", "x"),
        ("{% from 'x' import y %}", "x"),
        ("{% extends z %}", ""),
    ],
)
def test_names_what_is_included(text: str, name: str) -> None:
    assert TemplateUse(template="t", kind="include", name=name) in read(FORMAT, text.encode(), "t")
    assert findings(text) == {"template-includes"}


def test_each_use_is_stated_once() -> None:
    assert read(FORMAT, b"{{ a.b }}{{ a.b }}{{ a | f }}{{ a is t }}", "t") == [
        TemplateUse(template="t", kind="attribute", name="b"),
        TemplateUse(template="t", kind="name", name="a"),
        TemplateUse(template="t", kind="filter", name="f"),
        TemplateUse(template="t", kind="test", name="t"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        b"{{",
        b"{% if %}",
        b"{% unknown %}",
        b"\xff",
        b"{{ " + b"(" * 101 + b")" * 101 + b" }}",
        b"{% if x %}" * 101,
        b"{{ '\\N{nonsense}' }}",
    ],
    ids=["cut", "empty", "tag", "no-utf8", "brackets", "blocks", "escape"],
)
def test_refuses(text: bytes) -> None:
    with pytest.raises(Malformed):
        read(FORMAT, text, "t")


@pytest.mark.parametrize(
    "text", [b"{{ " + b"-" * 50_000 + b"1 }}", b"{{ " + b"not " * 50_000 + b"1 }}"]
)
def test_operators_that_nest_end_in_an_error_that_is_caught(text: bytes) -> None:
    with pytest.raises((RecursionError, Malformed)):  # dissecting makes a limit of it
        read(FORMAT, text, "t")


def test_long_sums_are_read() -> None:
    assert findings("{{ x" + " + 1" * 2_000 + " }}") == set()


def test_refuses_what_is_longer_than_any_template() -> None:
    with pytest.raises(Exceeded):
        read(FORMAT, b" " * (MAX_TEXT + 1), "t")


@pytest.mark.parametrize(
    ("name", "match"),
    [("chat_template.jinja", Match.CERTAIN), ("x.J2", Match.CERTAIN), ("x.txt", Match.NO)],
)
def test_is_told_by_its_name(name: str, match: Match) -> None:
    assert recognised(FORMAT, b"x", name) is match


def test_damage_is_malformed_and_nothing_else() -> None:
    damage(FORMAT, "".join(HONEST.values()).encode(), name="t", times=150)
    damage(FORMAT, "".join(HOSTILE.values()).encode(), name="t", times=150)
