"""The small language of an operator's words: what it can, what it refuses, and that nothing in it hangs."""

import pytest

from services.mailer.words import LONGEST, Problem, Value, Words, WordsError, check, fill

VALUES: dict[str, Value] = {"name": "Erika", "count": 2, "flag": False, "decision": "approved", "empty": ""}


def words(opening: str, *, subject: str = "Betreff", button: str = "Los", closing: str = "") -> Words:
    return Words(subject, opening, button, closing)


def text_of(opening: str, **values: str | int) -> str:
    return fill(words(opening), VALUES | values).opening


def html_of(opening: str, **values: str | int) -> str:
    return fill(words(opening), VALUES | values).opening_html


@pytest.mark.parametrize(
    ("source", "filled"),
    [
        ("Hallo {{ name }}", "Hallo Erika"),
        ("{% if count == 1 %}eins{% else %}{{ count }}{% endif %}", "2"),
        ("{% if decision != 'approved' %}nein{% elif not flag and name %}ja{% endif %}", "ja"),
        ("Hallo{% if empty %} {{ empty }}{% endif %},", "Hallo,"),
        ("a\n{% if flag %}\nweg\n{% endif %}\nb", "a\nb"),
        ("a\n\n\n\nb", "a\n\nb"),
    ],
)
def test_fields_and_conditions(source: str, filled: str) -> None:
    assert check(words(source), VALUES, has_link=True) == ()
    assert text_of(source) == filled


def test_paragraphs_lines_bold_and_addresses() -> None:
    source = "Eins **fett**\nZwei\n\nSiehe https://werbetex.de/a?b=1&c=2."
    assert text_of(source) == "Eins fett\nZwei\n\nSiehe https://werbetex.de/a?b=1&c=2."
    assert html_of(source) == (
        "<p>Eins <strong>fett</strong><br>Zwei</p>\n"
        '<p>Siehe <a href="https://werbetex.de/a?b=1&amp;c=2">https://werbetex.de/a?b=1&amp;c=2</a>.</p>'
    )


@pytest.mark.parametrize(
    "value", ["**fett**", "https://evil.example", "<b>x</b>", '"><script>', "{{ name }}", "\ue000name\ue001"]
)
def test_what_stands_in_a_field_is_never_markup(value: str) -> None:
    html = html_of("{{ name }}", name=value)
    assert not any(tag in html for tag in ("<strong>", "<a ", "<b>", "<script>", "Erika"))
    assert text_of("{{ name }}", name=value) == value


def test_a_field_inside_of_an_address_cannot_break_out_of_it() -> None:
    html = html_of("https://werbetex.de/{{ name }}", name='"><script>')
    assert "<script>" not in html
    assert '"https://werbetex.de/&quot;&gt;&lt;script&gt;"' in html


def test_html_of_the_operator_is_text() -> None:
    assert html_of("<b>x</b>") == "<p>&lt;b&gt;x&lt;/b&gt;</p>"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{{ custmer }}", Problem("opening", "unknown_field", 1, "custmer")),
        ("eins\nzwei {{ custmer }}", Problem("opening", "unknown_field", 2, "custmer")),
        ("{% if custmer %}x{% endif %}", Problem("opening", "unknown_field", 1, "custmer")),
        ("a\n{{ name", Problem("opening", "syntax", 2)),
        ("{% if name %}", Problem("opening", "syntax", 1)),
        ("{% if %}x{% endif %}", Problem("opening", "syntax", 1)),
        ("{% nonsense %}", Problem("opening", "syntax", 1)),
        ("", Problem("opening", "empty")),
        ("x" * (LONGEST["opening"] + 1), Problem("opening", "too_long")),
    ],
)
def test_faults_are_named_with_their_line(source: str, problem: Problem) -> None:
    assert check(words(source), VALUES, has_link=True) == (problem,)
    if problem.fault in ("unknown_field", "syntax"):
        with pytest.raises(WordsError):
            text_of(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ 9**9**9 }}",
        "{{ 'a' * 999999999 }}",
        "{{ range(999999999) }}",
        "{% for one in range(999999999) %}x{% endfor %}",
        "{{ name|upper }}",
        "{{ name.__class__ }}",
        "{{ name['a'] }}",
        "{{ cycler() }}",
        "{% set name = 'x' %}",
        "{% include 'mail.html' %}",
        "{% extends 'mail.html' %}",
        "{% macro a() %}{{ a() }}{% endmacro %}",
        "{% block a %}{{ self.a() }}{% endblock %}",
        "{% if name in 'Erika' %}x{% endif %}",
        "{% if count > 'x' %}x{% endif %}",
        "{{ name ~ name }}",
        "{{ [name] }}",
        "{% if name is defined %}x{% endif %}",
        "{% if flag %}" * 40 + "{% endif %}" * 40,
    ],
)
def test_whatever_else_jinja_can_is_refused_before_it_runs(source: str) -> None:
    [problem] = check(words(source), VALUES, has_link=True)
    assert problem.fault == "not_allowed"
    with pytest.raises(WordsError):
        text_of(source)


@pytest.mark.parametrize(
    "source",
    ["{{ " + "(" * 2000 + "name" + ")" * 2000 + " }}", "{% if " + "not " * 1100 + "name %}x{% endif %}"],
)
def test_what_is_nested_without_end_is_refused(source: str) -> None:
    [problem] = check(words(source), VALUES, has_link=True)
    assert problem.fault in ("not_allowed", "syntax")


def test_the_largest_mail_that_can_be_written_stays_small() -> None:
    source = "{{ name }}" * (LONGEST["opening"] // 10)
    assert check(words(source), VALUES, has_link=True) == ()
    assert len(text_of(source, name="x" * 200)) == 200 * (LONGEST["opening"] // 10)


def test_subject_and_button_have_one_line() -> None:
    cleaned = words("x", subject="a\n {% if name %}b{% endif %}", button="c\r\nd").cleaned()
    assert (cleaned.subject, cleaned.button) == ("a {% if name %}b{% endif %}", "c d")


def test_a_mail_with_a_link_needs_a_button_and_the_others_do_not() -> None:
    assert check(words("x", button=""), VALUES, has_link=True) == (Problem("button", "empty"),)
    assert check(words("x", button=""), VALUES, has_link=False) == ()


def test_what_a_browser_sends_is_cleaned() -> None:
    cleaned = words("a\r\nb\x00\ue000\n").cleaned()
    assert cleaned.opening == "a\nb"
