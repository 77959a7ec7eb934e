"""What the operator set: how mails leave, and his own words."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record

from services.mailer.model.settings import MailSettings, SmtpServer
from services.mailer.words import Words, WordsVersion
from shared.database import Transaction

# How mails leave


async def find_settings(transaction: Transaction) -> MailSettings | None:
    """The password as it is stored: sealed. None while the environment's values hold."""
    row = await transaction.fetchrow(
        "SELECT host, port, security, username, sealed_password, sender, fallback, copy_to_clerk, way,"
        " request_delay, changed_at, changed_by FROM mail_settings"
    )
    return _settings(row) if row else None


async def save_settings(transaction: Transaction, settings: MailSettings) -> None:
    """The password must be sealed."""
    server = settings.server
    await transaction.execute(
        "INSERT INTO mail_settings (mail_settings_id, host, port, security, username, sealed_password,"
        " sender, fallback, copy_to_clerk, way, request_delay, changed_at, changed_by)"
        " VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " ON CONFLICT (mail_settings_id) DO UPDATE SET host = EXCLUDED.host, port = EXCLUDED.port,"
        " security = EXCLUDED.security, username = EXCLUDED.username,"
        " sealed_password = EXCLUDED.sealed_password, sender = EXCLUDED.sender,"
        " fallback = EXCLUDED.fallback, copy_to_clerk = EXCLUDED.copy_to_clerk, way = EXCLUDED.way,"
        " request_delay = EXCLUDED.request_delay, changed_at = EXCLUDED.changed_at,"
        " changed_by = EXCLUDED.changed_by",
        server.host,
        server.port,
        server.security,
        server.username,
        server.password,
        settings.sender,
        settings.fallback,
        settings.copy_to_clerk,
        settings.way,
        settings.request_delay,
        settings.changed_at,
        settings.changed_by,
    )


async def remove_settings(transaction: Transaction) -> None:
    await transaction.execute("DELETE FROM mail_settings")


def _settings(row: Record) -> MailSettings:
    return MailSettings(
        server=SmtpServer(row["host"], row["port"], row["security"], row["username"], row["sealed_password"]),
        sender=row["sender"],
        fallback=row["fallback"],
        copy_to_clerk=row["copy_to_clerk"],
        way=row["way"],
        request_delay=row["request_delay"],
        changed_at=row["changed_at"],
        changed_by=row["changed_by"],
    )


# Words


async def find_words(transaction: Transaction, template: str, locale: str) -> Words | None:
    """The operator's own words; None where the shipped ones hold."""
    version = await find_newest_version(transaction, template, locale)
    return version.words if version else None


async def find_newest_version(transaction: Transaction, template: str, locale: str) -> WordsVersion | None:
    row = await transaction.fetchrow(
        "SELECT words_version_id, template, locale, subject, opening, button, closing, saved_at, saved_by"
        " FROM words_version WHERE template = $1 AND locale = $2 ORDER BY words_version_id DESC LIMIT 1",
        template,
        locale,
    )
    return _version(row) if row else None


async def list_newest_versions(transaction: Transaction) -> list[WordsVersion]:
    """Of each mail and language that was ever changed."""
    rows = await transaction.fetch(
        "SELECT DISTINCT ON (template, locale) words_version_id, template, locale, subject, opening, button,"
        " closing, saved_at, saved_by FROM words_version ORDER BY template, locale, words_version_id DESC"
    )
    return [_version(row) for row in rows]


async def list_versions(
    transaction: Transaction, template: str, locale: str, *, limit: int
) -> Sequence[WordsVersion]:
    """The newest first."""
    rows = await transaction.fetch(
        "SELECT words_version_id, template, locale, subject, opening, button, closing, saved_at, saved_by"
        " FROM words_version WHERE template = $1 AND locale = $2 ORDER BY words_version_id DESC LIMIT $3",
        template,
        locale,
        limit,
    )
    return [_version(row) for row in rows]


async def add_version(
    transaction: Transaction,
    template: str,
    locale: str,
    words: Words | None,
    *,
    saved_at: datetime,
    saved_by: str,
) -> None:
    """None: the shipped words hold again."""
    await transaction.execute(
        "INSERT INTO words_version (template, locale, subject, opening, button, closing, saved_at, saved_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        template,
        locale,
        words.subject if words else None,
        words.opening if words else None,
        words.button if words else None,
        words.closing if words else None,
        saved_at,
        saved_by,
    )


def _version(row: Record) -> WordsVersion:
    words = (
        None
        if row["subject"] is None
        else Words(row["subject"], row["opening"], row["button"], row["closing"])
    )
    return WordsVersion(
        row["words_version_id"], row["template"], row["locale"], words, row["saved_at"], row["saved_by"]
    )
