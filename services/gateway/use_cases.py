"""What the gateway itself can do: the company's look and the audit log. All else it asks of the services."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from services.gateway.model.audit import LoggedAction, LogSearch
from services.gateway.model.branding import Branding, Logo
from services.gateway.repository import audit
from services.gateway.repository import branding as repository
from shared.database import Transaction
from shared.database.wake import notify
from shared.events.gateway import BrandingChanged
from shared.events.sync import File
from shared.messaging import outbox


async def change_company(
    transaction: Transaction, *, company_name: str, colour: str, mail_imprint: str, now: datetime
) -> None:
    """What is empty follows the settings again."""
    known = await repository.lock_branding(transaction, now=now)
    changed = replace(known, company_name=company_name, colour=colour, mail_imprint=mail_imprint)
    await _save(transaction, known, changed, now=now)


async def change_logo(transaction: Transaction, logo: Logo | None, *, now: datetime) -> None:
    known = await repository.lock_branding(transaction, now=now)
    await _save(transaction, known, replace(known, logo=logo), now=now)


async def change_legal_texts(
    transaction: Transaction, name: str, texts: Mapping[str, str], *, now: datetime
) -> None:
    """`texts` maps each language to what was written; what is empty is the file or the sample again."""
    known = await repository.lock_branding(transaction, now=now)
    others = {key: text for key, text in known.legal_texts.items() if key[0] != name}
    own = {(name, locale): text for locale, text in texts.items() if text}
    await _save(transaction, known, replace(known, legal_texts=others | own), now=now)


async def _save(transaction: Transaction, known: Branding, changed: Branding, *, now: datetime) -> None:
    """Counts it up, wakes every copy of the gateway, and tells those who show it as well."""
    if changed == known:
        return
    changed = replace(changed, revision=known.revision + 1)
    await repository.save_branding(transaction, changed, now=now)
    await notify(transaction, repository.CHANGED)
    await outbox.add(
        transaction,
        BrandingChanged(
            company_name=changed.company_name,
            colour=changed.colour,
            imprint=changed.mail_imprint,
            logo=_file(changed.logo),
            logo_width=changed.logo.width if changed.logo else 0,
            logo_height=changed.logo.height if changed.logo else 0,
            revision=changed.revision,
        ),
    )


def _file(logo: Logo | None) -> File | None:
    if logo is None:
        return None
    return File(sha256=logo.sha256, name="logo.png", media_type="image/png", size=logo.size)


async def search_log(
    transaction: Transaction, search: LogSearch, *, limit: int, offset: int
) -> tuple[list[LoggedAction], int]:
    """The actions of this page, and how many there are in all."""
    found = await audit.list_actions(transaction, search, limit=limit, offset=offset)
    return found, await audit.count_actions(transaction, search)
