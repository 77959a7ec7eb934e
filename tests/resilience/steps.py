"""The steps at which something dies, each with the service that is at work then.

docs/faults.md says what holds at each; a test compares the two.
"""

# An order and its proof, from CDH to the record: test_kills.py.
MAIN_STEPS: dict[str, tuple[str, ...]] = {
    "sync": (
        "services.sync.files:CdhFiles.take_upload:after",
        "services.sync.use_cases.taking:take_run:before",
        "services.sync.use_cases.taking:take_run:after",
        "services.sync.routes:_take:after",
        "shared.messaging.relay:Relay._publish:before",
        "shared.messaging.relay:Relay._publish:after",
        "services.sync.order_folder:OrderFolder._write:before",
        "services.sync.order_folder:OrderFolder._write:after",
        "services.sync.use_cases.order_folder:file_record:after",
    ),
    "documents": ("services.documents.use_cases:take_documents:after",),
    "approvals": (
        "services.approvals.use_cases.samples:assign_sample:after",
        "shared.messaging.consumer:Consumer._settle_by:before",
        "services.approvals.preparation:Preparation._make_pictures:after",
        "services.approvals.use_cases.samples:finish_preparation:after",
        "services.approvals.use_cases.decisions:grant_approval:after",
        "services.approvals.routes:_read_version:before",
        "services.approvals.use_cases.samples:note_mail:after",
        "services.approvals.use_cases.records:queue_record:after",
        "services.approvals.recording:Recording._make_record:after",
        "services.approvals.use_cases.records:finish_record:after",
    ),
    "mailer": (
        "services.mailer.use_cases.waiting_samples:expect_request:after",
        "services.mailer.use_cases.waiting_samples:stop_expecting:after",
        "services.mailer.use_cases.requests:collect_request:after",
        "services.mailer.use_cases.requests:_queue_requests:after",
        "services.mailer.effects:Delivery._send:before",
        "services.mailer.effects:Delivery._send:after",
        "services.mailer.use_cases.decisions:note_decision:after",
        "services.mailer.use_cases.decisions:queue_letter:after",
    ),
    "auth": ("services.auth.use_cases.sessions:log_in:after",),
    "gateway": (
        "services.gateway.clients:ApprovalsClient.grant_approval:before",
        "services.gateway.clients:ApprovalsClient.grant_approval:after",
    ),
}

# From the wish for an access to an account, and a forgotten password: test_account_kills.py.
ACCOUNT_STEPS: dict[str, tuple[str, ...]] = {
    "auth": (
        "services.auth.use_cases.invitations:request_invitation:after",
        "services.auth.use_cases.invitations:_invite:after",
        "shared.messaging.relay:Relay._publish:before",
        "shared.messaging.relay:Relay._publish:after",
        "services.auth.use_cases.registration:accept_invitation:after",
        "services.auth.use_cases.registration:confirm_registration:after",
        "services.auth.routes.registration:session_response:before",
        "services.auth.use_cases.passwords:request_password_reset:after",
        "services.auth.repository.credentials:save_reset:after",
        "services.auth.use_cases.passwords:reset_password:after",
    ),
    "mailer": (
        "services.mailer.use_cases.requests:_ask_for_invitation:after",
        "services.mailer.use_cases.requests:take_link:after",
        "services.mailer.use_cases.requests:_queue_with_invitation:after",
        "services.mailer.use_cases.recipients:remember_account:after",
        "services.mailer.use_cases.notices:note:after",
        "services.mailer.use_cases.notices:queue_letter:after",
        "services.mailer.effects:Delivery._send:before",
        "services.mailer.effects:Delivery._send:after",
    ),
    "gateway": (
        "services.gateway.clients:AuthClient.accept_invitation:before",
        "services.gateway.clients:AuthClient.accept_invitation:after",
        "services.gateway.clients:AuthClient.confirm_email:before",
        "services.gateway.clients:AuthClient.request_password_reset:before",
        "services.gateway.clients:AuthClient.request_password_reset:after",
        "services.gateway.clients:AuthClient.reset_password:before",
        "services.gateway.clients:AuthClient.reset_password:after",
    ),
}

# A clerk assigns a file and invites somebody in the browser: test_desk_kills.py.
DESK_STEPS: dict[str, tuple[str, ...]] = {
    "gateway": (
        "services.gateway.audit:AuditLog._begin:after",
        "services.gateway.clients:SyncClient.bring_upload:before",
        "services.gateway.clients:SyncClient.bring_upload:after",
        "services.gateway.clients:SyncClient.assign_samples:before",
        "services.gateway.clients:SyncClient.assign_samples:after",
        "services.gateway.clients:AuthClient.invite_customer:before",
        "services.gateway.clients:AuthClient.invite_customer:after",
    ),
    "sync": (
        "services.sync.files:CdhFiles.take_file:after",
        "services.sync.use_cases.taking:take_run:before",
        "services.sync.use_cases.taking:take_run:after",
        "services.sync.routes:_take:after",
    ),
    "auth": ("services.auth.use_cases.invitations:invite_customer:after",),
}

# A correction is asked for, changes are approved and confirmed: test_decision_kills.py.
DECISION_STEPS: dict[str, tuple[str, ...]] = {
    "gateway": (
        "services.gateway.clients:ApprovalsClient.request_changes:before",
        "services.gateway.clients:ApprovalsClient.request_changes:after",
        "services.gateway.clients:ApprovalsClient.confirm_changes:before",
        "services.gateway.clients:ApprovalsClient.confirm_changes:after",
    ),
    "approvals": (
        "services.approvals.use_cases.decisions:request_changes:after",
        "services.approvals.use_cases.decisions:grant_approval:after",
        "services.approvals.use_cases.decisions:confirm_changes:after",
        "services.approvals.use_cases.records:queue_record:after",
    ),
    "mailer": (
        "services.mailer.use_cases.drafts:discard_drafts_about:after",
        "services.mailer.use_cases.decisions:note_decision:after",
        "services.mailer.use_cases.notices:note:after",
    ),
    "sync": ("services.sync.use_cases.order_folder:file_record:after",),
}

# The one place where a mail may go out twice: the server has it, and we have not written that down.
MAIL_ACCEPTED = "services.mailer.effects:Delivery._send:after"
