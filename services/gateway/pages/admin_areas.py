"""The areas of the administration: one table for its start page and for the menu on its pages.

A page of an area says `{% set area = "show_users" %}` and extends admin/_admin.html.
"""

from dataclasses import dataclass

from services.gateway.words.texts import N_


@dataclass(frozen=True)
class Area:
    """`route` is the name of its first page; `sentence` says what is done there."""

    route: str
    title: str
    sentence: str


AREAS: tuple[Area, ...] = (
    Area("show_users", N_("Accounts"), N_("Who can log in: search, lock, delete, let approve.")),
    Area(
        "show_invitations", N_("Open registrations"), N_("Who has been invited and has not registered yet.")
    ),
    Area("show_staff", N_("Staff"), N_("Clerks and operators: invite them and lock them out.")),
    Area("edit_password_rule", N_("Passwords"), N_("How long a password must be.")),
    Area("show_company", N_("Company"), N_("Name, colour and logo, imprint and privacy.")),
    Area("show_api_keys", N_("API keys"), N_("Let CDH and workstations in, or lock them out.")),
    Area("show_mail_settings", N_("Mail server"), N_("How mails leave: server, sender, drafts for Outlook.")),
    Area("list_mail_templates", N_("Mail templates"), N_("The wording of each mail, in German and English.")),
    Area("show_mail_log", N_("Sent mails"), N_("What went to whom, and what did not get through.")),
    Area("show_order_folder", N_("Order folder"), N_("Where proofs and records are filed, and what failed.")),
    Area("show_statuses", N_("Statuses"), N_("Status groups and statuses: the steps of the status bar.")),
    Area("show_audit_log", N_("Audit log"), N_("What clerks and operators did, and when.")),
)
"""In the order in which they are shown."""
