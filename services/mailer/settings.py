"""What mailer reads from the environment."""

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from services.mailer.model.recipients import Mailbox
from services.mailer.model.settings import MailSettings, parse_smtp_url
from shared.api.mailer import Way
from shared.settings import BrandColour, ServiceSettings, TimeZone


class MailerSettings(ServiceSettings):
    public_url: str
    """Where people reach the portal; links in mails begin with it."""
    smtp_url: SecretStr
    """smtp://, smtps:// or smtp+starttls://[user:password@]host[:port]"""
    smtp_ca_file: Path | None = None
    """Certificates of the dealer's own authority, believed beside the system's."""
    mail_from: str
    """The portal's own address: bounces come back to it."""
    mail_fallback: str = ""
    """Gets the mails to clerks without an address; MAIL_FROM where nothing is given."""
    request_mail_delay_seconds: int = Field(default=60, ge=0, le=3600)
    """Samples assigned to one order within this time make one mail."""
    copy_to_clerk: bool = True
    """The clerk gets a copy of what goes out in his name."""
    mail_way: Way = "smtp"
    """How a clerk's own mails leave: by "smtp", or as drafts for his own "outlook"."""
    sample_wait_hours: int = Field(default=24, ge=1)
    """After this time a clerk is told that a sample still waits for its order."""
    mail_days: int = Field(default=365, ge=30)
    """Mails that were sent or failed are deleted after this time, in days."""
    delivery_lease_seconds: int = Field(default=120, ge=3)
    """A mail whose sender died is tried again after this time."""
    company_name: str = "Partner-Cockpit"
    """The dealer's name."""
    company_imprint: str = ""
    """The dealer's imprint at the foot of every mail; lines separated by | or line ends."""
    brand_colour: BrandColour = "#0f5c8c"
    """The dealer's colour as #rrggbb."""
    time_zone: TimeZone = "Europe/Berlin"
    default_locale: str = Field(default="de", pattern="^(de|en)$")
    """The language of recipients who have not chosen one."""

    @field_validator("mail_from", "mail_fallback")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value and not Mailbox("", value).is_deliverable:
            raise ValueError("must look like portal@example.de")
        return value

    @model_validator(mode="after")
    def _can_be_used(self) -> Self:
        parse_smtp_url(self.smtp_url.get_secret_value())
        if not self.mail_from:
            raise ValueError("MAIL_FROM must be given")
        return self

    @property
    def defaults(self) -> MailSettings:
        """What holds until the operator sets something else on the page."""
        return MailSettings(
            server=parse_smtp_url(self.smtp_url.get_secret_value()),
            sender=self.mail_from,
            fallback=self.mail_fallback,
            copy_to_clerk=self.copy_to_clerk,
            way=self.mail_way,
            request_delay=timedelta(seconds=self.request_mail_delay_seconds),
        )
