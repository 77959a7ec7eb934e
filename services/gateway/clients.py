"""The gateway's questions and commands to the services. What comes back is a model of shared/api."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from shared.api import approvals, auth, documents, mailer, sync
from shared.api.base import StoredFile
from shared.events.sync import DocumentKind
from shared.web import MOST_ROWS, SYSTEM, Identity, ServiceClient

UPLOAD_SECONDS = 300.0
EVENTS_SECONDS = 60.0


class AuthClient(ServiceClient):
    async def log_in(self, credentials: auth.LogIn) -> auth.Session:
        return await self.post("/sessions", credentials, auth.Session, who=SYSTEM)

    async def find_session(self, token: str) -> auth.Account:
        return await self.post("/sessions/find", auth.FindSession(token=token), auth.Account, who=SYSTEM)

    async def end_session(self, token: str) -> None:
        await self.call("POST", "/sessions/end", who=SYSTEM, body=auth.EndSession(token=token))

    async def find_setup(self, token: str) -> None:
        """Raises NotFoundError when the one-time link is over."""
        await self.call("POST", "/operators/first/find", who=SYSTEM, body=auth.FindSetup(token=token))

    async def create_first_operator(self, operator: auth.CreateFirstOperator) -> auth.Session:
        return await self.post("/operators/first", operator, auth.Session, who=SYSTEM)

    # Registration and forgotten passwords; links that are over raise NotFoundError

    async def find_invitation(self, token: str) -> auth.OpenInvitation:
        question = auth.FindInvitation(token=token)
        return await self.post("/invitations/find", question, auth.OpenInvitation, who=SYSTEM)

    async def accept_invitation(self, acceptance: auth.AcceptInvitation) -> auth.Accepted:
        return await self.post("/invitations/accept", acceptance, auth.Accepted, who=SYSTEM)

    async def find_confirmation(self, token: str) -> auth.OpenConfirmation:
        question = auth.FindConfirmation(token=token)
        return await self.post("/confirmations/find", question, auth.OpenConfirmation, who=SYSTEM)

    async def confirm_email(self, confirmation: auth.ConfirmEmail) -> auth.Session:
        return await self.post("/confirmations/accept", confirmation, auth.Session, who=SYSTEM)

    async def request_password_reset(self, wish: auth.RequestPasswordReset) -> None:
        await self.call("POST", "/password-resets", who=SYSTEM, body=wish)

    async def find_password_reset(self, token: str) -> auth.OpenPasswordReset:
        question = auth.FindPasswordReset(token=token)
        return await self.post("/password-resets/find", question, auth.OpenPasswordReset, who=SYSTEM)

    async def reset_password(self, reset: auth.ResetPassword) -> None:
        await self.call("POST", "/password-resets/accept", who=SYSTEM, body=reset)

    async def get_password_rule(self) -> auth.PasswordRule:
        return await self.get("/settings/password", auth.PasswordRule, who=SYSTEM)

    async def change_password_rule(self, who: Identity, rule: auth.PasswordRule) -> None:
        await self.call("POST", "/settings/password", who=who, body=rule)

    # One's own account

    async def change_profile(self, who: Identity, profile: auth.ChangeProfile) -> None:
        await self.call("POST", "/accounts/me/profile", who=who, body=profile)

    async def change_email(self, who: Identity, change: auth.ChangeEmail) -> None:
        await self.call("POST", "/accounts/me/email", who=who, body=change)

    async def change_password(self, who: Identity, change: auth.ChangePassword) -> None:
        await self.call("POST", "/accounts/me/password", who=who, body=change)

    async def end_all_sessions(self, who: Identity) -> None:
        await self.call("POST", "/accounts/me/sessions/end", who=who)

    # The accounts and invitations of others

    async def list_accounts(self, who: Identity, query: Mapping[str, str]) -> auth.AccountRows:
        return await self.get("/accounts", auth.AccountRows, who=who, query=query)

    async def get_account(self, who: Identity, account_id: UUID) -> auth.AccountRow:
        return await self.get(f"/accounts/{account_id}", auth.AccountRow, who=who)

    async def change_account(self, who: Identity, account_id: UUID, change: auth.ChangeAccount) -> None:
        await self.call("POST", f"/accounts/{account_id}/change", who=who, body=change)

    async def delete_account(self, who: Identity, account_id: UUID) -> None:
        await self.call("POST", f"/accounts/{account_id}/delete", who=who)

    async def list_invitations(self, who: Identity, query: Mapping[str, str]) -> auth.InvitationRows:
        return await self.get("/invitations", auth.InvitationRows, who=who, query=query)

    async def invite_staff(self, who: Identity, invitation: auth.InviteStaff) -> auth.NewStaffInvitation:
        return await self.post("/invitations/staff", invitation, auth.NewStaffInvitation, who=who)

    async def invite_customer(self, who: Identity, invitation: auth.InviteCustomer) -> auth.Invitation:
        return await self.post("/invitations/customers", invitation, auth.Invitation, who=who)

    async def resend_invitation(
        self, who: Identity, invitation_id: UUID, *, customer_number: str = ""
    ) -> auth.Invitation:
        body = auth.ResendInvitation(customer_number=customer_number)
        return await self.post(f"/invitations/{invitation_id}/resend", body, auth.Invitation, who=who)

    async def cancel_invitation(
        self, who: Identity, invitation_id: UUID, *, customer_number: str = ""
    ) -> auth.Invitation:
        body = auth.CancelInvitation(customer_number=customer_number)
        return await self.post(f"/invitations/{invitation_id}/cancel", body, auth.Invitation, who=who)


class DocumentsClient(ServiceClient):
    async def get_document(self, who: Identity, document_id: UUID) -> documents.Document:
        return await self.get(f"/documents/{document_id}", documents.Document, who=who)

    async def list_documents(self, who: Identity, query: Iterable[tuple[str, str]]) -> documents.DocumentRows:
        return await self.get("/documents", documents.DocumentRows, who=who, query=tuple(query))

    async def get_document_file(self, who: Identity, document_id: UUID, sha256: str) -> StoredFile:
        path = f"/documents/{document_id}/files/{quote(sha256, safe='')}"
        return await self.get(path, StoredFile, who=who)

    async def get_clerk(self, who: Identity, clerk_code: str) -> documents.ClerkCard:
        return await self.get(f"/clerks/{quote(clerk_code, safe='')}", documents.ClerkCard, who=who)

    # What only the dealer's people ask

    async def list_clerks(self, who: Identity) -> documents.ClerkCards:
        return await self.get("/clerks", documents.ClerkCards, who=who)

    async def list_customers(
        self, who: Identity, *, query: str, page: int, size: int
    ) -> documents.CustomerRows:
        asked = {"q": query, "page": str(page), "size": str(size)}
        return await self.get("/customers", documents.CustomerRows, who=who, query=asked)

    async def get_customer(self, who: Identity, customer_number: str) -> documents.Customer:
        path = f"/customers/{quote(customer_number, safe='')}"
        return await self.get(path, documents.Customer, who=who)

    async def list_by_number(
        self, who: Identity, kind: DocumentKind, number: str
    ) -> documents.NumberedDocuments:
        path = f"/numbers/{kind.value}/{quote(number, safe='')}"
        return await self.get(path, documents.NumberedDocuments, who=who)

    async def list_status_groups(self, who: Identity, *, counted: bool) -> documents.StatusGroups:
        """`counted` says as well in how many documents each status stands, which takes long."""
        query = {"counted": "yes"} if counted else {}
        return await self.get("/status-groups", documents.StatusGroups, who=who, query=query)


class ApprovalsClient(ServiceClient):
    async def get_version(self, who: Identity, version_id: UUID) -> approvals.Version:
        return await self.get(f"/versions/{version_id}", approvals.Version, who=who)

    async def list_versions_of(self, who: Identity, document_id: UUID) -> approvals.VersionRows:
        """All of an order, since they are counted."""
        query = {"document_id": str(document_id), "size": str(MOST_ROWS)}
        return await self.get("/versions", approvals.VersionRows, who=who, query=query)

    async def list_pending(self, who: Identity, *, most: int) -> approvals.VersionRows:
        """The newest of them, and how many there are."""
        query = {"state": "pending", "size": str(most)}
        return await self.get("/versions", approvals.VersionRows, who=who, query=query)

    async def list_queue(
        self, who: Identity, queue: approvals.Queue, *, clerk_code: str, page: int, size: int
    ) -> approvals.VersionRows:
        query = {"queue": queue, "size": str(size), "page": str(page)}
        if clerk_code:
            query["clerk_code"] = clerk_code
        return await self.get("/versions", approvals.VersionRows, who=who, query=query)

    async def confirm_changes(self, who: Identity, version_id: UUID) -> None:
        path = f"/versions/{version_id}/confirm-changes"
        await self.call("POST", path, who=who)

    async def search_versions(self, who: Identity, query: Mapping[str, str]) -> approvals.VersionRows:
        return await self.get("/versions", approvals.VersionRows, who=who, query=query)

    async def mark_seen(self, who: Identity, version_id: UUID) -> None:
        await self.call("POST", f"/versions/{version_id}/seen", who=who)

    async def grant_approval(
        self, who: Identity, version_id: UUID, approval: approvals.GrantApproval
    ) -> approvals.Version:
        return await self.post(f"/versions/{version_id}/grant", approval, approvals.Version, who=who)

    async def request_changes(
        self, who: Identity, version_id: UUID, wish: approvals.RequestChanges
    ) -> approvals.Version:
        return await self.post(f"/versions/{version_id}/request-changes", wish, approvals.Version, who=who)

    async def get_file(self, who: Identity, version_id: UUID) -> StoredFile:
        return await self.get(f"/versions/{version_id}/file", StoredFile, who=who)

    async def get_record(self, who: Identity, version_id: UUID) -> StoredFile:
        return await self.get(f"/versions/{version_id}/record", StoredFile, who=who)

    async def get_page(self, who: Identity, version_id: UUID, number: int, *, width: str) -> StoredFile:
        path = f"/versions/{version_id}/pages/{number}"
        return await self.get(path, StoredFile, who=who, query={"width": width})


class MailerClient(ServiceClient):
    async def get_settings(self, who: Identity) -> mailer.MailSettings:
        return await self.get("/settings", mailer.MailSettings, who=who)

    async def change_settings(self, who: Identity, change: mailer.ChangeMailSettings) -> mailer.MailSettings:
        return await self.post("/settings", change, mailer.MailSettings, who=who)

    async def reset_settings(self, who: Identity) -> None:
        await self.call("POST", "/settings/reset", who=who)

    async def test_settings(self, who: Identity, tried: mailer.TestMailSettings) -> mailer.TestOutcome:
        return await self.post("/settings/test", tried, mailer.TestOutcome, who=who)

    async def list_templates(self, who: Identity) -> mailer.TemplateRows:
        return await self.get("/templates", mailer.TemplateRows, who=who)

    async def get_template(self, who: Identity, template: str, locale: str) -> mailer.Template:
        return await self.get(_template(template, locale), mailer.Template, who=who)

    async def save_words(
        self, who: Identity, template: str, locale: str, words: mailer.Words
    ) -> mailer.SavedWords:
        return await self.post(_template(template, locale), words, mailer.SavedWords, who=who)

    async def reset_words(self, who: Identity, template: str, locale: str) -> None:
        await self.call("POST", f"{_template(template, locale)}/reset", who=who)

    async def preview_words(
        self, who: Identity, template: str, locale: str, tried: mailer.TryWords
    ) -> mailer.Preview:
        return await self.post(f"{_template(template, locale)}/preview", tried, mailer.Preview, who=who)

    async def send_sample(
        self, who: Identity, template: str, locale: str, tried: mailer.TryWords
    ) -> mailer.SavedWords:
        return await self.post(f"{_template(template, locale)}/test", tried, mailer.SavedWords, who=who)

    async def list_drafts(self, who: Identity, *, clerk_code: str = "") -> mailer.DraftRows:
        """Of this clerk, or of all."""
        return await self.get("/drafts", mailer.DraftRows, who=who, query={"clerk_code": clerk_code})

    async def count_drafts(self, who: Identity) -> mailer.DraftCount:
        """His own, and those of others."""
        query = {"clerk_code": who.clerk_code}
        return await self.get("/drafts/count", mailer.DraftCount, who=who, query=query)

    async def get_draft_file(self, who: Identity, mail_id: UUID) -> mailer.DraftFile:
        return await self.get(f"/drafts/{mail_id}/file", mailer.DraftFile, who=who)

    async def mark_draft_sent(self, who: Identity, mail_id: UUID) -> None:
        await self.call("POST", f"/drafts/{mail_id}/sent", who=who)

    async def send_draft(self, who: Identity, mail_id: UUID) -> None:
        await self.call("POST", f"/drafts/{mail_id}/send", who=who)

    async def discard_draft(self, who: Identity, mail_id: UUID) -> None:
        await self.call("POST", f"/drafts/{mail_id}/discard", who=who)

    async def list_mails(
        self, who: Identity, *, state: str, words: str, page: int, size: int
    ) -> mailer.MailRows:
        query = {"state": state, "q": words, "page": str(page), "size": str(size)}
        return await self.get("/mails", mailer.MailRows, who=who, query=query)

    async def send_again(self, who: Identity, mail_id: UUID) -> None:
        await self.call("POST", f"/mails/{mail_id}/send-again", who=who)


def _template(template: str, locale: str) -> str:
    return f"/templates/{quote(template, safe='')}/{quote(locale, safe='')}"


class SyncClient(ServiceClient):
    async def tell_events(
        self, *, headers: Mapping[str, str], content: AsyncIterator[bytes]
    ) -> tuple[int, bytes]:
        return await self.forward(
            "POST", "/cdh/v1/events", headers=headers, content=content, seconds=EVENTS_SECONDS
        )

    async def bring_file(
        self,
        sha256: str,
        *,
        for_document: bool,
        headers: Mapping[str, str],
        content: AsyncIterator[bytes],
    ) -> tuple[int, bytes]:
        path = f"/cdh/v1/files/{sha256}{'?use=document' if for_document else ''}"
        return await self.forward("PUT", path, headers=headers, content=content, seconds=UPLOAD_SECONDS)

    async def try_key(self, *, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """200, or why the API key in `headers` lets nobody in: no event at all changes nothing."""

        async def nothing() -> AsyncIterator[bytes]:
            yield b"[]"

        batch = {**headers, "Content-Type": "application/cloudevents-batch+json"}
        return await self.tell_events(headers=batch, content=nothing())

    async def bring_upload(self, who: Identity, content: AsyncIterator[bytes]) -> sync.StoredUpload:
        return await self.send_stream("/uploads", content, sync.StoredUpload, who=who, seconds=UPLOAD_SECONDS)

    async def assign_samples(self, who: Identity, samples: sync.AssignSamples) -> sync.AssignedSamples:
        return await self.post("/samples", samples, sync.AssignedSamples, who=who)

    async def list_api_keys(self, who: Identity) -> sync.ApiKeyRows:
        return await self.get("/api-keys", sync.ApiKeyRows, who=who)

    async def create_api_key(self, who: Identity, wish: sync.CreateApiKey) -> sync.ApiKey:
        return await self.post("/api-keys", wish, sync.ApiKey, who=who)

    async def revoke_api_key(self, who: Identity, api_key_id: int) -> None:
        path = f"/api-keys/{api_key_id}/revoke"
        await self.call("POST", path, who=who)

    async def change_statuses(self, who: Identity, changes: sync.ChangeStatuses) -> None:
        await self.call("POST", "/statuses", who=who, body=changes)

    async def get_order_folder(self, who: Identity) -> sync.OrderFolder:
        return await self.get("/order-folder", sync.OrderFolder, who=who)

    async def get_folder_example(self, who: Identity, pattern: str) -> sync.FolderExample:
        query = {"pattern": pattern}
        return await self.get("/order-folder/example", sync.FolderExample, who=who, query=query)

    async def change_order_folder(self, who: Identity, pattern: str) -> None:
        await self.call("POST", "/order-folder", who=who, body=sync.ChangeOrderFolder(pattern=pattern))

    async def probe_order_folder(self, who: Identity) -> sync.FolderProbe:
        return await self.post("/order-folder/probe", None, sync.FolderProbe, who=who)

    async def retry_failing_files(self, who: Identity) -> None:
        await self.call("POST", "/order-folder/failing/retry", who=who)

    async def list_failing_files(self, who: Identity) -> sync.FailingFiles:
        return await self.get("/order-folder/failing", sync.FailingFiles, who=who)


@dataclass(frozen=True)
class Clients:
    auth: AuthClient
    documents: DocumentsClient
    approvals: ApprovalsClient
    mailer: MailerClient
    sync: SyncClient
