"""Pictures and files. The owning service says whether and which; the bytes come from the storage."""

from aiohttp import web

from services.gateway.downloads import content_disposition
from services.gateway.edge import gateway_of, visitor_of
from shared.api.base import StoredFile
from shared.errors import NotFoundError
from shared.web import path_uuid

DOWNLOAD_TYPES = frozenset({"application/pdf", "image/png", "image/jpeg", "image/tiff", "image/webp"})
PAGE_CACHE = "private, max-age=604800, immutable"
CLERK_CACHE = "private, max-age=300"
_NO_SNIFFING = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}


async def show_page_picture(request: web.Request) -> web.Response:
    """One page of a proof as a WebP that we rendered ourselves. It never changes."""
    number = request.match_info["number"]
    if not number.isascii() or not number.isdigit() or len(number) > 4:
        raise NotFoundError("There is no such page.")
    width = "thumb" if request.query.get("width") == "thumb" else "large"
    stored = await gateway_of(request).clients.approvals.get_page(
        visitor_of(request).who, path_uuid(request, "version_id"), int(number), width=width
    )
    return await _picture(request, stored.sha256, "image/webp", cache=PAGE_CACHE)


async def show_clerk_picture(request: web.Request) -> web.Response:
    gateway, who = gateway_of(request), visitor_of(request).who
    clerk = await gateway.clients.documents.get_clerk(who, request.match_info["clerk_code"])
    if not clerk.picture_sha256:
        raise NotFoundError("This person has no picture.")
    content = await gateway.storage.read(clerk.picture_sha256)
    media_type = next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), None)
    if media_type is None:
        raise NotFoundError("This person has no picture that can be shown.")
    return await _picture(request, clerk.picture_sha256, media_type, cache=CLERK_CACHE)


async def _picture(request: web.Request, sha256: str, media_type: str, *, cache: str) -> web.Response:
    headers = {**_NO_SNIFFING, "Cache-Control": cache, "ETag": f'"{sha256}"'}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return web.Response(status=304, headers=headers)
    content = await gateway_of(request).storage.read(sha256)
    return web.Response(body=content, content_type=media_type, headers=headers)


async def download_file(request: web.Request) -> web.StreamResponse:
    """The file as the clerk brought it, byte for byte, always as a download."""
    approvals = gateway_of(request).clients.approvals
    stored = await approvals.get_file(visitor_of(request).who, path_uuid(request, "version_id"))
    return _download(request, stored)


async def download_document_file(request: web.Request) -> web.StreamResponse:
    """What CDH brought with a document, such as an e-invoice: byte for byte, never made anew."""
    documents = gateway_of(request).clients.documents
    document_id, sha256 = path_uuid(request, "document_id"), request.match_info["sha256"]
    return _download(request, await documents.get_document_file(visitor_of(request).who, document_id, sha256))


async def download_record(request: web.Request) -> web.StreamResponse:
    approvals = gateway_of(request).clients.approvals
    stored = await approvals.get_record(visitor_of(request).who, path_uuid(request, "version_id"))
    return _download(request, stored)


def _download(request: web.Request, stored: StoredFile) -> web.FileResponse:
    """Types that a browser might run are told as plain bytes: SVG and HTML never open inline."""
    media_type = stored.media_type if stored.media_type in DOWNLOAD_TYPES else "application/octet-stream"
    headers = {
        **_NO_SNIFFING,
        "Content-Type": media_type,
        "Content-Disposition": content_disposition(stored.name),
        "Cache-Control": "private, no-store",
    }
    return web.FileResponse(gateway_of(request).storage.existing_path(stored.sha256), headers=headers)


ROUTES = [
    web.get("/documents/{document_id}/files/{sha256}", download_document_file, name="download_document_file"),
    web.get("/proofs/{version_id}/pages/{number}", show_page_picture, name="show_page_picture"),
    web.get("/proofs/{version_id}/file", download_file, name="download_file"),
    web.get("/proofs/{version_id}/record", download_record, name="download_record"),
    web.get("/clerks/{clerk_code}/picture", show_clerk_picture, name="show_clerk_picture"),
]
