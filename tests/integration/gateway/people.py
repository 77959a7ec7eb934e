"""What auth knows of invitations, links and lists of people, as far as the gateway can see it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeVar
from uuid import UUID, uuid4

from aiohttp import web

from shared.api import auth
from shared.api.base import Body
from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.events.auth import Role
from shared.web import json_response, parse_body
from shared.web.identity import identity, require

if TYPE_CHECKING:
    from tests.integration.gateway.neighbours import Neighbours

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

Row = TypeVar("Row")

PASSWORD = "three words here"
NOW = datetime(2026, 11, 21, 13, 2, tzinfo=UTC)


class TooManyAttemptsError(ForbiddenError):
    pass


class WrongCredentialsError(ForbiddenError):
    pass


class WrongChosenPasswordError(ForbiddenError):
    pass


class EmailTakenError(ConflictError):
    pass


class PasswordTooShortError(InvalidError):
    pass


class LastOperatorError(ConflictError):
    pass


@dataclass
class People:
    """Links by their token, and `told`: every command that came, in its order."""

    minimum_length: int = 6
    invitations: dict[UUID, auth.Invitation] = field(default_factory=dict)
    invitation_links: dict[str, UUID] = field(default_factory=dict)
    awaiting: dict[UUID, auth.AcceptInvitation] = field(default_factory=dict)
    confirmations: dict[str, auth.OpenConfirmation] = field(default_factory=dict)
    resets: dict[str, str] = field(default_factory=dict)
    disabled: set[UUID] = field(default_factory=set)
    told: list[Body] = field(default_factory=list)
    resent: list[UUID] = field(default_factory=list)

    def invite(
        self, email: str = "vogel@hartmann.example", *, role: Role = "customer", name: str = ""
    ) -> str:
        """An open invitation; returns the token of its link."""
        invitation = auth.Invitation(
            invitation_id=uuid4(),
            role=role,
            customer_number="10042" if role == "customer" else "",
            customer_name="Hartmann Maschinenbau GmbH" if role == "customer" else "",
            contact_id="",
            clerk_code="NB" if role == "clerk" else "",
            name=name,
            email=email,
            may_approve=True,
            state="open",
            invited_by="Sabine Berger",
            invited_at=NOW,
            told_at=NOW,
            expires_at=NOW + timedelta(days=14),
        )
        self.invitations[invitation.invitation_id] = invitation
        return self.link_to(invitation.invitation_id)

    def link_to(self, invitation_id: UUID) -> str:
        token = f"invitation-{uuid4().hex}"
        self.invitation_links[token] = invitation_id
        return token

    def add_confirmation(self, purpose: Literal["registration", "change"], email: str) -> str:
        token = f"confirmation-{uuid4().hex}"
        self.confirmations[token] = auth.OpenConfirmation(
            purpose=purpose, email=email, name="Petra Vogel", customer_name="Hartmann Logistik GmbH"
        )
        return token

    def add_reset(self, email: str) -> str:
        token = f"reset-{uuid4().hex}"
        self.resets[token] = email
        return token

    def check_password(self, password: str) -> None:
        if len(password) < self.minimum_length:
            raise PasswordTooShortError("Too short.", fields={"password": "Too short."})


def account_row(account: auth.Account, *, is_disabled: bool) -> auth.AccountRow:
    return auth.AccountRow(
        **account.model_dump(),
        customer_name="Hartmann Maschinenbau GmbH" if account.role == "customer" else "",
        created_at=NOW - timedelta(days=30),
        last_login_at=NOW,
        disabled_at=NOW if is_disabled else None,
    )


def people_routes(neighbours: "Neighbours") -> list[tuple[str, str, Handler]]:
    return [*_link_routes(neighbours), *_own_routes(neighbours), *_operator_routes(neighbours)]


def _link_routes(neighbours: "Neighbours") -> list[tuple[str, str, Handler]]:  # noqa: C901  # one short function per route
    people = neighbours.people

    def open_invitation(token: str) -> auth.Invitation:
        invitation = people.invitations.get(people.invitation_links.get(token, UUID(int=0)))
        if invitation is None or invitation.state not in ("open", "awaiting_confirmation"):
            raise NotFoundError("This link is over.")
        return invitation

    async def find_invitation(request: web.Request) -> web.Response:
        invitation = open_invitation((await parse_body(request, auth.FindInvitation)).token)
        awaiting = people.awaiting.get(invitation.invitation_id)
        return json_response(
            auth.OpenInvitation(
                role=invitation.role,
                customer_name=invitation.customer_name,
                name=invitation.name,
                email=invitation.email,
                locale="de",
                expires_at=invitation.expires_at,
                minimum_length=people.minimum_length,
                invited_by=invitation.invited_by,
                awaiting_email=awaiting.email if awaiting else "",
            )
        )

    async def accept_invitation(request: web.Request) -> web.Response:
        body = await parse_body(request, auth.AcceptInvitation)
        invitation = open_invitation(body.token)
        if faults := {name: "Missing." for name in ("name", "email") if not getattr(body, name)}:
            raise InvalidError("Some of the details are missing.", fields=faults)
        people.check_password(body.password)
        if body.email in neighbours.accounts:
            raise EmailTakenError("Taken.")
        people.told.append(body)
        if body.email != invitation.email:
            people.awaiting[invitation.invitation_id] = body
            return json_response(auth.Accepted(email=body.email, session=None))
        return json_response(auth.Accepted(email=body.email, session=register(invitation, body)))

    def register(invitation: auth.Invitation, body: auth.AcceptInvitation) -> auth.Session:
        accepted = invitation.model_copy(update={"state": "accepted"})
        people.invitations[invitation.invitation_id] = accepted
        neighbours.accounts[body.email] = auth.Account(
            account_id=uuid4(),
            role=invitation.role,
            name=body.name,
            email=body.email,
            locale=body.locale,
            customer_number=invitation.customer_number,
            clerk_code=invitation.clerk_code,
            may_approve=invitation.may_approve,
        )
        return neighbours.start_session(body.email)

    async def find_confirmation(request: web.Request) -> web.Response:
        token = (await parse_body(request, auth.FindConfirmation)).token
        if token not in people.confirmations:
            raise NotFoundError("This link is over.")
        return json_response(people.confirmations[token])

    async def confirm_email(request: web.Request) -> web.Response:
        confirmation = await parse_body(request, auth.ConfirmEmail)
        if confirmation.token not in people.confirmations:
            raise NotFoundError("This link is over.")
        email = people.confirmations[confirmation.token].email
        for invitation_id, body in people.awaiting.items():
            if body.email == email:
                if confirmation.password != body.password:
                    raise WrongChosenPasswordError("Not the password that was chosen.")
                del people.confirmations[confirmation.token]
                return json_response(register(people.invitations[invitation_id], body))
        del people.confirmations[confirmation.token]
        return json_response(neighbours.start_session(email))

    async def request_password_reset(request: web.Request) -> web.Response:
        body = await parse_body(request, auth.RequestPasswordReset)
        if neighbours.throttled_until:
            raise TooManyAttemptsError("Wait.", fields={"retry_at": neighbours.throttled_until.isoformat()})
        people.told.append(body)
        return web.Response(status=204)

    async def find_password_reset(request: web.Request) -> web.Response:
        token = (await parse_body(request, auth.FindPasswordReset)).token
        if token not in people.resets:
            raise NotFoundError("This link is over.")
        reset = auth.OpenPasswordReset(email=people.resets[token], minimum_length=people.minimum_length)
        return json_response(reset)

    async def reset_password(request: web.Request) -> web.Response:
        body = await parse_body(request, auth.ResetPassword)
        if body.token not in people.resets:
            raise NotFoundError("This link is over.")
        people.check_password(body.password)
        email = people.resets.pop(body.token)
        neighbours.end_sessions(neighbours.accounts[email].account_id)
        people.told.append(body)
        return web.Response(status=204)

    async def get_password_rule(_request: web.Request) -> web.Response:
        return json_response(auth.PasswordRule(minimum_length=people.minimum_length))

    return [
        ("POST", "/invitations/find", find_invitation),
        ("POST", "/invitations/accept", accept_invitation),
        ("POST", "/confirmations/find", find_confirmation),
        ("POST", "/confirmations/accept", confirm_email),
        ("POST", "/password-resets", request_password_reset),
        ("POST", "/password-resets/find", find_password_reset),
        ("POST", "/password-resets/accept", reset_password),
        ("GET", "/settings/password", get_password_rule),
    ]


def _own_routes(neighbours: "Neighbours") -> list[tuple[str, str, Handler]]:
    people = neighbours.people

    async def change_profile(request: web.Request) -> web.Response:
        body = await parse_body(request, auth.ChangeProfile)
        if not body.name:
            raise InvalidError("Missing.", fields={"name": "Missing."})
        person = require(request, "customer", "clerk", "operator")
        neighbours.change_account(person.account_id, name=body.name, locale=body.locale)
        return web.Response(status=204)

    async def change_email(request: web.Request) -> web.Response:
        body = await parse_body(request, auth.ChangeEmail)
        if body.password != PASSWORD:
            raise WrongCredentialsError("Wrong.")
        if "@" not in body.email:
            raise InvalidError("No address.", fields={"email": "No address."})
        people.told.append(body)
        return web.Response(status=204)

    async def change_password(request: web.Request) -> web.Response:
        body = await parse_body(request, auth.ChangePassword)
        if body.present_password != PASSWORD:
            raise WrongCredentialsError("Wrong.")
        people.check_password(body.new_password)
        neighbours.end_sessions(identity(request).account_id, but=body.token)
        people.told.append(body)
        return web.Response(status=204)

    async def end_all_sessions(request: web.Request) -> web.Response:
        neighbours.end_sessions(identity(request).account_id)
        return web.Response(status=204)

    return [
        ("POST", "/accounts/me/profile", change_profile),
        ("POST", "/accounts/me/email", change_email),
        ("POST", "/accounts/me/password", change_password),
        ("POST", "/accounts/me/sessions/end", end_all_sessions),
    ]


def _operator_routes(neighbours: "Neighbours") -> list[tuple[str, str, Handler]]:  # noqa: C901  # as above
    people = neighbours.people

    def find_account(request: web.Request) -> auth.Account:
        require(request, "operator")
        account_id = UUID(request.match_info["account_id"])
        for account in neighbours.accounts.values():
            if account.account_id == account_id:
                return account
        raise NotFoundError("There is no such account.")

    def row_of(account: auth.Account) -> auth.AccountRow:
        return account_row(account, is_disabled=account.account_id in people.disabled)

    async def list_accounts(request: web.Request) -> web.Response:
        number = _customer_number(request)
        role, words = request.query.get("role"), request.query.get("q", "")
        rows = [
            row_of(account)
            for account in neighbours.accounts.values()
            if role in (None, "customer" if account.role == "customer" else "staff")
            and number in ("", account.customer_number)
            and words.lower() in f"{account.name} {account.email} {account.customer_number}".lower()
        ]
        return json_response(auth.AccountRows(rows=_page(rows, request), total=len(rows)))

    async def get_account(request: web.Request) -> web.Response:
        return json_response(row_of(find_account(request)))

    async def change_account(request: web.Request) -> web.Response:
        body, account = await parse_body(request, auth.ChangeAccount), find_account(request)
        if body.disabled and account.role == "operator":
            raise LastOperatorError("The last operator stays.")
        if body.disabled is not None:
            (people.disabled.add if body.disabled else people.disabled.discard)(account.account_id)
            neighbours.end_sessions(account.account_id)
        if body.may_approve is not None:
            neighbours.change_account(account.account_id, may_approve=body.may_approve)
        return web.Response(status=204)

    async def delete_account(request: web.Request) -> web.Response:
        account = find_account(request)
        if account.role == "operator":
            raise LastOperatorError("The last operator stays.")
        del neighbours.accounts[account.email]
        neighbours.end_sessions(account.account_id)
        return web.Response(status=204)

    async def list_invitations(request: web.Request) -> web.Response:
        require(
            request, *(("operator", "clerk") if request.query.get("role") == "customer" else ("operator",))
        )
        number = request.query.get("customer_number", "")
        role, state, words = (request.query.get(name, "") for name in ("role", "state", "q"))
        open_states = ("open", "awaiting_confirmation")
        rows = [
            invitation
            for invitation in people.invitations.values()
            if role in ("", "customer" if invitation.role == "customer" else "staff")
            and number in ("", invitation.customer_number)
            and (
                not state
                or (invitation.state in open_states if state == "open" else invitation.state == state)
            )
            and words.lower() in f"{invitation.name} {invitation.email} {invitation.customer_name}".lower()
        ]
        return json_response(auth.InvitationRows(rows=_page(rows, request), total=len(rows)))

    async def invite_staff(request: web.Request) -> web.Response:
        require(request, "operator")
        body = await parse_body(request, auth.InviteStaff)
        faults = {name: "Missing." for name in ("name", "email") if not getattr(body, name)}
        if body.role == "clerk" and not body.clerk_code:
            faults["clerk_code"] = "Missing."
        if faults:
            raise InvalidError("Some of the details are missing.", fields=faults)
        if body.email in neighbours.accounts:
            raise EmailTakenError("Taken.")
        people.told.append(body)
        token = people.invite(body.email, role=body.role, name=body.name)
        invitation = people.invitations[people.invitation_links[token]]
        return json_response(auth.NewStaffInvitation(invitation=invitation, token=token))

    async def invite_customer(request: web.Request) -> web.Response:
        require(request, "operator", "clerk")
        body = await parse_body(request, auth.InviteCustomer)
        if body.email and "@" not in body.email:
            raise InvalidError("Some of the details are missing.", fields={"email": "Wrong."})
        if body.contact_id == "3":
            raise InvalidError("There is no address.", fields={"email": "Missing."})
        if body.email in neighbours.accounts:
            raise EmailTakenError("Taken.")
        people.told.append(body)
        token = people.invite(body.email or "vogel@hartmann.example", name=body.name)
        return json_response(people.invitations[people.invitation_links[token]])

    async def find_invitation(
        request: web.Request, body: type[auth.ResendInvitation] | type[auth.CancelInvitation]
    ) -> auth.Invitation:
        require(request, "operator", "clerk")
        number = (await parse_body(request, body)).customer_number
        found = people.invitations.get(UUID(request.match_info["invitation_id"]))
        if found is None or number not in ("", found.customer_number):
            raise NotFoundError("There is no such invitation.")
        if found.state not in ("open", "awaiting_confirmation", "expired"):
            raise ConflictError("It has an end already.")
        return found

    async def resend_invitation(request: web.Request) -> web.Response:
        found = await find_invitation(request, auth.ResendInvitation)
        people.invitations[found.invitation_id] = found.model_copy(update={"state": "open"})
        people.resent.append(found.invitation_id)
        return json_response(found)

    async def cancel_invitation(request: web.Request) -> web.Response:
        found = await find_invitation(request, auth.CancelInvitation)
        people.invitations[found.invitation_id] = found.model_copy(update={"state": "cancelled"})
        return json_response(found)

    async def change_password_rule(request: web.Request) -> web.Response:
        require(request, "operator")
        length = (await parse_body(request, auth.PasswordRule)).minimum_length
        if not 6 <= length <= 64:
            raise InvalidError("Too short or too long.", fields={"minimum_length": "From 6 to 64."})
        people.minimum_length = length
        return web.Response(status=204)

    return [
        ("POST", "/settings/password", change_password_rule),
        ("GET", "/accounts", list_accounts),
        ("GET", "/accounts/{account_id}", get_account),
        ("POST", "/accounts/{account_id}/change", change_account),
        ("POST", "/accounts/{account_id}/delete", delete_account),
        ("GET", "/invitations", list_invitations),
        ("POST", "/invitations/customers", invite_customer),
        ("POST", "/invitations/staff", invite_staff),
        ("POST", "/invitations/{invitation_id}/resend", resend_invitation),
        ("POST", "/invitations/{invitation_id}/cancel", cancel_invitation),
    ]


def _customer_number(request: web.Request) -> str:
    """Clerks ask for the people of one customer only."""
    number = request.query.get("customer_number", "")
    require(request, *(("operator", "clerk") if number else ("operator",)))
    return number


def _page(rows: list[Row], request: web.Request) -> tuple[Row, ...]:
    page, size = int(request.query.get("page", "1")), int(request.query.get("size", "80"))
    return tuple(rows[(page - 1) * size : page * size])
