"""Inviting a person of a customer ("Kundenzugang erstellen"), and what becomes of open invitations."""

from typing import Final
from uuid import UUID, uuid4

from aiohttp import web

from services.gateway.asking import if_available, together
from services.gateway.audit import AUDIT_NOTE
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import read_form
from services.gateway.routes.desk.drafts import choose_notice
from services.gateway.words.notices import Notice
from services.gateway.words.texts import N_
from shared.api.auth import AccountRows, InviteCustomer
from shared.api.documents import Customer
from shared.errors import ConflictError, InvalidError
from shared.i18n import LOCALES
from shared.web import path_uuid

OTHER: Final = "other"
COMPANY: Final = "company"
MOST_PEOPLE = "1000"
"""More than any customer ever has."""
_CONTACT = "contact-"
_FAULTS = {
    "email": N_("Please enter an e-mail address such as name@company.com."),
    "name": N_("Please enter a name of at most 80 letters, without web addresses."),
}


async def choose_person(request: web.Request) -> web.Response:
    """Whom to invite: a contact, the customer's own address, or somebody else."""
    visitor_of(request).require_staff()
    entered = {"person": f"{_CONTACT}{request.query.get('contact', '')}", "may_approve": "yes"}
    return await _page(request, entered=entered)


async def invite_customer(request: web.Request) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).require_staff()
    form, customer_number = await read_form(request), request.match_info["customer_number"]
    person, email, name = form.get("person", ""), "", ""
    if person == OTHER:
        email, name = form.get("email", ""), form.get("name", "")
        if not email:
            return await _page(request, entered=form, errors={"email": _FAULTS["email"]})
    elif person != COMPANY and not person.startswith(_CONTACT):
        return await _page(
            request, entered=form, errors={"person": N_("Please choose who should be invited.")}
        )
    invitation = InviteCustomer(
        form_key=_form_key(form.get("form_key", "")),
        customer_number=customer_number,
        contact_id=person.removeprefix(_CONTACT) if person.startswith(_CONTACT) else "",
        email=email,
        name=name,
        may_approve=form.get("may_approve") == "yes",
        locale=form["locale"] if form.get("locale") in LOCALES else "de",
    )
    request[AUDIT_NOTE] = f"{customer_number} {email or person}"
    try:
        await gateway.clients.auth.invite_customer(who, invitation)
    except ConflictError:
        errors = {"person": N_("There is already an account with this address.")}
        return await _page(request, entered=form, errors=errors)
    except InvalidError as error:
        errors = {name: text for name, text in _FAULTS.items() if name in error.fields and person == OTHER}
        no_address = {"person": N_("There is no e-mail address for this person. Please enter one below.")}
        return await _page(request, entered=form, errors=errors or no_address)
    notice = await choose_notice(request, Notice.CUSTOMER_INVITED, by_draft=Notice.CUSTOMER_INVITED_BY_DRAFT)
    return _to_customer(request, customer_number, notice)


async def resend_customer_invitation(request: web.Request) -> web.Response:
    """One of this very customer, since the audit log says whose it was."""
    gateway, who = gateway_of(request), visitor_of(request).require_staff()
    customer_number = request.match_info["customer_number"]
    invitation = await gateway.clients.auth.resend_invitation(
        who, path_uuid(request, "invitation_id"), customer_number=customer_number
    )
    request[AUDIT_NOTE] = invitation.email
    notice = await choose_notice(
        request, Notice.INVITATION_RESENT, by_draft=Notice.INVITATION_RESENT_BY_DRAFT
    )
    return _to_customer(request, customer_number, notice)


async def cancel_customer_invitation(request: web.Request) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).require_staff()
    customer_number = request.match_info["customer_number"]
    invitation = await gateway.clients.auth.cancel_invitation(
        who, path_uuid(request, "invitation_id"), customer_number=customer_number
    )
    request[AUDIT_NOTE] = invitation.email
    return _to_customer(request, customer_number, Notice.INVITATION_CANCELLED)


def _form_key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise web.HTTPBadRequest from error


def _to_customer(request: web.Request, customer_number: str, notice: Notice) -> web.Response:
    pages = gateway_of(request).pages
    return pages.go_on(pages.links("show_desk_customer", customer_number=customer_number), notice=notice)


async def _page(
    request: web.Request, *, entered: dict[str, str], errors: dict[str, str] | None = None
) -> web.Response:
    """The form, each time with a key of its own: sent twice, it invites once."""
    gateway, who = gateway_of(request), visitor_of(request).who
    number = request.match_info["customer_number"]
    query = {"role": "customer", "customer_number": number, "size": MOST_PEOPLE}
    customer: Customer
    accounts: AccountRows | None
    customer, accounts = await together(
        gateway.clients.documents.get_customer(who, number),
        if_available(gateway.clients.auth.list_accounts(who, query)),
    )
    registered = {account.email.casefold() for account in accounts.rows} if accounts else set()
    choices = [one for one in _choices(customer) if one[2].casefold() not in registered]
    chosen, known = entered.get("person", ""), tuple(value for value, *_ in choices)
    return gateway.pages.respond(
        request,
        "desk/access.html",
        status=422 if errors else 200,
        customer=customer,
        choices=choices,
        registered=[one for one in _choices(customer) if one[2].casefold() in registered],
        person=chosen if chosen in (*known, OTHER) else (*known, OTHER)[0],
        entered=entered,
        errors=errors or {},
        form_key=str(uuid4()),
    )


def _choices(customer: Customer) -> list[tuple[str, str, str]]:
    """Those with an address, as value, name and address."""
    contacts = [
        (f"{_CONTACT}{contact.contact_id}", contact.name, contact.email)
        for contact in customer.contacts
        if contact.email
    ]
    return contacts + ([(COMPANY, customer.name, customer.email)] if customer.email else [])


ROUTES = [
    web.get("/desk/customers/{customer_number}/access", choose_person, name="choose_person"),
    web.post("/desk/customers/{customer_number}/access", invite_customer, name="invite_customer"),
    web.post(
        "/desk/customers/{customer_number}/invitations/{invitation_id}/resend",
        resend_customer_invitation,
        name="resend_customer_invitation",
    ),
    web.post(
        "/desk/customers/{customer_number}/invitations/{invitation_id}/cancel",
        cancel_customer_invitation,
        name="cancel_customer_invitation",
    ),
]
