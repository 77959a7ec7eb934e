"""Everybody with an access: looking for them, what they may do, shutting them out and letting them in."""

from aiohttp import web

from services.gateway.audit import AUDIT_NOTE, AUDIT_REFUSED
from services.gateway.csv_files import Cell, csv_response
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.lists import PAGE_SIZE, Paging, Wish, read_all, read_wish
from services.gateway.words.notices import Notice
from services.gateway.words.texts import N_
from shared.api.auth import AccountRow, ChangeAccount
from shared.errors import ConflictError
from shared.web import path_uuid

ROLE_NAMES = {"customer": N_("Customer"), "clerk": N_("Clerk"), "operator": N_("Operator")}
_CSV_HEAD = (
    N_("Name"),
    N_("E-mail address"),
    N_("Role"),
    N_("Customer number"),
    N_("Company"),
    N_("Short code"),
    N_("May approve"),
    N_("Since"),
    N_("Last log-in"),
    N_("Locked since"),
)


def _read_wish(request: web.Request) -> Wish:
    return read_wish(request, fields=("q", "role"), sorts=("name",), choices={"role": ("customer", "staff")})


async def show_users(request: web.Request) -> web.Response:
    gateway, who, wish = gateway_of(request), visitor_of(request).require_operator(), _read_wish(request)
    query = {**wish.fields, "page": str(wish.page), "size": str(PAGE_SIZE)}
    found = await gateway.clients.auth.list_accounts(who, query)
    paging = Paging(wish, total=found.total)
    if paging.is_beyond:
        return gateway.pages.go_on(wish.address(page=paging.page_count))
    return gateway.pages.respond(
        request,
        "admin/users.html",
        wish=wish,
        paging=paging,
        rows=found.rows,
        csv=gateway.pages.links("download_users", wish.fields),
        role_names=ROLE_NAMES,
    )


async def download_users(request: web.Request) -> web.Response:
    """What the filter shows, whole."""
    gateway, who = gateway_of(request), visitor_of(request).require_operator()
    rows = await read_all(
        lambda query: gateway.clients.auth.list_accounts(who, query), _read_wish(request).fields
    )
    tell, locale = gateway.pages.translate, visitor_of(request).locale
    yes, no = tell(locale, N_("yes")), tell(locale, N_("no"))

    def cells(row: AccountRow) -> tuple[Cell, ...]:
        return (
            row.name,
            row.email,
            tell(locale, ROLE_NAMES[row.role]),
            row.customer_number,
            row.customer_name,
            row.clerk_code,
            yes if row.may_approve else no,
            row.created_at,
            row.last_login_at,
            row.disabled_at,
        )

    return await csv_response(request, N_("Accounts"), _CSV_HEAD, map(cells, rows))


async def show_user(request: web.Request) -> web.Response:
    row = await _find(request)
    return gateway_of(request).pages.respond(
        request, "admin/user.html", user=row, is_oneself=_is_oneself(request, row), role_names=ROLE_NAMES
    )


async def allow_approvals(request: web.Request) -> web.Response:
    return await _change(request, ChangeAccount(may_approve=True), Notice.APPROVALS_ALLOWED)


async def forbid_approvals(request: web.Request) -> web.Response:
    return await _change(request, ChangeAccount(may_approve=False), Notice.APPROVALS_FORBIDDEN)


async def disable_account(request: web.Request) -> web.Response:
    return await _change(request, ChangeAccount(disabled=True), Notice.ACCOUNT_DISABLED)


async def enable_account(request: web.Request) -> web.Response:
    return await _change(request, ChangeAccount(disabled=False), Notice.ACCOUNT_ENABLED)


async def confirm_account_deletion(request: web.Request) -> web.Response:
    row = await _find(request)
    if _is_oneself(request, row):
        return _back_to(request, row, Notice.ACCOUNT_STAYS)
    return gateway_of(request).pages.respond(request, "admin/user_deletion.html", user=row)


async def delete_account(request: web.Request) -> web.Response:
    gateway, who, row = gateway_of(request), visitor_of(request).require_operator(), await _find(request)
    try:
        await gateway.clients.auth.delete_account(who, row.account_id)
    except ConflictError:
        return _back_to(request, row, Notice.ACCOUNT_STAYS)
    return gateway.pages.go_on(gateway.pages.links("show_users"), notice=Notice.ACCOUNT_DELETED)


async def _change(request: web.Request, change: ChangeAccount, notice: Notice) -> web.Response:
    gateway, who, row = gateway_of(request), visitor_of(request).require_operator(), await _find(request)
    try:
        await gateway.clients.auth.change_account(who, row.account_id, change)
    except ConflictError:
        notice = Notice.ACCOUNT_STAYS
    return _back_to(request, row, notice)


async def _find(request: web.Request) -> AccountRow:
    """The access that the address names; the audit log says whose it is."""
    who = visitor_of(request).require_operator()
    row = await gateway_of(request).clients.auth.get_account(who, path_uuid(request, "account_id"))
    request[AUDIT_NOTE] = f"{row.name}, {row.email}"
    return row


def _is_oneself(request: web.Request, row: AccountRow) -> bool:
    return row.account_id == visitor_of(request).who.account_id


def _back_to(request: web.Request, row: AccountRow, notice: Notice) -> web.Response:
    pages = gateway_of(request).pages
    request[AUDIT_REFUSED] = notice is Notice.ACCOUNT_STAYS
    return pages.go_on(pages.links("show_user", account_id=row.account_id), notice=notice)


ROUTES = [
    web.get("/admin/users", show_users, name="show_users"),
    web.get("/admin/users.csv", download_users, name="download_users"),
    web.get("/admin/users/{account_id}", show_user, name="show_user"),
    web.post("/admin/users/{account_id}/allow-approvals", allow_approvals, name="allow_approvals"),
    web.post("/admin/users/{account_id}/forbid-approvals", forbid_approvals, name="forbid_approvals"),
    web.post("/admin/users/{account_id}/disable", disable_account, name="disable_account"),
    web.post("/admin/users/{account_id}/enable", enable_account, name="enable_account"),
    web.get("/admin/users/{account_id}/delete", confirm_account_deletion, name="confirm_account_deletion"),
    web.post("/admin/users/{account_id}/delete", delete_account, name="delete_account"),
]
