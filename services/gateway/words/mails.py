"""What the pages say about mails: what is wrong with a server, with a setting, with the words of a mail."""

from collections.abc import Mapping

from services.gateway.words.texts import N_, Faults, Told
from shared.api.mailer import TestCode, WordsProblem

TEST_OUTCOMES: dict[TestCode, tuple[str, str]] = {
    "sent": (
        N_("The mail server has accepted the test mail."),
        N_("It is on its way to %(recipient)s. Please check that it arrives; it may be in the spam folder."),
    ),
    "name_not_found": (
        N_("There is no mail server with this name."),
        N_("%(host)s is not known. Please check how it is written."),
    ),
    "refused": (
        N_("Nobody answers on this port."),
        N_(
            "%(host)s accepts no connection on port %(port)s."
            " Usual ones are 587 (STARTTLS), 465 (TLS) and 25."
        ),
    ),
    "unreachable": (
        N_("The mail server cannot be reached."),
        N_("Please check name and port, and whether a firewall lets the portal reach %(host)s."),
    ),
    "timeout": (
        N_("The mail server does not answer."),
        N_(
            "Often a firewall blocks the port, or port and encryption do not match:"
            " 465 belongs to TLS, 587 to STARTTLS."
        ),
    ),
    "no_greeting": (
        N_("What answers there does not behave like a mail server."),
        N_("Perhaps the port is wrong, or it wants encryption from the start: then choose TLS."),
    ),
    "no_tls_here": (
        N_("The mail server does not encrypt from the start on this port."),
        N_("Please choose STARTTLS, or port 465."),
    ),
    "certificate_untrusted": (
        N_("The certificate of the mail server cannot be trusted."),
        N_(
            "No known authority vouches for it. If your company has one of its own,"
            " name its certificate in SMTP_CA_FILE."
        ),
    ),
    "certificate_expired": (
        N_("The certificate of the mail server has expired."),
        N_("Please have it renewed on %(host)s, and check the clock of this machine."),
    ),
    "certificate_other_name": (
        N_("The certificate belongs to a server with another name."),
        N_("Please enter the name in the certificate instead of %(host)s."),
    ),
    "starttls_missing": (
        N_("The mail server offers no STARTTLS on this port."),
        N_("Please choose TLS with port 465, or port 587."),
    ),
    "starttls_failed": (
        N_("The encryption with STARTTLS did not succeed."),
        N_("Please try TLS with port 465."),
    ),
    "encryption_required": (
        N_("The mail server requires encryption before anybody logs in."),
        N_("Please choose STARTTLS with port 587, or TLS with port 465."),
    ),
    "login_not_offered": (
        N_("The mail server offers no log-in here."),
        N_(
            "Please leave the user name empty, or choose an encryption:"
            " many servers let nobody log in without."
        ),
    ),
    "login_required": (
        N_("The mail server requires a log-in."),
        N_("Please enter user name and password; some servers require encryption as well."),
    ),
    "login_refused": (
        N_("The mail server does not accept user name and password."),
        N_("Please check both. Some providers require a separate password for programs (app password)."),
    ),
    "sender_refused": (
        N_("The mail server does not accept the sender."),
        N_("Please enter an address that %(username)s may send from instead of %(sender)s."),
    ),
    "recipient_refused": (
        N_("The mail server does not accept the recipient."),
        N_(
            "Please check the address %(recipient)s. Servers without a log-in often take their own ones only."
        ),
    ),
    "message_refused": (
        N_("The mail server refused the mail itself."),
        N_("Its answer below says why."),
    ),
    "other": (
        N_("The test mail could not be sent."),
        N_("The answer below says more."),
    ),
}
"""What happened, and what to do."""

_SETTING_FAULTS: Mapping[tuple[str, str], str] = {
    ("host", "missing"): N_("Please enter the name of the mail server, such as mail.company.com."),
    ("host", "malformed"): N_("Please enter only the name of the mail server, such as mail.company.com."),
    ("port", "malformed"): N_("Please enter a number from 1 to 65535; the usual ones are 587, 465 and 25."),
    ("sender", "missing"): N_("Please enter the address that mails of the portal come from."),
    ("sender", "malformed"): N_("Please enter an e-mail address such as portal@company.com."),
    ("fallback", "malformed"): N_("Please enter an e-mail address such as office@company.com."),
    ("recipient", "malformed"): N_("Please enter the e-mail address that the test mail goes to."),
    ("password", "password_again"): N_(
        "Please enter the password again: the stored one belongs to another server or user name."
    ),
    ("request_delay_seconds", "malformed"): N_("Please enter a number of seconds from 0 to 3600."),
}


def tell_setting_faults(fields: Mapping[str, str]) -> Faults:
    return {name: _SETTING_FAULTS[name, code] for name, code in fields.items()}


_WORDS_FAULTS: Mapping[str, str] = {
    "empty": N_("This must not be empty."),
    "too_long": N_("This is too long. Please shorten it."),
    "unknown_field": N_(
        "Line %(line)s: there is no field “%(name)s” in this mail. The list shows those there are."
    ),
    "syntax": N_(
        "Line %(line)s: braces or a condition are not complete. Each {{ needs its }}, each {%% if %%} its"
        " {%% endif %%}."
    ),
    "not_allowed": N_(
        "Line %(line)s: “%(name)s” is not possible here. There are fields in {{ }} and conditions with"
        " {%% if %%}, {%% elif %%} and {%% else %%}."
    ),
}


def tell_words_problems(problems: tuple[WordsProblem, ...]) -> Faults:
    """By part of the mail, which is the name of the form's field."""
    return {
        one.part: Told(_WORDS_FAULTS[one.fault], {"line": one.line or 1, "name": one.name})
        for one in problems
    }


FIELD_MEANINGS: Mapping[str, str] = {
    "company": N_("your company"),
    "name": N_("the recipient; empty if the name is not known"),
    "clerk": N_("the clerk; empty if none is known"),
    "customer": N_("the customer's company"),
    "customer_number": N_("the customer number"),
    "order_number": N_("the number of the order"),
    "proof_count": N_("how many proofs the mail is about"),
    "titles": N_("the titles of all proofs of the mail"),
    "title": N_("the title of the proof"),
    "version": N_("the version of the proof"),
    "has_access": N_("whether the recipient has an account, only for conditions"),
    "is_invited": N_("whether the mail invites to register as well, only for conditions"),
    "expires_at": N_("until when the link is valid"),
    "decision": N_("approved, approved_with_changes or changes_requested, only for conditions"),
    "person": N_("the person of the customer"),
    "decided_at": N_("when it was decided"),
    "record": N_("the name of the attached record"),
    "positions": N_("the positions that the mail is about"),
    "role": N_("clerk or operator, only for conditions"),
    "email": N_("the e-mail address of the account"),
    "email_before": N_("the former e-mail address"),
    "invited_email": N_("the invited address, if it is a different one; otherwise empty"),
    "purpose": N_("registration or change, only for conditions"),
    "changed_at": N_("when it was changed"),
    "confirmed_by": N_("who confirmed the changes"),
    "confirmed_at": N_("when the changes were confirmed"),
    "assigned_at": N_("when the proof was assigned"),
    "sent_at": N_("when the mail was sent"),
}

CASE_NAMES: Mapping[str, str] = {
    "usual": N_("Usual"),
    "positions": N_("For positions"),
    "whole_order": N_("For the whole order"),
    "one": N_("One proof"),
    "several": N_("Several proofs"),
    "invited": N_("With invitation"),
    "approved": N_("Approved"),
    "approved_with_changes": N_("Approved with changes"),
    "changes_requested": N_("Correction needed"),
    "clerk": N_("Clerk"),
    "operator": N_("Operator"),
    "invited_address": N_("With the invited address"),
    "other_address": N_("With another address"),
    "registration": N_("On registration"),
    "change": N_("When the address is changed"),
}

MAIL_STATES: Mapping[str, str] = {
    "draft": N_("Waiting to be sent"),
    "queued": N_("On its way"),
    "sent": N_("Sent"),
    "failed": N_("Not sent"),
}
