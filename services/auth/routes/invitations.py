"""Invitations, as staff see them."""

from typing import get_args
from uuid import UUID, uuid4, uuid5

import structlog
from aiohttp import web

from services.auth.model.invitations import Invitation, ListedInvitation
from services.auth.routes.context import LINKS, list_wish, utc_now
from services.auth.use_cases import invitations
from shared.api import auth as api
from shared.api.auth import InvitationState
from shared.events.auth import Role
from shared.web import (
    Identity,
    json_response,
    parse_body,
    path_uuid,
    query_choice,
    reading,
    require,
    transaction,
)

_log = structlog.get_logger()


async def invite_customer(request: web.Request) -> web.Response:
    who = require(request, "clerk", "operator")
    body = await parse_body(request, api.InviteCustomer)
    wanted = _wanted(
        request,
        who,
        role="customer",
        customer_number=body.customer_number,
        contact_id=body.contact_id,
        email=body.email,
        name=body.name,
        may_approve=body.may_approve,
        locale=body.locale,
        form_id=uuid5(body.form_key, body.model_dump_json()) if body.form_key else None,
    )
    async with transaction(request) as opened:
        listed = await invitations.invite_customer(
            opened, wanted, links=request.app[LINKS], now=wanted.told_at
        )
    _log.info("customer_invited", invitation_id=str(listed.invitation.invitation_id))
    return json_response(_body(listed))


async def invite_staff(request: web.Request) -> web.Response:
    who = require(request, "operator")
    body = await parse_body(request, api.InviteStaff)
    wanted = _wanted(
        request,
        who,
        role=body.role,
        clerk_code=body.clerk_code,
        email=body.email,
        name=body.name,
        locale=body.locale,
    )
    async with transaction(request) as opened:
        invitation, token = await invitations.invite_staff(
            opened, wanted, links=request.app[LINKS], now=wanted.told_at
        )
    _log.info("staff_invited", invitation_id=str(invitation.invitation_id), role=invitation.role)
    listed = ListedInvitation(invitation, customer_name="")
    return json_response(api.NewStaffInvitation(invitation=_body(listed), token=token))


async def resend_invitation(request: web.Request) -> web.Response:
    who = require(request, "clerk", "operator")
    body = await parse_body(request, api.ResendInvitation)
    async with transaction(request) as opened:
        invitation = await invitations.resend_invitation(
            opened,
            who,
            path_uuid(request, "invitation_id"),
            customer_number=body.customer_number,
            links=request.app[LINKS],
            now=utc_now(),
        )
    return json_response(_body(ListedInvitation(invitation, customer_name="")))


async def cancel_invitation(request: web.Request) -> web.Response:
    who = require(request, "clerk", "operator")
    body = await parse_body(request, api.CancelInvitation)
    async with transaction(request) as opened:
        invitation = await invitations.cancel_invitation(
            opened,
            who,
            path_uuid(request, "invitation_id"),
            customer_number=body.customer_number,
            now=utc_now(),
        )
    return json_response(_body(ListedInvitation(invitation, customer_name="")))


async def list_invitations(request: web.Request) -> web.Response:
    wish = list_wish(request, require(request, "clerk", "operator"), of_one_customer=False)
    state = query_choice(request, "state", get_args(InvitationState))
    async with reading(request) as opened:
        listed, total = await invitations.list_invitations(opened, wish, state, now=utc_now())
    return json_response(api.InvitationRows(rows=tuple(_body(one) for one in listed), total=total))


ROUTES = [
    web.get("/invitations", list_invitations, name="list_invitations"),
    web.post("/invitations/customers", invite_customer, name="invite_customer"),
    web.post("/invitations/staff", invite_staff, name="invite_staff"),
    web.post("/invitations/{invitation_id}/resend", resend_invitation, name="resend_invitation"),
    web.post("/invitations/{invitation_id}/cancel", cancel_invitation, name="cancel_invitation"),
]


def _wanted(
    request: web.Request,
    who: Identity,
    *,
    role: Role,
    email: str,
    name: str,
    locale: str,
    customer_number: str = "",
    contact_id: str = "",
    clerk_code: str = "",
    may_approve: bool = False,
    form_id: UUID | None = None,
) -> Invitation:
    now = utc_now()
    return Invitation(
        invitation_id=uuid4(),
        role=role,
        customer_number=customer_number,
        contact_id=contact_id,
        clerk_code=clerk_code.strip(),
        name=name.strip(),
        email=email.strip(),
        may_approve=may_approve,
        locale=locale,
        inviter_code=who.clerk_code,
        inviter_name=who.name,
        invited_at=now,
        told_at=now,
        expires_at=now + request.app[LINKS].terms.invitation,
        form_id=form_id,
    )


def _body(listed: ListedInvitation) -> api.Invitation:
    invitation = listed.invitation
    return api.Invitation(
        invitation_id=invitation.invitation_id,
        role=invitation.role,
        customer_number=invitation.customer_number,
        customer_name=listed.customer_name,
        contact_id=invitation.contact_id,
        clerk_code=invitation.clerk_code,
        name=invitation.name,
        email=invitation.email,
        may_approve=invitation.may_approve,
        state=invitation.state,
        invited_by=invitation.inviter_name or invitation.inviter_code,
        invited_at=invitation.invited_at,
        told_at=invitation.told_at,
        expires_at=invitation.expires_at,
    )
