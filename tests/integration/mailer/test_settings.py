"""How mails leave: what the operator sets holds at once for every copy, and no password comes back."""

from datetime import timedelta
from typing import Any

import pytest

from shared.api.mailer import ChangeMailSettings, MailSettings
from shared.errors import ForbiddenError, InvalidError
from shared.web import Identity, ServiceClient
from tests.integration.mailer.conftest import (
    CLERK,
    CLERKS,
    ERIKA,
    OPERATOR,
    Mailer,
    MailServer,
    MakeMailer,
    known,
    listening,
    request,
)

PASSWORD = "s3:cr@t"


def change(**changes: Any) -> ChangeMailSettings:
    settings = {
        "host": "127.0.0.1",
        "port": 25,
        "security": "none",
        "sender": "neu@werbetex.example",
        "fallback": "",
        "copy_to_clerk": False,
        "way": "smtp",
        "request_delay_seconds": 0,
    }
    return ChangeMailSettings.model_validate(settings | changes)


async def save(client: ServiceClient, settings: ChangeMailSettings) -> MailSettings:
    return await client.post("/settings", settings, MailSettings, who=OPERATOR)


async def stored(client: ServiceClient) -> MailSettings:
    return await client.get("/settings", MailSettings, who=OPERATOR)


async def test_the_environment_holds_until_something_is_set(client: ServiceClient) -> None:
    settings = await stored(client)
    assert (settings.sender, settings.fallback) == ("portal@werbetex-nord.de", "buero@werbetex-nord.de")
    assert (settings.way, settings.has_password, settings.changed_at) == ("smtp", False, None)


@pytest.mark.parametrize("who", [CLERK, Identity(role="customer", customer_number="10023")])
async def test_settings_are_for_operators(client: ServiceClient, who: Identity) -> None:
    for method, path in (("GET", "/settings"), ("POST", "/settings"), ("POST", "/settings/test")):
        with pytest.raises(ForbiddenError):
            await client.call(method, path, who=who, body=change())


async def test_a_changed_server_gets_the_next_mail_of_every_copy(
    client: ServiceClient, mailer: Mailer, make_mailer: MakeMailer, mail_server: MailServer
) -> None:
    other = await make_mailer()
    await mailer.hear(*known(ERIKA), request())
    await other.compose()
    async with listening(MailServer()) as new_server:
        await save(client, change(port=new_server.port))
        await other.deliver()
        assert [mail.recipients for mail in new_server.mails] == [["erika@muster-ag.de"]]
        assert new_server.mails[0].sender == "neu@werbetex.example"
        assert "neu@werbetex.example" in new_server.mails[0].message["From"]
        assert mail_server.mails == []


async def test_a_kept_connection_is_left_when_the_server_changes(
    client: ServiceClient, mailer: Mailer, mail_server: MailServer
) -> None:
    await mailer.hear(*known(ERIKA), request())
    await mailer.compose()
    assert await mailer.turn("delivery") is True
    async with listening(MailServer()) as new_server:
        await save(client, change(port=new_server.port))
        await mailer.hear(request(title="Another"))
        await mailer.compose()
        await mailer.deliver()
        assert (len(mail_server.mails), len(new_server.mails)) == (1, 1)


async def test_what_a_wrong_server_held_up_goes_out_as_soon_as_it_is_mended(
    make_mailer: MakeMailer, client: ServiceClient, mail_server: MailServer
) -> None:
    mailer = await make_mailer(smtp_url="smtp://127.0.0.1:9")
    await mailer.hear(*known(ERIKA), request())
    await mailer.compose()
    await mailer.deliver()
    assert (await mailer.states())["erika@muster-ag.de"] == "queued"
    await save(client, change(port=mail_server.port))
    await mailer.deliver()
    assert (await mailer.states())["erika@muster-ag.de"] == "sent"


async def test_the_environment_can_be_taken_again(
    client: ServiceClient, mailer: Mailer, mail_server: MailServer
) -> None:
    await save(client, change(port=9))
    await client.call("POST", "/settings/reset", who=OPERATOR)
    assert (await stored(client)).changed_at is None
    await mailer.hear(*known(ERIKA), request())
    await mailer.compose()
    await mailer.deliver()
    assert mail_server.mails[0].sender == "portal@werbetex-nord.de"


async def test_who_changed_them_and_when_is_kept(client: ServiceClient) -> None:
    saved = await save(client, change())
    assert saved.changed_by == "Olaf"
    assert saved == await stored(client)


# The password


async def test_the_password_is_sealed_and_never_told(client: ServiceClient, mailer: Mailer) -> None:
    settings = change(username="portal", password=PASSWORD)
    saved = await save(client, settings)
    assert saved.has_password
    assert PASSWORD not in saved.model_dump_json()
    row = await mailer.pool.fetchval("SELECT mail_settings::text FROM mail_settings")
    assert PASSWORD not in row


async def test_without_a_new_one_the_password_stays(client: ServiceClient, mailer: Mailer) -> None:
    await save(client, change(username="portal", password=PASSWORD))
    saved = await save(client, change(username="portal", sender="other@werbetex.example"))
    assert saved.has_password


@pytest.mark.parametrize("other", [{"host": "mail.evil.example"}, {"port": 587}, {"username": "root"}])
async def test_a_kept_password_never_goes_to_another_server_or_user(
    client: ServiceClient, other: dict[str, Any]
) -> None:
    await save(client, change(username="portal", password=PASSWORD))
    with pytest.raises(InvalidError) as caught:
        await save(client, change(**({"username": "portal"} | other)))
    assert caught.value.fields == {"password": "password_again"}
    assert (await stored(client)).host == "127.0.0.1"


async def test_without_a_user_there_is_no_password(client: ServiceClient) -> None:
    await save(client, change(username="portal", password=PASSWORD))
    assert not (await save(client, change())).has_password


async def test_a_password_of_another_secret_is_asked_for_again_and_mails_wait(
    client: ServiceClient, make_mailer: MakeMailer
) -> None:
    await save(client, change(username="portal", password=PASSWORD))
    other = await make_mailer(internal_secret="another secret")
    await other.hear(*known(ERIKA), request())
    await other.compose()
    await other.deliver()
    assert (await other.states())["erika@muster-ag.de"] == "queued"


# What cannot work


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"host": " "}, {"host": "missing"}),
        ({"host": "smtp://mail.example.de"}, {"host": "malformed"}),
        ({"host": "mail example.de"}, {"host": "malformed"}),
        ({"host": "mail..example.de"}, {"host": "malformed"}),
        ({"port": 0}, {"port": "malformed"}),
        ({"port": 70000}, {"port": "malformed"}),
        ({"sender": ""}, {"sender": "missing"}),
        ({"sender": "portal"}, {"sender": "malformed"}),
        ({"sender": "portal@-.ä.de"}, {"sender": "malformed"}),
        ({"fallback": "a@b.de\r\nBcc: c@d.de"}, {"fallback": "malformed"}),
        ({"request_delay_seconds": 3601}, {"request_delay_seconds": "malformed"}),
        ({"username": "portal"}, {"password": "password_again"}),
    ],
)
async def test_settings_that_cannot_work_are_not_kept(
    client: ServiceClient, changes: dict[str, Any], fields: dict[str, str]
) -> None:
    with pytest.raises(InvalidError) as caught:
        await save(client, change(**changes))
    assert caught.value.fields == fields
    assert (await stored(client)).changed_at is None


async def test_the_delay_and_the_copy_are_settings_too(client: ServiceClient, mailer: Mailer) -> None:
    await save(client, change(request_delay_seconds=600))
    await mailer.hear(CLERKS, *known(ERIKA), request())
    left = await mailer.turn("composing")
    assert left > timedelta(minutes=9)
    await save(client, change(copy_to_clerk=True))
    await mailer.compose()
    assert "s.berger@werbetex-nord.de" in await mailer.states()
