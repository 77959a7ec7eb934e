"""Templates are compiled to quicker code that writes the same page."""

from jinja2 import DictLoader, Environment
from markupsafe import Markup, escape

from services.gateway.pages.folding import FoldingEnvironment, escaped

VALUES = ["plain", "<b>&'\"", Markup("<b>"), 7, 1.5, None, True, ["<"], Markup("<i>") + "<"]
TEMPLATE = """
{% macro shown(value) %}<b id="{{ value }}">{{ value }}{{ caller() if caller is defined }}</b>{% endmacro %}
{% for value in values %}{{ shown(value) }}{% call shown(value) %}<br>{{ value }}{% endcall %}{% endfor %}
{{ " <" ~ ("!" if values[2]) if values[3] == 7 }}{{ "!" if values[5] }}
{% set kept %}<p>{{ values[1] }}</p>{% endset %}{{ kept }}{{ values[1] ~ "<" }}{{ values[1]|safe }}
{% autoescape false %}{{ values[1] }}{% endautoescape %}
"""


def test_a_value_is_escaped_as_everywhere() -> None:
    for value in VALUES:
        assert escaped(value) == str(escape(value))


def test_a_template_writes_what_it_would_without_us() -> None:
    pages = [
        kind(loader=DictLoader({"page": TEMPLATE}), autoescape=True)
        .get_template("page")
        .render(values=VALUES)
        for kind in (Environment, FoldingEnvironment)
    ]
    assert pages[0] == pages[1]
    assert "<b>&amp;" not in pages[1]
