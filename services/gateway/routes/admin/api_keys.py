"""The keys with which CDH and workstations tell events: shown once, revoked at once."""

from aiohttp import web

from services.gateway.audit import AUDIT_NOTE
from services.gateway.edge import gateway_of, visitor_of
from services.gateway.forms import read_form
from services.gateway.words.notices import Notice
from services.gateway.words.texts import N_
from shared.api.sync import ApiKeyRow, CreateApiKey
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.web import Identity

LONGEST_NAME = 100
NAME_TAKEN = N_(
    "There is already a key with this name. It was shown once; if it is lost, revoke it and create a new one."
)
BAD_NAME = N_("Please enter a name of 1 to 100 letters, so that you know later whose key it is.")


async def show_api_keys(request: web.Request) -> web.Response:
    return await _list_page(request, visitor_of(request).require_operator())


async def create_api_key(request: web.Request) -> web.Response:
    """The key is shown on the page that answers, and never again."""
    gateway, who = gateway_of(request), visitor_of(request).require_operator()
    name = (await read_form(request)).get("name", "")
    request[AUDIT_NOTE] = name
    try:
        created = await gateway.clients.sync.create_api_key(who, CreateApiKey(name=name))
    except ConflictError:  # also of a page that is loaded again: the form is then sent a second time
        return await _list_page(request, who, name=name, errors={"name": NAME_TAKEN})
    except InvalidError:
        return await _list_page(request, who, name=name, errors={"name": BAD_NAME})
    return gateway.pages.respond(
        request, "admin/api_key_created.html", created=created, public_url=gateway.settings.public_url
    )


async def check_revocation(request: web.Request) -> web.Response:
    who = visitor_of(request).require_operator()
    row = await _find(request, who)
    if row.revoked_at:
        return gateway_of(request).pages.go_on(gateway_of(request).pages.links("show_api_keys"))
    return gateway_of(request).pages.respond(request, "admin/api_key_revocation.html", row=row)


async def revoke_api_key(request: web.Request) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).require_operator()
    row = await _find(request, who)
    request[AUDIT_NOTE] = row.name
    await gateway.clients.sync.revoke_api_key(who, row.api_key_id)
    return gateway.pages.go_on(gateway.pages.links("show_api_keys"), notice=Notice.API_KEY_REVOKED)


async def _find(request: web.Request, who: Identity) -> ApiKeyRow:
    for row in (await gateway_of(request).clients.sync.list_api_keys(who)).rows:
        if str(row.api_key_id) == request.match_info["api_key_id"]:
            return row
    raise NotFoundError("There is no such key.")


async def _list_page(
    request: web.Request, who: Identity, *, name: str = "", errors: dict[str, str] | None = None
) -> web.Response:
    gateway = gateway_of(request)
    keys = await gateway.clients.sync.list_api_keys(who)
    return gateway.pages.respond(
        request,
        "admin/api_keys.html",
        status=422 if errors else 200,
        rows=keys.rows,
        name=name,
        longest_name=LONGEST_NAME,
        errors=errors or {},
    )


ROUTES = [
    web.get("/admin/api-keys", show_api_keys, name="show_api_keys"),
    web.post("/admin/api-keys", create_api_key, name="create_api_key"),
    web.get("/admin/api-keys/{api_key_id}/revoke", check_revocation, name="check_revocation"),
    web.post("/admin/api-keys/{api_key_id}/revoke", revoke_api_key, name="revoke_api_key"),
]
