"""What a page says about the step before it: a fixed table, named in a cookie by its key.

No address can make a page say something, and nobody can make it say anything else.
"""

from enum import Enum

from services.gateway.words.texts import N_


class Notice(Enum):
    """Kind of the message, its text, and the route where one can go on, if any."""

    SAMPLES_ASSIGNED = (
        "success",
        N_("Assigned. The proofs appear here in a moment, and the customer gets a mail."),
    )
    SAMPLES_ASSIGNED_BY_DRAFT = (
        "success",
        N_("Assigned. The mail to the customer will lie ready as a draft for Outlook in a moment."),
        "list_drafts",
    )
    API_KEY_REVOKED = ("success", N_("The key is revoked; whoever uses it is refused from now on."))
    CHANGES_CONFIRMED = ("success", N_("The changes are confirmed, with your name and the time."))
    CUSTOMER_INVITED = (
        "success",
        N_("The invitation is on its way. As soon as the person registers, you will get a mail."),
    )
    CUSTOMER_INVITED_BY_DRAFT = (
        "success",
        N_("Invited. The mail will lie ready as a draft for Outlook in a moment; please send it from there."),
        "list_drafts",
    )
    INVITATION_RESENT = (
        "success",
        N_("The invitation is on its way again, with a new link. Older links no longer work."),
    )
    INVITATION_RESENT_BY_DRAFT = (
        "success",
        N_("Invited again with a new link. The mail will lie ready as a draft for Outlook in a moment."),
        "list_drafts",
    )
    INVITATION_CANCELLED = ("success", N_("The invitation is withdrawn, its link no longer works."))
    WELCOME = ("success", N_("Welcome. Your account is ready, and you are logged in."))
    OPERATOR_CREATED = (
        "success",
        N_("You are the first operator. Next, please look through the areas below."),
    )
    PASSWORD_RESET = ("success", N_("Your password is changed. Please log in with the new one."))
    PASSWORD_CHANGED = ("success", N_("Your password is changed. You are logged out everywhere else."))
    PROFILE_CHANGED = ("success", N_("Your details are changed."))
    EMAIL_CONFIRMATION_SENT = (
        "information",
        N_("We have sent a mail to the new address. It counts as soon as you confirm it with its link."),
    )
    EMAIL_CHANGED = ("success", N_("Your new e-mail address is confirmed. Log in with it from now on."))
    APPROVALS_ALLOWED = ("success", N_("The person may approve proofs from now on."))
    APPROVALS_FORBIDDEN = ("success", N_("From now on the person can only look at proofs."))
    ACCOUNT_DISABLED = ("success", N_("The account is locked, and all its sessions have ended."))
    ACCOUNT_ENABLED = ("success", N_("The account is unlocked. The person can log in again."))
    ACCOUNT_DELETED = ("success", N_("The account is deleted, and all its sessions have ended."))
    ACCOUNT_STAYS = (
        "error",
        N_("Nothing was changed: the last operator stays, and nobody can lock or delete themselves."),
    )
    PASSWORD_RULE_CHANGED = ("success", N_("The new length applies to every password chosen from now on."))
    INVITATION_CLOSED = (
        "error",
        N_("Nothing was changed: the person has registered meanwhile, or the invitation was withdrawn."),
    )
    LOGGED_OUT_EVERYWHERE = ("success", N_("You are logged out everywhere."))
    COMPANY_SAVED = ("success", N_("Name, colour and imprint are saved. All pages show them from now on."))
    LOGO_SAVED = ("success", N_("The logo is saved. All pages show it from now on."))
    LOGO_PALE = (
        "warning",
        N_(
            "The logo is saved, but it is so light that it can hardly be seen on white. A dark one is better."
        ),
    )
    LOGO_REMOVED = ("success", N_("The logo is removed. Pages show the company's name instead."))
    FOLDER_SAVED = ("success", N_("The path is saved. The next file is put there."))
    FILES_RETRIED = ("information", N_("The files are tried again now. Please look again in a moment."))
    STATUSES_SAVED = ("success", N_("Saved. Status bars show it from now on."))
    STATUSES_ON_THEIR_WAY = (
        "information",
        N_("Saved. The change is on its way and will be seen here and in status bars in a moment."),
    )
    LEGAL_TEXTS_SAVED = ("success", N_("The texts are saved and on the page."))
    LEGAL_TEXTS_SAMPLE = (
        "warning",
        N_("Saved. The page shows the sample text again, since there is none of your own."),
    )
    LEGAL_TEXTS_PARTLY_SAMPLE = (
        "warning",
        N_("Saved. In one language the page shows the sample text, since there is none of your own."),
    )
    LEGAL_TEXTS_FROM_FILE = (
        "success",
        N_("Saved. Where there is no text of your own, the page shows the text of the installation."),
    )
    MAIL_SETTINGS_SAVED = ("success", N_("The settings are saved. They apply from the next mail on."))
    MAIL_SETTINGS_RESET = ("success", N_("The values of the installation apply again."))
    WORDS_SAVED = ("success", N_("The wording is saved. The next mail has it."))
    WORDS_RESET = ("success", N_("The shipped wording applies again. Yours is kept in the history."))
    MAIL_SENT_AGAIN = ("success", N_("The mail is on its way again."))
    MAIL_NOT_FAILED = ("information", N_("This mail is on its way already, or has no recipient."))
    LINK_OVER = ("warning", N_("The link in this mail has expired. Please invite the person again."))
    DRAFT_MARKED = ("success", N_("Noted: you have sent the mail."))
    DRAFT_SENT = ("success", N_("The portal is sending the mail now, with you as sender."))
    DRAFT_DISCARDED = ("success", N_("The mail is discarded and will not be sent."))
    DRAFT_GONE = ("information", N_("This mail was sent or discarded already."))

    def __init__(self, kind: str, text: str, route: str = "") -> None:
        self.kind = kind
        self.text = text
        self.route = route


def find_notice(key: str) -> Notice | None:
    return Notice.__members__.get(key)
