"""Mails about accounts: invitations, links to confirm and to reset, and what people should know."""

from datetime import datetime
from typing import Literal
from urllib.parse import quote

from services.mailer.letters.letter import REGISTER_PATH, Company, Letter, make_letter
from services.mailer.model.mails import TOKEN_PLACE
from services.mailer.model.recipients import Clerk, Recipient, one_line
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

StaffRole = Literal["clerk", "operator"]
ConfirmationPurpose = Literal["registration", "change"]


def invite_customer(
    company: Company, invited: CustomerInvited, recipient: Recipient, customer_name: str, clerk: Clerk | None
) -> Letter:
    return make_letter(
        company,
        "customer_invited",
        recipient,
        path=REGISTER_PATH,
        clerk=clerk,
        values={
            "customer": one_line(customer_name) or invited.customer_number,
            "expires_at": company.formats(recipient.locale).moment(invited.expires_at),
        },
    )


def invite_staff(company: Company, invited: StaffInvited, recipient: Recipient) -> Letter:
    return make_letter(
        company,
        "staff_invited",
        recipient,
        path=REGISTER_PATH,
        values={
            "role": invited.role,
            "expires_at": company.formats(recipient.locale).moment(invited.expires_at),
        },
    )


def tell_registration(
    company: Company, registered: AccountRegistered, recipient: Recipient, customer_name: str
) -> Letter:
    """To the clerk who invited: his customer has an access now."""
    is_other = bool(registered.invited_email) and (
        registered.invited_email.casefold() != registered.email.casefold()
    )
    return make_letter(
        company,
        "account_registered",
        recipient,
        path=f"/desk/customers/{quote(registered.customer_number, safe='')}",
        values={
            "person": one_line(registered.name),
            "customer": one_line(customer_name) or registered.customer_number,
            "customer_number": one_line(registered.customer_number),
            "email": one_line(registered.email),
            "invited_email": one_line(registered.invited_email) if is_other else "",
        },
    )


def confirm_email(company: Company, requested: EmailConfirmationRequested, recipient: Recipient) -> Letter:
    return make_letter(
        company,
        "email_confirmation",
        recipient,
        path=f"/confirm/{TOKEN_PLACE}",
        values={
            "purpose": requested.purpose,
            "email": one_line(requested.email),
            "expires_at": company.formats(recipient.locale).moment(requested.expires_at),
        },
    )


def tell_email_change(company: Company, changed: EmailChanged, recipient: Recipient) -> Letter:
    """To the former address."""
    return make_letter(
        company,
        "email_changed",
        recipient,
        values={
            "email": one_line(changed.email),
            "email_before": one_line(changed.email_before),
            "changed_at": company.formats(recipient.locale).moment(changed.occurred_at),
        },
    )


def tell_taken_email(company: Company, refused: EmailChangeRefused, recipient: Recipient) -> Letter:
    """To whom the address belongs; who wanted it is not told."""
    return make_letter(
        company,
        "email_change_refused",
        recipient,
        path="/login",
        values={"email": one_line(refused.email)},
    )


def offer_password_reset(company: Company, requested: PasswordResetRequested, recipient: Recipient) -> Letter:
    return make_letter(
        company,
        "password_reset_requested",
        recipient,
        path=f"/reset/{TOKEN_PLACE}",
        values={
            "email": one_line(requested.email),
            "expires_at": company.formats(recipient.locale).moment(requested.expires_at),
        },
    )


def tell_password_change(company: Company, changed: PasswordChanged, recipient: Recipient) -> Letter:
    return make_letter(
        company,
        "password_reset" if changed.by_reset else "password_changed",
        recipient,
        path="/login",
        values={
            "email": one_line(changed.email),
            "changed_at": company.formats(recipient.locale).moment(changed.occurred_at),
        },
    )


def test_smtp(company: Company, recipient: Recipient, now: datetime) -> Letter:
    """What the operator sends himself to see that mails arrive."""
    return make_letter(
        company,
        "smtp_test",
        recipient,
        values={"sent_at": company.formats(recipient.locale).moment(now)},
    )
