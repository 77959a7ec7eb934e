"""Letters with made-up content: for previews, for test mails, and to try an operator's words on."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.mailer.letters import accounts, proofs
from services.mailer.letters.letter import Company, Letter, TemplateName
from services.mailer.model.recipients import Clerk, Mailbox, Recipient
from shared.events.approvals import (
    ApprovalOutdated,
    ApprovalRecorded,
    ApprovalRequested,
    ChangesConfirmed,
    Decision,
)
from shared.events.auth import (
    AccountRegistered,
    CustomerInvited,
    EmailChanged,
    EmailChangeRefused,
    EmailConfirmationRequested,
    PasswordChanged,
    PasswordResetRequested,
    StaffInvited,
)
from shared.events.sync import File, SampleAssigned

_ID = UUID(int=1042)
_MOMENT = datetime(2026, 11, 23, 13, 2, tzinfo=UTC)
_EXPIRES = _MOMENT + timedelta(days=14)
_ERIKA = Mailbox("Erika Muster", "erika.muster@muster-ag.example")
_SABINE = Clerk("SB", "Sabine Berger", "s.berger@example.com", "+49 521 123-45")
_CUSTOMER = "Muster AG"
_TITLES = {"de": ("Logo Brust links", "Visitenkarte"), "en": ("Logo left chest", "Business card")}
_COMMENTS = {"de": "Bitte das Logo 5 mm höher.", "en": "Please move the logo up by 5 mm."}


def sample_letters(template: TemplateName, locale: str, company: Company) -> Mapping[str, Letter]:
    """The cases of a mail by their names, the usual one first."""
    to_customer, to_clerk = Recipient(_ERIKA, locale), Recipient(_SABINE.mailbox, locale)
    return _SAMPLES[template](company, to_customer, to_clerk)


_Make = Callable[[Company, Recipient, Recipient], Mapping[str, Letter]]


def _requested(company: Company, customer: Recipient, _clerk: Recipient) -> Mapping[str, Letter]:
    requests = [
        ApprovalRequested(**_proof(title, number))
        for number, title in enumerate(_TITLES[customer.locale], start=1)
    ]
    return {
        "one": proofs.request_approval(company, requests[:1], customer, _SABINE),
        "several": proofs.request_approval(company, requests, customer, _SABINE),
        "invited": proofs.request_approval(
            company,
            requests[:1],
            Recipient(_ERIKA, customer.locale, has_account=False),
            _SABINE,
            invitation_ends_at=_EXPIRES,
        ),
    }


def _confirmed(company: Company, _customer: Recipient, clerk: Recipient) -> Mapping[str, Letter]:
    return {
        decision: proofs.confirm_approval(company, _decided(decision, clerk.locale), clerk, _CUSTOMER)
        for decision in _DECISIONS
    }


def _acknowledged(company: Company, customer: Recipient, _clerk: Recipient) -> Mapping[str, Letter]:
    return {
        decision: proofs.acknowledge_decision(
            company, _decided(decision, customer.locale), customer, _CUSTOMER, _SABINE
        )
        for decision in _DECISIONS
    }


def _outdated(company: Company, _customer: Recipient, clerk: Recipient) -> Mapping[str, Letter]:
    told = ApprovalOutdated(**_proof(_TITLES[clerk.locale][0], 1), changed=("2/quantity",))
    return {"usual": proofs.tell_outdated(company, told, clerk, _CUSTOMER)}


def _changes_confirmed(company: Company, customer: Recipient, _clerk: Recipient) -> Mapping[str, Letter]:
    told = ChangesConfirmed(
        **_proof(_TITLES[customer.locale][0], 1),
        decision_id=_ID,
        confirmed_at=_MOMENT,
        clerk_code=_SABINE.clerk_code,
        clerk_name=_SABINE.name,
    )
    return {"usual": proofs.tell_confirmed_changes(company, told, customer, _CUSTOMER, _SABINE)}


def _sample_waits(company: Company, _customer: Recipient, clerk: Recipient) -> Mapping[str, Letter]:
    def waiting(*position_numbers: str) -> Letter:
        told = SampleAssigned(
            sample_id=_ID,
            version_id=_ID,
            version=1,
            order_number="2026-1042",
            position_numbers=position_numbers,
            title=_TITLES[clerk.locale][0],
            file=File(sha256="0" * 64, name="logo.pdf", media_type="application/pdf", size=1),
            clerk_code=_SABINE.clerk_code,
            assigned_at=_MOMENT,
        )
        return proofs.tell_waiting_sample(company, told, clerk)

    return {"positions": waiting("2", "3"), "whole_order": waiting()}


def _customer_invited(company: Company, customer: Recipient, _clerk: Recipient) -> Mapping[str, Letter]:
    invited = CustomerInvited(
        invitation_id=_ID,
        email=_ERIKA.address,
        name=_ERIKA.name,
        locale=customer.locale,
        sealed_token="",
        expires_at=_EXPIRES,
        customer_number="10023",
        clerk_code="SB",
    )
    return {"usual": accounts.invite_customer(company, invited, customer, _CUSTOMER, _SABINE)}


def _staff_invited(company: Company, _customer: Recipient, clerk: Recipient) -> Mapping[str, Letter]:
    def invited(role: accounts.StaffRole) -> Letter:
        told = StaffInvited(
            invitation_id=_ID,
            email=_SABINE.email,
            name=_SABINE.name,
            locale=clerk.locale,
            sealed_token="",
            expires_at=_EXPIRES,
            role=role,
        )
        return accounts.invite_staff(company, told, clerk)

    return {"clerk": invited("clerk"), "operator": invited("operator")}


def _registered(company: Company, _customer: Recipient, clerk: Recipient) -> Mapping[str, Letter]:
    def registered(invited_email: str) -> Letter:
        told = AccountRegistered(
            account_id=_ID,
            role="customer",
            name=_ERIKA.name,
            email=_ERIKA.address,
            locale=clerk.locale,
            customer_number="10023",
            invited_by="SB",
            invited_email=invited_email,
        )
        return accounts.tell_registration(company, told, clerk, _CUSTOMER)

    return {
        "invited_address": registered(_ERIKA.address),
        "other_address": registered("einkauf@muster-ag.example"),
    }


def _email_confirmation(company: Company, customer: Recipient, _clerk: Recipient) -> Mapping[str, Letter]:
    def requested(purpose: accounts.ConfirmationPurpose) -> Letter:
        told = EmailConfirmationRequested(
            purpose=purpose,
            email=_ERIKA.address,
            name=_ERIKA.name,
            locale=customer.locale,
            sealed_token="",
            expires_at=_EXPIRES,
        )
        return accounts.confirm_email(company, told, customer)

    return {"registration": requested("registration"), "change": requested("change")}


def _email_changed(company: Company, customer: Recipient, _clerk: Recipient) -> Mapping[str, Letter]:
    told = EmailChanged(
        account_id=_ID,
        name=_ERIKA.name,
        locale=customer.locale,
        email_before=_ERIKA.address,
        email="e.muster@muster-ag.example",
        occurred_at=_MOMENT,
    )
    return {"usual": accounts.tell_email_change(company, told, customer)}


def _email_change_refused(company: Company, customer: Recipient, _clerk: Recipient) -> Mapping[str, Letter]:
    told = EmailChangeRefused(email=_ERIKA.address, name=_ERIKA.name, locale=customer.locale)
    return {"usual": accounts.tell_taken_email(company, told, customer)}


def _reset_requested(company: Company, customer: Recipient, _clerk: Recipient) -> Mapping[str, Letter]:
    told = PasswordResetRequested(
        account_id=_ID,
        email=_ERIKA.address,
        name=_ERIKA.name,
        locale=customer.locale,
        sealed_token="",
        expires_at=_EXPIRES,
    )
    return {"usual": accounts.offer_password_reset(company, told, customer)}


def _password_told(*, by_reset: bool) -> _Make:
    def make(company: Company, customer: Recipient, _clerk: Recipient) -> Mapping[str, Letter]:
        told = PasswordChanged(
            account_id=_ID,
            email=_ERIKA.address,
            name=_ERIKA.name,
            locale=customer.locale,
            by_reset=by_reset,
            occurred_at=_MOMENT,
        )
        return {"usual": accounts.tell_password_change(company, told, customer)}

    return make


def _smtp_tested(company: Company, _customer: Recipient, clerk: Recipient) -> Mapping[str, Letter]:
    return {"usual": accounts.test_smtp(company, clerk, _MOMENT)}


_DECISIONS: tuple[Decision, ...] = ("approved", "approved_with_changes", "changes_requested")
_SAMPLES: Mapping[TemplateName, _Make] = {
    "customer_invited": _customer_invited,
    "password_reset": _password_told(by_reset=True),
    "approval_requested": _requested,
    "approval_confirmed": _confirmed,
    "decision_receipt": _acknowledged,
    "changes_confirmed": _changes_confirmed,
    "approval_outdated": _outdated,
    "sample_waits": _sample_waits,
    "account_registered": _registered,
    "staff_invited": _staff_invited,
    "email_confirmation": _email_confirmation,
    "email_changed": _email_changed,
    "email_change_refused": _email_change_refused,
    "password_reset_requested": _reset_requested,
    "password_changed": _password_told(by_reset=False),
    "smtp_test": _smtp_tested,
}


def _proof(title: str, number: int) -> dict[str, object]:
    return {
        "sample_id": UUID(int=number),
        "version_id": UUID(int=number),
        "version": number,
        "title": title,
        "document_id": _ID,
        "order_number": "2026-1042",
        "customer_number": "10023",
        "contact_id": "1",
        "clerk_codes": ("SB",),
        "position_numbers": (str(number + 1),),
        "file_name": "logo.pdf",
    }


def _decided(decision: Decision, locale: str) -> ApprovalRecorded:
    return ApprovalRecorded(
        **_proof(_TITLES[locale][0], 1),
        decision_id=_ID,
        decided_at=_MOMENT,
        person_name=_ERIKA.name,
        person_email=_ERIKA.address,
        comment="" if decision == "approved" else _COMMENTS[locale],
        decision=decision,
        record=File(
            sha256="0" * 64, name="2026-1042 Freigabeprotokoll.pdf", media_type="application/pdf", size=1
        ),
    )
