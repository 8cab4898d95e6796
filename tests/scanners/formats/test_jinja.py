"""Chat templates: what honest ones look up, and every way to hide a name."""

import json
import time

import pytest

from aibom.scanners import kits
from aibom.scanners.facts import TemplateUse
from aibom.scanners.format import Match
from aibom.scanners.formats.jinja import FORMAT, MAX_TEXT
from aibom.scanners.formats.json_text import FORMAT as JSON
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
    "counting": """{% set n = namespace(at=0, name='') %}{% set i = 0 %}{% for m in messages %}
        {% set i = i + 1 %}{% set n.at = n.at + 1 %}{% set n.name = m.role %}{{ messages[i] }}
        {{ messages[n.at - 1] }}{{ '<__media__>' }}{{ messages[(i + 1) % 2] }}{{ d[n.name] }}
        {% if m.role == '__system__' %}{{ audio.format }}{% endif %}{% endfor %}""",
    "names": """{% set names = {'user': 'User', 'assistant': 'Bot'} %}{% set kept = ['a', 'b'] %}
        {% set role = 'user' if m.role == 'human' else m.role %}{{ names[role] }}
        {% for key in kept %}{{ m[key] }}{% endfor %}{% do kept.append('c') %}
        {{ names[m.get('role', 'user')] }}{{ m[kept[0]] }}{{ names[role | trim | lower] }}
        {% for key, value in names.items() %}{{ m[key] }}{{ key ~ ': ' ~ value }}{% endfor %}""",
    "macros": """{% macro rest(fields, handled) %}{% for key in fields if key not in handled %}
        {{ '<' ~ key ~ '>' ~ fields[key] | tojson }}{% endfor %}{% endmacro %}
        {% set c = c.split('</t>')[-1] %}{{ rest(tool.parameters, ['type', 'name']) }}""",
    "fields": """{{ messages | selectattr('role', 'equalto', 'user') | list | length }}
        {{ messages | map(attribute='content') | join('\n') }}{{ tools | sort(attribute='name') }}
        {% set key = 'content' %}{{ messages[0][key] }}{{ d[message.role | lower] }}""",
    "tokens": """{{ bos_token + messages[0].content }}{% set all = messages[1:] + tools %}
        {% for m in all %}{{ roles[m.role] }}{{ colours[loop.cycle('red', 'blue')] }}
        {{ messages[loop.index0 + 1] }}{{ messages[loop.index + loop.length - 1] }}
        {{ eos_token if m.content.startswith('a') }}{% endfor %}
        {% for m in messages | reverse %}{{ roles[m.role] }}the file __init__.py{% endfor %}""",
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
    "mapped-filter": "{{ [x] | map('attr', '__class__') | list }}",
    "mapped-chosen-filter": "{{ [x] | map(f, '__cla' ~ 'ss__') | list }}",
    "mapped-mapping": "{{ [x] | map(**{'attribute': y}) | list }}",
    "filter-keyword": "{{ x | attr(name='__cla' ~ 'ss__') }}",
    "filter-star": "{{ x | attr(*[y]) }}",
    "summed": "{{ [x] | sum('__cla' ~ 'ss__') }}",
    "sorted": "{{ [x] | sort(false, false, 'a,__class__') }}",
    "namespace": "{% set n = namespace() %}{% set n.k = '__cla' ~ 'ss__' %}{{ x[n.k] }}",
    "namespace-start": "{% set n = namespace(k='__cla' ~ 'ss__') %}{{ x[n.k] }}",
    "namespace-alias": "{% set n = namespace() %}{% set m = n %}{% set m.k = p ~ q %}{{ x[n.k] }}",
    "loop": "{% for k in ['__cla' ~ 'ss__'] %}{{ x[k] }}{% endfor %}",
    "loop-split": "{% for k in '-ssalc-'.split(y) %}{{ x[k] }}{% endfor %}",
    "unpacked": "{% set a, b = '__cla' ~ 'ss__', 1 %}{{ x[a] }}",
    "unpacked-value": "{% set a, b = 'c-d'.split('-') %}{{ x[a] }}",
    "with": "{% with k = '__cla' ~ 'ss__' %}{{ x[k] }}{% endwith %}",
    "block": "{% set k %}__class__{% endset %}{{ x[k] }}",
    "block-parts": "{% set k %}__cla{{ 'ss__' }}{% endset %}{{ x[k] }}",
    "block-filter": "{% set k | reverse %}__ssalc__{% endset %}{{ x[k] }}",
    "block-choice": "{% set k %}{% if y %}a{% endif %}{% endset %}{{ x[k] }}",
    "macro-argument": "{% macro g(o, k) %}{{ o[k] }}{% endmacro %}{{ g(x, '__cla' ~ 'ss__') }}",
    "macro-keyword": "{% macro g(k) %}{{ x[k] }}{% endmacro %}{{ g(k='__cla' ~ 'ss__') }}",
    "macro-default": "{% macro g(k='__cla' ~ 'ss__') %}{{ x[k] }}{% endmacro %}{{ g() }}",
    "macro-more": "{% macro g() %}{{ x[varargs[0]] }}{% endmacro %}{{ g('__cla' ~ 'ss__') }}",
    "macro-alias": "{% macro g(k) %}{{ x[k] }}{% endmacro %}{% set h = g %}{{ h('__c' ~ 's__') }}",
    "macro-text": "{% macro g() %}__cl{% endmacro %}{{ x[g()] }}",
    "caller": "{% macro m() %}{{ caller('__cla' ~ 's__') }}{% endmacro %}"
    "{% call(k) m() %}{{ x[k] }}{% endcall %}",
    "appended": "{% set l = [] %}{% do l.append('__cla' ~ 'ss__') %}{{ x[l[0]] }}",
    "two-values": "{% set a = 'x' %}{% set a = '__cla' %}{{ y[a ~ 'ss__'] }}",
    "one-value-unknown": "{% set a = 'x' %}{% if y %}{% set a = p ~ q %}{% endif %}{{ o[a] }}",
    "format-bound": "{% set f = '{0.__class__}'.format %}{{ f(x) }}",
    "format-filter": "{{ ('{0.__class__}' | attr('format'))(x) }}",
    "keyword": "{{ x[dict(__class__=1) | join] }}",
    "keywords": "{{ x[dict(__cla=1, ss__=2) | join] }}",
    "fallback": "{{ x[y | default('__cla' ~ 'ss__')] }}",
    "alternative": "{{ x[y or '__cla' ~ 'ss__'] }}",
    "cycled": "{{ x[cycler('__cla' ~ 'ss__').current] }}",
    "one-letter": "{{ x['_x'[0] ~ '_class__'] }}",
    "method": "{{ x['__clXss__'.replace('X', 'a')] }}",
    "echoed": "{{ x[strftime_now('-ssalc-')] }}",
    "long": "{{ x['" + "y" * 2_000 + "'] }}",
    "deep": "{{ x[" + "+".join(["y"] * 100) + "+ 'z'] }}",
    "many": "{% for k in [" + ",".join(f"'{n}'" for n in range(300)) + "] %}{{ x[k] }}{% endfor %}",
    "text": "{{ f('__class__ __base__') }}",
    "special-token": "{{ ''[bos_token] }}",
    "special-token-elsewhere": "{% set a = eos_token %}{{ ''[a] }}",
    "special-token-kept": "{% set unk_token = unk_token or 'a' %}{{ ''[unk_token] }}",
    "special-token-listed": "{{ ''[additional_special_tokens[0]] }}",
    "special-token-of-model": "{{ ''[image_token] }}",
    "special-token-format": "{{ pad_token.format(x) }}",
    "given-replaced": "{{ ''[y.replace(y, '__cla' ~ 'ss__')] }}",
    "given-token-replaced": "{{ ''[bos_token.replace(bos_token, '__cla' ~ 'ss__')] }}",
    "given-joins": "{{ ''[y[:0].join(['__cla', 'ss__'])] }}",
    "given-formats": "{{ ''[y.format('__cla', 'ss__')] }}",
    "given-method-held": "{% set f = y.format %}{{ ''[f('__cla', 'ss__')] }}",
    "given-letters": "{% set s = lipsum | string %}{{ ''[[s[1], s[2]] | join] }}",
    "given-letters-list": "{% set s = lipsum | string | list %}{{ ''[s[1:3] | join] }}",
    "given-letters-added": "{% set s = lipsum | string %}{{ ''[s[1] + s[2]] }}",
    "given-letters-replaced": "{% set s = lipsum | string %}{{ ''[s.replace(s[1], s[2])] }}",
    "given-slice": "{{ ''[(lipsum | string)[1:9]] }}",
    "given-reversed": "{{ ''[y | reverse] }}",
    "loop-cycle": "{% for a in b %}{{ ''[loop.cycle('__cla' ~ 'ss__', '')] }}{% endfor %}",
    "loop-recursive": "{% for a in b recursive %}_{{ ''[loop(a)] }}{% endfor %}",
    "own-block": "{% block a %}__cla{% endblock %}{{ ''[self.a()] }}",
    "own-block-text": "{% block a %} __class__ {% endblock %}",
    "own-block-number": "{% block count %}__cla{% endblock %}{{ ''[self.count()] }}",
    "own-block-alias": "{% set s = self %}{% set f = s.a %}{{ ''[f()] }}",
    "own-block-field": "{% set n = namespace() %}{% set n.count = self.a %}{{ ''[n.count()] }}",
    "super": "{% block a %}{{ ''[super()] }}{% endblock %}",
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


@pytest.mark.parametrize(
    "document",
    [
        {"bos_token": "__class__"},
        {"extra_special_tokens": {"x": "__class__"}},
        {"eos_token": {"content": " __CLASS__ "}},
        {"additional_special_tokens": ["a", "__class__"]},
    ],
    ids=["token", "own name", "object", "list"],
)
def test_flags_special_tokens_that_are_internal_names(document: dict[str, object]) -> None:
    text = json.dumps({**document, "chat_template": "{{ ''[x] }}"}).encode()
    uses = [f for f in read(JSON, text, "tokenizer_config.json") if isinstance(f, TemplateUse)]
    judged = {found.rule for use in uses for rule in RULES for found in rule.judge(use, ("t",))}
    assert judged == {"template-runs-code"}


def test_states_the_names_that_a_key_may_be() -> None:
    text = b"{% set k = 'a' %}{% if y is z %}{% set k = 'b' %}{% endif %}{{ x[k] }}"
    items = [use.name for use in facts(FORMAT, text, TemplateUse, "t") if use.kind == "item"]
    assert items == ["a", "b"]


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
    "text",
    [
        b"{{ " + b"-" * 50_000 + b"1 }}",
        b"{{ " + b"not " * 50_000 + b"1 }}",
        b"=a" + b"{{" * 47 + b"=a{{",  # found by fuzzing
    ],
)
def test_what_nests_too_deeply_for_the_parser_is_refused(text: bytes) -> None:
    with pytest.raises((Exceeded, Malformed)):
        read(FORMAT, text, "t")


def test_long_sums_are_read() -> None:
    assert findings("{{ x" + " + 1" * 2_000 + " }}") == set()


@pytest.mark.parametrize(
    "text",
    [
        "{% set a = a ~ a ~ a ~ a ~ a %}{{ x[a] }}",
        "".join(f"{{% set a{n} = a{n + 1} ~ a{n + 1} %}}" for n in range(9_000)) + "{{ x[a0] }}",
        "{% set a0 = 'x' %}"
        + "".join(f"{{% set a{n + 1} = a{n} ~ a{n} %}}" for n in range(9_000))
        + "{{ x[a9000] }}",
        "{% macro m("
        + ",".join(f"a{n}" for n in range(3_000))
        + ") %}{% endmacro %}{% set n = m %}"
        + "{{ n('a', 'b') }}" * 3_000
        + "{{ x[p ~ q] }}",
        "{% set a = ["
        + ",".join(f"'{n}'" for n in range(190))
        + "] %}"
        + "{% set b = a %}{% set a = b %}" * 3_000
        + "{{ x[p ~ q] }}",
    ],
    ids=["itself", "backwards", "doubling", "macros", "mirrors"],
)
def test_variables_that_hang_on_one_another_end_soon(text: str) -> None:
    start = time.process_time()
    assert "template-computes-names" in findings(text)
    assert time.process_time() - start < 10


@pytest.mark.parametrize("count", [60, 500])
@pytest.mark.parametrize(
    ("start", "step"),
    [("'a'", "|f"), ("'a'", ".f()"), ("['a']", "|join"), ("'a'", "|f.g()"), ("b", "|f(x)|join(y)")],
)
def test_chains_are_worked_out_once(start: str, step: str, count: int) -> None:
    begun = time.process_time()
    assert "template-computes-names" in findings("{{ m[" + start + step * count + "] }}")
    assert time.process_time() - begun < 5


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
