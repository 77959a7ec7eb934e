"""Every template says what it should, in both languages."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from services.mailer.composing import TEMPLATES, Company, Composer
from services.mailer.model import Clerk, Content, Mailbox, Recipient
from shared.events.approvals import ApprovalRecorded, ApprovalRequested, Decision
from shared.events.sync import File
from shared.i18n import LOCALES

COMPANY = Company(
    name="Werbetex Nord GmbH",
    imprint="Werbetex Nord GmbH | Hafenstraße 12, 20457 Hamburg",
    colour="#0f5c8c",
    public_url="https://portal.example.de/",
)
ORDER = UUID("00000000-0000-0000-0000-000000001042")
PICTURE = File(sha256="a" * 64, name="p.jpg", media_type="image/jpeg", size=20_000)
SABINE = Clerk("SB", "Sabine Berger", "s.berger@werbetex-nord.de", "+49 40 1234-17", PICTURE)
COMPOSER = Composer(COMPANY, time_zone="Europe/Berlin")


def recipient(
    locale: str = "de", *, has_account: bool = True, stands_in_for: tuple[str, ...] = ()
) -> Recipient:
    mailbox = Mailbox("Erika Muster", "erika@muster-ag.de")
    return Recipient(mailbox, locale, has_account=has_account, stands_in_for=stands_in_for)


def request(*, title: str = "T-Shirt Front", preview: File | None = PICTURE) -> ApprovalRequested:
    return ApprovalRequested(
        sample_id=uuid4(),
        version_id=uuid4(),
        version=3,
        title=title,
        document_id=ORDER,
        order_number="2026-1042",
        customer_number="10023",
        contact_id="1",
        clerk_codes=("SB",),
        position_numbers=("2", "4"),
        file_name="front.pdf",
        preview=preview,
    )


def decided(kind: Decision = "approved", *, comment: str = "") -> ApprovalRecorded:
    return ApprovalRecorded(
        **request().model_dump(exclude={"preview", "event_id", "occurred_at"}),
        decision_id=uuid4(),
        decided_at=datetime(2026, 11, 21, 13, 2, tzinfo=UTC),
        person_name="Erika Muster",
        person_email="erika@muster-ag.de",
        comment=comment,
        decision=kind,
        record=File(sha256="b" * 64, name="Protokoll.pdf", media_type="application/pdf", size=1000),
    )


def compose(template: str, locale: str) -> Content:
    match template:
        case "approval_requested":
            return COMPOSER.request([request()], recipient(locale), SABINE)
        case "approval_confirmed":
            return COMPOSER.confirmation(decided(), recipient(locale), "Muster AG")
        case "decision_receipt":
            return COMPOSER.receipt(decided(), recipient(locale), "Muster AG", SABINE)
        case other:
            raise AssertionError(f"{other} has no test")


FOLDERS = sorted(folder.name for folder in TEMPLATES.iterdir() if not folder.name.startswith("_"))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("template", FOLDERS)
def test_each_template_is_complete(template: str, locale: str) -> None:
    content = compose(template, locale)
    assert "2026-1042" in content.subject.split(":")[0], "the number comes first"
    assert "\n" not in content.subject
    for body in (content.body_text, content.body_html):
        assert "https://portal.example.de/proofs/" in body, "the link stands there in the clear"
        assert "https://portal.example.de/imprint" in body
        assert "https://portal.example.de/privacy" in body
        assert "Hafenstraße 12, 20457 Hamburg" in body
        assert "T-Shirt Front" in body
        assert "{{" not in body
        assert "{%" not in body
    assert f'<html lang="{locale}">' in content.body_html
    assert ("Impressum" if locale == "de" else "Legal notice") in content.body_text
    assert "\n\n\n" not in content.body_text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ["approved", "approved_with_changes", "changes_requested"])
def test_each_decision_has_words_of_its_own(kind: Decision, locale: str) -> None:
    mails = [
        COMPOSER.confirmation(decided(one), recipient(locale), "Muster AG") for one in ("approved", kind)
    ]
    receipt = COMPOSER.receipt(decided(kind), recipient(locale), "Muster AG", SABINE)
    assert (mails[0].subject == mails[1].subject) == (kind == "approved")
    for content in (mails[1], receipt):
        assert ("21.11.2026, 14:02" if locale == "de" else "21 Nov 2026, 14:02") in content.body_text
        assert [one.name for one in content.attachments] == ["Protokoll.pdf"]


def test_several_proofs_are_counted_and_lead_to_the_order() -> None:
    content = COMPOSER.request([request(), request(title="Visitenkarte")], recipient(), SABINE)
    assert content.subject == "Auftrag 2026-1042: Bitte geben Sie 2 Druckmuster frei"
    assert f"https://portal.example.de/orders/{ORDER}" in content.body_text
    assert "Visitenkarte, Version 3, Positionen 2, 4" in content.body_text
    assert [picture.content_id for picture in content.pictures] == ["proof-1", "proof-2", "clerk"]


def test_pictures_are_few_however_many_proofs() -> None:
    content = COMPOSER.request([request(title=f"Proof {number}") for number in range(9)], recipient(), None)
    assert len(content.pictures) == 4
    assert "Proof 8" in content.body_html


@pytest.mark.parametrize(
    "picture",
    [
        None,
        PICTURE.model_copy(update={"media_type": "image/webp"}),
        PICTURE.model_copy(update={"media_type": "image/svg+xml"}),
        PICTURE.model_copy(update={"size": 5_000_000}),
    ],
    ids=["none", "webp", "svg", "too large"],
)
def test_a_picture_that_outlook_cannot_show_stays_out(picture: File | None) -> None:
    clerk = Clerk("SB", "Sabine Berger", "", "", picture)
    content = COMPOSER.request([request(preview=picture)], recipient(), clerk)
    assert content.pictures == ()
    assert "cid:" not in content.body_html
    assert ">SB<" in content.body_html, "initials instead"


def test_every_picture_that_is_named_travels_along() -> None:
    content = compose("approval_requested", "de")
    assert set(re.findall(r"cid:([\w-]+)", content.body_html)) == {one.content_id for one in content.pictures}


def test_styles_stand_in_the_tags_and_only_media_queries_in_the_head() -> None:
    html = compose("approval_requested", "de").body_html
    head = html.partition("</head>")[0]
    assert "@media (prefers-color-scheme: dark)" in head
    assert "padding: 14px 28px" in html.partition("</head>")[2]
    assert "<!--[if mso]>" in html, "Outlook keeps its width"
    assert "http://" not in html.replace("http://www.w3.org", ""), "nothing is loaded from elsewhere"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)


def tags(html: str) -> set[str]:
    """The names of all elements, as a reader's program finds them."""
    parser = _Tags()
    parser.feed(html)
    return parser.found


def test_what_people_wrote_cannot_become_html() -> None:
    evil = '<script>alert("x")</script> & "quotes"'
    content = COMPOSER.receipt(decided("changes_requested", comment=evil), recipient(), evil, SABINE)
    assert "script" not in tags(content.body_html)
    assert evil in content.body_text, "text is text"
    requested = COMPOSER.request(
        [request(title=evil)], recipient(), Clerk("X", evil, '"><script>@x.de', evil)
    )
    assert "script" not in tags(requested.body_html)


def test_what_people_wrote_cannot_become_a_header() -> None:
    content = COMPOSER.request([request(title="a\r\nBcc: x@y.de")], recipient(), SABINE)
    confirmed = COMPOSER.confirmation(
        decided().model_copy(update={"title": "a\r\nBcc: x@y.de"}), recipient(), "Muster AG"
    )
    assert "\n" not in content.subject + confirmed.subject


def test_a_comment_keeps_its_lines() -> None:
    content = COMPOSER.confirmation(decided(comment="Logo höher.\nSonst gut."), recipient(), "Muster AG")
    assert "Logo höher.\nSonst gut." in content.body_text
    assert "white-space: pre-line" in content.body_html


def test_the_fallback_address_is_told_for_whom() -> None:
    content = COMPOSER.confirmation(decided(), recipient(stands_in_for=("Max (MO)",)), "Muster AG")
    assert "für Max (MO) keine E-Mail-Adresse" in content.body_text
    assert "für Max (MO) keine E-Mail-Adresse" in content.body_html


def test_who_has_no_access_is_told_what_to_do() -> None:
    assert "keinen Zugang" in COMPOSER.request([request()], recipient(has_account=False), SABINE).body_text
    assert "keinen Zugang" not in COMPOSER.request([request()], recipient(), SABINE).body_text


@pytest.mark.parametrize(
    ("colour", "text"),
    [("#0f5c8c", "#ffffff"), ("#ffd400", "#000000"), ("#000000", "#ffffff"), ("#ffffff", "#000000")],
)
def test_text_stands_out_on_the_brand_colour(colour: str, text: str) -> None:
    assert Company("x", "", colour, "").text_colour == text


def test_a_template_with_an_unknown_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError):
        _with_template(tmp_path, "{{ custmer }}")


def test_a_template_cannot_reach_into_the_program(tmp_path: Path) -> None:
    with pytest.raises(SecurityError):
        _with_template(tmp_path, "{{ company.__class__.__mro__[1].__subclasses__() }}")


def _with_template(folder: Path, text: str) -> Content:
    (folder / "approval_requested" / "de").mkdir(parents=True)
    for name in ("subject.txt", "body.txt", "body.html"):
        (folder / "approval_requested" / "de" / name).write_text(text)
    return Composer(COMPANY, time_zone="Europe/Berlin", folder=folder).request([request()], recipient(), None)
