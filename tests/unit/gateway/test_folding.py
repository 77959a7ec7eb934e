"""Templates are compiled to quicker code that writes the same page."""

from types import SimpleNamespace

from jinja2 import DictLoader, Environment
from markupsafe import Markup, escape

from services.gateway.pages.folding import FoldingEnvironment, escaped

VALUES = ["plain", "<b>&'\"", Markup("<b>"), 7, 1.5, None, True, ["<"], Markup("<i>") + "<"]
PERSON = SimpleNamespace(name="Ina <3", friend=SimpleNamespace(name="Bo"))
FIELDS = {"name": "Key", "of": {"name": "a key of a key"}}
TEMPLATE = """
{% macro shown(value) %}<b id="{{ value }}">{{ value }}{{ caller() if caller is defined }}</b>{% endmacro %}
{% for value in values %}{{ shown(value) }}{% call shown(value) %}<br>{{ value }}{% endcall %}{% endfor %}
{{ " <" ~ ("!" if values[2]) if values[3] == 7 }}{{ "!" if values[5] }}
{% set kept %}<p>{{ values[1] }}</p>{% endset %}{{ kept }}{{ values[1] ~ "<" }}{{ values[1]|safe }}
{{ person.name.upper() }}{{ person.name|length }}{{ fields.name }}{{ fields.items()|length }}
{{ fields.none|default("none") }}{{ person.none|default("none") }}{{ person.friend.name }}{{ fields.of.name }}
{{ [person, fields]|map(attribute="name")|join }}
{% for one in [person, fields] if one.name %}{{ one.name }}{% endfor %}
{% autoescape false %}{{ values[1] }}{% endautoescape %}
"""


def test_a_value_is_escaped_as_everywhere() -> None:
    for value in VALUES:
        assert escaped(value) == str(escape(value))


def test_a_template_writes_what_it_would_without_us() -> None:
    pages = [
        kind(loader=DictLoader({"page": TEMPLATE}), autoescape=True)
        .get_template("page")
        .render(values=VALUES, person=PERSON, fields=FIELDS)
        for kind in (Environment, FoldingEnvironment)
    ]
    assert pages[0] == pages[1]
    assert "<b>&amp;" not in pages[1]
