"""What a mail looks like on the wire, and how the server is named."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.mailer.delivery import Envelope, UndeliverableError, put_in_envelope, write_draft
from services.mailer.model.mails import TOKEN_PLACE, Attachment, Content, Mail, Picture, mail_id_of
from services.mailer.model.recipients import Mailbox
from services.mailer.model.settings import SmtpServer, parse_smtp_url
from services.mailer.settings import MailerSettings

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PORTAL = Mailbox("Werbetex Nord GmbH", "portal@werbetex-nord.de")
SABINE = Mailbox("Sabine Berger", "s.berger@werbetex-nord.de")
MAIL = Mail(
    mail_id=mail_id_of("cause", "erika@muster-ag.de"),
    cause="cause",
    recipient="erika@muster-ag.de",
    template="approval_requested",
    version_ids=(),
    shown_from=SABINE,
    shown_to=(Mailbox("Erika Müller, Muster AG", "erika@muster-ag.de"),),
    reply_to=SABINE,
    content=Content(
        "Auftrag 2026-1042: Bitte geben Sie das Freigabemuster „Größe XL“ frei",
        "Guten Tag,\nschöne Grüße\n",
        "<p>Guten Tag</p>",
        (Picture("proof-1", "a" * 64, "image/jpeg"),),
        (Attachment("b" * 64, "Freigabeprotokoll Größe.pdf", "application/pdf"),),
    ),
    queued_at=NOW,
    due_at=NOW,
    clerk_code="SB",
)
FILES = {"a" * 64: b"picture", "b" * 64: b"%PDF"}


def parse(envelope: Envelope) -> EmailMessage:
    message = email.message_from_bytes(envelope.message, policy=email.policy.SMTPUTF8)
    assert isinstance(message, EmailMessage)
    return message


def put(mail: Mail) -> EmailMessage:
    return parse(put_in_envelope(mail, FILES, portal=PORTAL))


def test_a_mail_has_text_html_picture_and_attachment_in_the_usual_order() -> None:
    types = [part.get_content_type() for part in put(MAIL).walk()]
    assert types == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/jpeg",
        "application/pdf",
    ]


def test_any_server_can_carry_it_since_it_is_plain_ascii_with_short_lines() -> None:
    wire = put_in_envelope(MAIL, FILES, portal=PORTAL).message
    assert wire.isascii()
    assert max(map(len, wire.split(b"\r\n"))) <= 998
    assert b"\n" not in wire.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "hidden",
    ["=?utf-8?q?x=0D=0ABcc=3A_evil=40example.com?=", "=?utf-8?b?eA0KQmNjOiBldmlsQGV4YW1wbGUuY29tDQoNCg==?="],
)
def test_line_ends_hidden_in_encoded_words_begin_no_header(hidden: str) -> None:
    """As a customer's name, an order's number or a title may hold them."""
    mail = replace(
        MAIL,
        shown_from=replace(SABINE, name=hidden),
        shown_to=(Mailbox(hidden, MAIL.recipient),),
        reply_to=replace(SABINE, name=hidden),
        content=replace(
            MAIL.content, subject=hidden, attachments=(Attachment("b" * 64, hidden, "application/pdf"),)
        ),
    )
    wire = put_in_envelope(mail, FILES, portal=PORTAL).message
    assert b"\nBcc" not in wire
    assert [name for name, _ in email.message_from_bytes(wire).items()] == [
        name for name, _ in put(MAIL).items()
    ]


def test_an_address_with_an_encoded_word_is_none() -> None:
    mail = replace(MAIL, recipient="=?utf-8?q?a=0D=0ABcc=3A_evil?=@muster-ag.de")
    with pytest.raises(UndeliverableError):
        put(mail)


def test_umlauts_arrive() -> None:
    message = put(MAIL)
    assert "„Größe XL“" in message["Subject"]
    assert message["To"].addresses[0].display_name == "Erika Müller Muster AG"
    assert [part.get_filename() for part in message.iter_attachments()] == ["Freigabeprotokoll Größe.pdf"]


def test_the_message_id_and_the_date_come_from_the_row() -> None:
    one, two = put(MAIL), put(replace(MAIL, attempts=3))
    assert one["Message-ID"] == two["Message-ID"] == f"<{MAIL.mail_id}@werbetex-nord.de>"
    assert one["Date"] == two["Date"]


def test_a_mended_sender_counts_for_what_is_queued_and_leaves_the_message_id() -> None:
    mail = replace(MAIL, shown_from=Mailbox("Max (Werbetex)", ""), message_domain="werbetex-nord.de")
    mended = parse(put_in_envelope(mail, FILES, portal=Mailbox("Werbetex", "neu@werbetex.example")))
    assert mended["From"] == "Max Werbetex <neu@werbetex.example>"
    assert mended["Message-ID"] == put(mail)["Message-ID"]


def test_a_clerk_of_another_domain_is_sent_for_by_the_portal() -> None:
    message = put(replace(MAIL, shown_from=Mailbox("Sabine", "sabine@elsewhere.de")))
    assert message["Sender"].addresses[0].addr_spec == PORTAL.address
    assert put(MAIL)["Sender"] is None


def test_bounces_go_to_the_portal_and_its_own_mails_ask_for_no_answers_of_absent_people() -> None:
    assert put_in_envelope(MAIL, FILES, portal=PORTAL).sender == PORTAL.address
    own = put(replace(MAIL, shown_from=Mailbox(PORTAL.name, ""), clerk_code=""))
    assert own["Auto-Submitted"] == "auto-generated"
    assert own["From"] == "Werbetex Nord GmbH <portal@werbetex-nord.de>"
    assert put(MAIL)["Auto-Submitted"] is None


def test_the_token_of_a_link_stands_only_on_the_wire() -> None:
    link = f"https://portal.example.de/register/{TOKEN_PLACE}"
    mail = replace(MAIL, content=Content("Zugang", link, f'<a href="{link}">{link}</a>'))
    wire = put_in_envelope(mail, {}, portal=PORTAL, token="t" * 43)
    for kind in ("plain", "html"):
        body = parse(wire).get_body((kind,))
        assert body is not None
        assert f"/register/{'t' * 43}" in body.get_content()
        assert TOKEN_PLACE not in body.get_content()
    assert "t" * 43 not in repr(mail)


def test_nobody_slips_a_header_in() -> None:
    evil = "x\r\nBcc: victim@example.de\r\n\r\nbody"
    message = put(
        replace(
            MAIL,
            shown_from=Mailbox(evil, SABINE.address),
            shown_to=(Mailbox(evil, "erika@muster-ag.de"),),
            reply_to=Mailbox(evil, SABINE.address),
            content=replace(
                MAIL.content, subject=evil, attachments=(Attachment("b" * 64, evil, "application/pdf"),)
            ),
        )
    )
    assert message["Bcc"] is None
    assert set(message.keys()) == {
        *("Subject", "From", "To", "Reply-To", "Date", "Message-ID", "MIME-Version", "Content-Type")
    }


@settings(deadline=None)
@given(
    name=st.text(st.characters(codec="utf-8"), max_size=200) | st.text('"(),:;<>@[]\\ .aü=?', max_size=200)
)
@example(
    name='Jana, Einkauf und Marketing der Talwind Outdoor GmbH, Werk Nord, "K" <fremd@evil.example>, Jana'
)
def test_whatever_the_name_a_header_has_exactly_the_one_mailbox(name: str) -> None:
    mail = replace(
        MAIL,
        shown_from=replace(SABINE, name=name),
        shown_to=(Mailbox(name, MAIL.recipient),),
        reply_to=replace(SABINE, name=name),
    )
    for wire in (
        put_in_envelope(mail, FILES, portal=PORTAL).message,
        write_draft(mail, FILES, portal=PORTAL),
    ):
        message = email.message_from_bytes(wire, policy=email.policy.SMTPUTF8)
        shown = {name: message[name].addresses for name in ("From", "To", "Reply-To") if message[name]}
        assert {name: [one.addr_spec for one in found] for name, found in shown.items()} == {
            name: [SABINE.address if name != "To" else MAIL.recipient] for name in shown
        }


@pytest.mark.parametrize("address", ["m\u00fcller@firma.de", "no address", "a@\u00fc-.de"])
def test_an_address_that_cannot_be_answered_holds_up_no_mail(address: str) -> None:
    message = put(replace(MAIL, reply_to=Mailbox("Max", address)))
    assert message["Reply-To"] is None


@pytest.mark.parametrize("address", ["a@b.de\r\nRCPT TO:<x@y.de>", "a b@c.de", "nobody", ""])
def test_an_address_that_is_none_is_never_said_to_a_server(address: str) -> None:
    with pytest.raises(UndeliverableError):
        put_in_envelope(replace(MAIL, recipient=address), FILES, portal=PORTAL)


def test_a_picture_that_is_missing_is_left_out_and_an_attachment_is_not() -> None:
    without_picture = put_in_envelope(MAIL, {"b" * 64: b"%PDF"}, portal=PORTAL)
    assert "image/jpeg" not in [part.get_content_type() for part in parse(without_picture).walk()]
    with pytest.raises(KeyError):
        put_in_envelope(MAIL, {"a" * 64: b"picture"}, portal=PORTAL)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://localhost", SmtpServer("localhost", 25, "none")),
        ("smtp://127.0.0.1:1025", SmtpServer("127.0.0.1", 1025, "none")),
        ("smtps://mail.example.de", SmtpServer("mail.example.de", 465, "tls")),
        (
            "smtp+starttls://portal%40example.de:s3%3Acr%40t@mail.example.de",
            SmtpServer("mail.example.de", 587, "starttls", "portal@example.de", "s3:cr@t"),
        ),
    ],
)
def test_the_server_is_named_by_a_url(url: str, server: SmtpServer) -> None:
    assert parse_smtp_url(url) == server


@pytest.mark.parametrize(
    "url",
    ["", "mail.example.de", "http://mail.example.de", "smtp://", "smtp://a:geheim@b/path", "smtp://h:port"],
)
def test_a_url_that_names_no_server_is_refused_without_showing_a_password(url: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is looked at below
        parse_smtp_url(url)
    assert "geheim" not in str(caught.value)


SETTINGS = {
    "database_url": "postgresql://x",
    "bus_database_url": "postgresql://x",
    "internal_secret": "secret",
    "storage_folder": Path(),
    "port": 1,
    "public_url": "http://127.0.0.1:8080",
    "smtp_url": "smtp://localhost",
    "mail_from": "portal@werbetex-nord.de",
}


def test_clerks_without_an_address_fall_back_on_the_portals() -> None:
    defaults = MailerSettings.model_validate(SETTINGS).defaults
    assert defaults.fallback_address == defaults.sender
    named = MailerSettings.model_validate(SETTINGS | {"mail_fallback": "buero@werbetex-nord.de"}).defaults
    assert named.fallback_address == "buero@werbetex-nord.de"


@pytest.mark.parametrize(
    "change",
    [
        {"mail_from": ""},
        {"mail_from": "no address"},
        {"mail_fallback": "a@b.de\r\nBcc: c@d.de"},
        {"smtp_url": "mail.example.de"},
        {"brand_colour": "blue"},
        {"time_zone": "Mars/Olympus"},
        {"mail_way": "pigeon"},
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(change: dict[str, str]) -> None:
    with pytest.raises(Exception, match=r"(?i)must|given|zone|Mars|smtp"):
        MailerSettings.model_validate(SETTINGS | change)
