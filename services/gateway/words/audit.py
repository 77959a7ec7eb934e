"""What the audit log says: one sentence for each form of the staff, by the name of its route.

What has a sentence is logged; a test demands one for every route that needs a session. Parts of the address
may stand in it, e.g. %(customer_number)s.
"""

from collections.abc import Callable

from services.gateway.model.audit import LoggedAction
from services.gateway.words.texts import N_, Told

SENTENCES: dict[str, str] = {
    # What only customers may do; a try of the staff is refused, and stands in the log.
    "grant_approval": N_("Tried to approve a proof"),
    "grant_approval_with_changes": N_("Tried to approve a proof with changes"),
    "request_changes": N_("Tried to ask for changes to a proof"),
    # The desk
    "invite_customer": N_("Invited a person of the customer %(customer_number)s"),
    "resend_customer_invitation": N_("Sent an invitation of the customer %(customer_number)s again"),
    "cancel_customer_invitation": N_("Cancelled an invitation of the customer %(customer_number)s"),
    "view_as_customer": N_("Started viewing as customer %(customer_number)s"),
    "end_view": N_("Stopped viewing as a customer"),
    "assign_samples": N_("Assigned proofs to an order"),
    "confirm_changes": N_("Confirmed the changes of an approval with changes"),
    "mark_draft_sent": N_("Marked a mail as sent from Outlook"),
    "send_draft": N_("Had the portal send a mail that was waiting for Outlook"),
    "discard_draft": N_("Discarded a mail that was waiting for Outlook"),
    # Mails
    "change_mail_settings": N_("Changed the settings of the mail server"),
    "test_mail_settings": N_("Sent a test mail"),
    "reset_mail_settings": N_("Restored the installation's settings of the mail server"),
    "save_mail_words": N_("Changed the wording of the mail %(template)s (%(locale)s)"),
    "reset_mail_words": N_("Restored the shipped wording of the mail %(template)s (%(locale)s)"),
    "preview_mail_words": N_("Looked at a preview of the mail %(template)s (%(locale)s)"),
    "send_mail_sample": N_("Sent themselves a sample of the mail %(template)s (%(locale)s)"),
    "send_mail_again": N_("Sent a mail again that had failed"),
    # Their own account
    "change_profile": N_("Changed their own name or language"),
    "change_email": N_("Asked to change their own e-mail address"),
    "confirm_email": N_("Confirmed an e-mail address"),
    "change_password": N_("Changed their own password"),
    "end_all_sessions": N_("Logged out everywhere"),
    # Keys
    "create_api_key": N_("Created a key for CDH"),
    "revoke_api_key": N_("Revoked a key for CDH"),
    # Accounts and staff
    "allow_approvals": N_("Let a person approve proofs"),
    "forbid_approvals": N_("No longer let a person approve proofs"),
    "disable_account": N_("Locked an account"),
    "enable_account": N_("Unlocked an account"),
    "delete_account": N_("Deleted an account"),
    "resend_invitation": N_("Sent an invitation again"),
    "cancel_invitation": N_("Cancelled an invitation"),
    "invite_staff": N_("Invited somebody of the staff"),
    "change_password_rule": N_("Changed how long a password must be"),
    # The company
    "change_company": N_("Changed the company's name, colour or mail lines"),
    "preview_company": N_("Looked at a preview of name and colour"),
    "upload_logo": N_("Uploaded a logo"),
    "remove_logo": N_("Removed the logo"),
    "change_legal_texts": N_("Changed the imprint or the privacy statement"),
    "preview_legal_texts": N_("Looked at a preview of the imprint or the privacy statement"),
    # The order folder
    "change_order_folder": N_("Changed the path of the order folders"),
    "preview_order_folder": N_("Looked at a preview of the path of the order folders"),
    "probe_order_folder": N_("Wrote a test file into the order folder"),
    "retry_failing_files": N_("Had files tried again that had not reached their folder"),
    # Statuses
    "create_status_group": N_("Added a status group"),
    "change_status_group": N_("Changed a status group"),
    "move_status_group": N_("Moved a status group"),
    "remove_status_group": N_("Deleted a status group"),
    "create_status": N_("Added a status"),
    "change_status": N_("Changed a status"),
    "remove_status": N_("Deleted a status"),
}
UNKNOWN = N_("Did “%(route_name)s”")
"""An entry of a route that is no longer there."""


def tell(action: LoggedAction) -> Told:
    sentence = SENTENCES.get(action.route_name)
    if sentence is None:
        return Told(UNKNOWN, {"route_name": action.route_name})
    return Told(sentence, dict(action.path_values))


def routes_that_say(words: str, translate: Callable[[str], str]) -> list[str]:
    """The routes whose sentence, in the reader's language, contains the words."""
    return [name for name, text in SENTENCES.items() if words.casefold() in translate(text).casefold()]
