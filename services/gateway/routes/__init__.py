"""Every address of the gateway, each with its name. Pages link by these names."""

from aiohttp import web

from services.gateway.routes import (
    account,
    admin,
    cdh,
    desk,
    documents,
    files,
    lists,
    login,
    passwords,
    proofs,
    public,
    registration,
)

ROUTES: list[web.RouteDef] = [
    web.get("/", documents.show_start, name="show_start"),
    web.get("/quotes", lists.list_quotes, name="list_quotes"),
    web.get("/orders", lists.list_orders, name="list_orders"),
    web.get("/invoices", lists.list_invoices, name="list_invoices"),
    web.get("/proofs", lists.list_proofs, name="list_proofs"),
    web.get("/orders/{document_id}", documents.show_order, name="show_order"),
    web.get("/documents/{document_id}", documents.show_document, name="show_document"),
    web.get(
        "/documents/{document_id}/files/{sha256}", files.download_document_file, name="download_document_file"
    ),
    web.get("/proofs/{version_id}", proofs.show_proof, name="show_proof"),
    web.get("/proofs/{version_id}/approve", proofs.confirm_approval, name="confirm_approval"),
    web.post("/proofs/{version_id}/approve", proofs.grant_approval, name="grant_approval"),
    web.get(
        "/proofs/{version_id}/approve-with-changes",
        proofs.confirm_approval_with_changes,
        name="confirm_approval_with_changes",
    ),
    web.post(
        "/proofs/{version_id}/approve-with-changes",
        proofs.grant_approval_with_changes,
        name="grant_approval_with_changes",
    ),
    web.get("/proofs/{version_id}/request-changes", proofs.describe_changes, name="describe_changes"),
    web.post("/proofs/{version_id}/request-changes", proofs.request_changes, name="request_changes"),
    web.get("/proofs/{version_id}/decided", proofs.show_decision, name="show_decision"),
    web.get("/proofs/{version_id}/pages/{number}", files.show_page_picture, name="show_page_picture"),
    web.get("/proofs/{version_id}/file", files.download_file, name="download_file"),
    web.get("/proofs/{version_id}/record", files.download_record, name="download_record"),
    web.get("/clerks/{clerk_code}/picture", files.show_clerk_picture, name="show_clerk_picture"),
    *login.ROUTES,
    *registration.ROUTES,
    *passwords.ROUTES,
    *account.ROUTES,
    web.get("/imprint", public.show_imprint, name="imprint"),
    web.get("/privacy", public.show_privacy, name="privacy"),
    web.get("/components", public.show_components, name="show_components"),
    web.get("/static/{name}", public.serve_asset, name="static"),
    web.get("/health/live", public.live, name="live"),
    web.get("/health/ready", public.ready, name="ready"),
    web.post("/cdh/v1/events", cdh.pass_events_on, name="pass_events_on"),
    web.put("/cdh/v1/files/{sha256}", cdh.pass_file_on, name="pass_file_on"),
    *desk.ROUTES,
    *admin.ROUTES,
]
