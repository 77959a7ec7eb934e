"""The operator's own words: tried, saved, kept as versions, taken back, and used by the next mail."""

from dataclasses import asdict
from typing import Any

import pytest

from services.mailer.composing import TEMPLATE_NAMES, shipped
from shared.api.mailer import Preview, SavedWords, Template, TemplateRows, TryWords, Words
from shared.errors import ForbiddenError, NotFoundError
from shared.web import ServiceClient
from tests.integration.mailer.conftest import CLERK, ERIKA, OPERATOR, Mailer, MailServer, known, request

PATH = "/templates/approval_requested/de"
OWN = Words(
    subject="Neues Muster zu {{ order_number }}",
    opening="Moin {{ name }},\n\nschauen Sie **bitte** mal drüber.",
    button="Ansehen",
    closing="",
)


async def save(client: ServiceClient, words: Words = OWN, path: str = PATH) -> SavedWords:
    return await client.post(path, words, SavedWords, who=OPERATOR)


async def stored(client: ServiceClient, path: str = PATH) -> Template:
    return await client.get(path, Template, who=OPERATOR)


async def test_the_four_that_people_know_come_first_under_their_titles(client: ServiceClient) -> None:
    rows = (await client.get("/templates", TemplateRows, who=OPERATOR)).rows
    german = [row.title for row in rows if row.locale == "de"]
    assert german[:4] == [
        "Registrierung Partner-Cockpit",
        "Passwort zurückgesetzt",
        "Freigabe Anforderung zum Auftrag",
        "Freigabebestätigung zum Auftrag",
    ]
    assert len(rows) == 2 * len(TEMPLATE_NAMES)
    assert not any(row.is_own for row in rows)


async def test_titles_are_in_the_language_of_who_asks(client: ServiceClient) -> None:
    english = OPERATOR.model_copy(update={"locale": "en"})
    rows = (await client.get("/templates", TemplateRows, who=english)).rows
    assert rows[0].title == rows[1].title == "Registration Partner-Cockpit"


async def test_saved_words_hold_for_the_next_mail_in_that_language(
    client: ServiceClient, mailer: Mailer, mail_server: MailServer
) -> None:
    assert (await save(client)).problems == ()
    await mailer.hear(*known(ERIKA), request())
    await mailer.compose()
    await mailer.deliver()
    mail = mail_server.to("erika@muster-ag.de")
    assert mail.message["Subject"] == "Neues Muster zu 2026-1042"
    assert "Moin Erika Muster,\n\nschauen Sie bitte mal drüber." in mail.text
    assert "<strong>bitte</strong>" in mail.html
    assert "T-Shirt Front" in mail.html, "the proof stays where it was"
    assert not (await stored(client, "/templates/approval_requested/en")).is_own


async def test_what_is_kept_says_who_and_when(client: ServiceClient) -> None:
    await save(client)
    template = await stored(client)
    assert (template.is_own, template.changed_by) == (True, "Olaf")
    assert template.words == OWN
    assert template.shipped == Words(**asdict(shipped()["approval_requested", "de"].words))


async def test_each_saving_is_a_version_and_the_same_words_again_are_none(client: ServiceClient) -> None:
    await save(client)
    await save(client)
    await save(client, OWN.model_copy(update={"closing": "Danke."}))
    history = (await stored(client)).history
    assert [one.words.closing if one.words else None for one in history] == ["Danke.", ""]


async def test_the_shipped_words_hold_again_and_the_own_ones_stay_in_the_history(
    client: ServiceClient, mailer: Mailer
) -> None:
    await save(client)
    await client.call("POST", f"{PATH}/reset", who=OPERATOR)
    await client.call("POST", f"{PATH}/reset", who=OPERATOR)
    template = await stored(client)
    assert not template.is_own
    assert template.words == template.shipped
    assert [one.words for one in template.history] == [None, OWN]
    await mailer.hear(*known(ERIKA), request())
    await mailer.compose()
    assert "Bitte geben Sie" in await mailer.pool.fetchval("SELECT subject FROM mail")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"subject": ""}, ("subject", "empty", 0, "")),
        ({"button": ""}, ("button", "empty", 0, "")),
        ({"opening": "Hallo\n{{ nmae }}"}, ("opening", "unknown_field", 2, "nmae")),
        ({"closing": "{% if name %}"}, ("closing", "syntax", 1, "")),
        ({"opening": "{% for x in range(10**9) %}x{% endfor %}"}, ("opening", "not_allowed", 1, "for")),
        ({"subject": "x" * 301}, ("subject", "too_long", 0, "")),
    ],
)
async def test_words_that_cannot_be_used_are_not_saved(
    client: ServiceClient, changes: dict[str, Any], problem: tuple[str, str, int, str]
) -> None:
    saved = await save(client, OWN.model_copy(update=changes))
    assert [(one.part, one.fault, one.line, one.name) for one in saved.problems] == [problem]
    assert not (await stored(client)).is_own


async def test_words_that_an_update_made_unusable_are_passed_over_and_shown(
    client: ServiceClient, mailer: Mailer
) -> None:
    await mailer.pool.execute(
        "INSERT INTO words_version (template, locale, subject, opening, button, closing, saved_at, saved_by)"
        " VALUES ('approval_requested', 'de', 'x', '{{ gone }}', 'x', '', now(), 'Olaf')"
    )
    template = await stored(client)
    assert [(one.fault, one.name) for one in template.problems] == [("unknown_field", "gone")]
    assert not template.is_usable
    await mailer.hear(*known(ERIKA), request())
    await mailer.compose()
    assert "Bitte geben Sie" in await mailer.pool.fetchval("SELECT subject FROM mail")


async def test_a_preview_shows_each_case_on_sample_data(client: ServiceClient) -> None:
    template = await stored(client)
    assert template.cases == ("one", "several", "invited")
    subjects = []
    for case in template.cases:
        body = TryWords(words=template.words, case=case)
        preview = await client.post(f"{PATH}/preview", body, Preview, who=OPERATOR)
        subjects.append(preview.subject)
        assert "Erika Muster" in preview.text
        assert preview.html.startswith("<!DOCTYPE html>")
        assert "the-token" not in preview.html
    assert subjects[1] == "Auftrag 2026-1042: Bitte geben Sie 2 Freigabemuster frei"


async def test_a_preview_of_words_that_cannot_be_used_says_why(client: ServiceClient) -> None:
    body = TryWords(words=OWN.model_copy(update={"opening": "{{ nmae }}"}))
    preview = await client.post(f"{PATH}/preview", body, Preview, who=OPERATOR)
    assert (preview.subject, preview.html) == ("", "")
    assert preview.problems[0].name == "nmae"


async def test_the_fields_of_a_mail_are_listed_with_an_example(client: ServiceClient) -> None:
    fields = {field.name: field.example for field in (await stored(client)).fields}
    assert fields["order_number"] == "2026-1042"
    assert fields["name"] == "Erika Muster"


async def test_the_operator_sends_himself_a_sample(
    client: ServiceClient, mailer: Mailer, mail_server: MailServer
) -> None:
    body = TryWords(words=OWN)
    assert (await client.post(f"{PATH}/test", body, SavedWords, who=OPERATOR)).problems == ()
    await mailer.deliver()
    [mail] = mail_server.mails
    assert mail.recipients == ["olaf@werbetex-nord.de"]
    assert mail.message["Subject"] == "Neues Muster zu 2026-1042"
    assert not (await stored(client)).is_own


@pytest.mark.parametrize("path", ["/templates/nothing/de", "/templates/approval_requested/fr"])
async def test_there_are_no_others(client: ServiceClient, path: str) -> None:
    with pytest.raises(NotFoundError):
        await stored(client, path)
    with pytest.raises(NotFoundError):
        await save(client, path=path)


async def test_words_are_for_operators(client: ServiceClient) -> None:
    body = TryWords(words=OWN)
    for method, path in (
        ("GET", "/templates"),
        ("GET", PATH),
        ("POST", PATH),
        ("POST", f"{PATH}/reset"),
        ("POST", f"{PATH}/preview"),
        ("POST", f"{PATH}/test"),
    ):
        with pytest.raises(ForbiddenError):
            await client.call(method, path, who=CLERK, body=body if method == "POST" else None)
