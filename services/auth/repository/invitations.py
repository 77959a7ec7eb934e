"""Invitations, their links, and registrations that wait for the confirmation of an address."""

from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.auth.model.accounts import Account, ListWish, email_key
from services.auth.model.invitations import (
    KEEP_CLOSED,
    Invitation,
    InvitationRequest,
    ListedInvitation,
    PendingRegistration,
)
from shared.api.auth import InvitationState
from shared.database import Transaction

# $1 is the time it is.
_STATE = """
    CASE WHEN invitation.accepted_at IS NOT NULL THEN 'accepted'
         WHEN invitation.cancelled_at IS NOT NULL THEN 'cancelled'
         WHEN EXISTS (SELECT FROM pending_registration AS pending
                       WHERE pending.invitation_id = invitation.invitation_id AND pending.expires_at > $1)
         THEN 'awaiting_confirmation'
         WHEN invitation.expires_at > $1 THEN 'open'
         ELSE 'expired'
    END AS state
"""
_COLUMNS = (
    "invitation.invitation_id, invitation.role, invitation.customer_number, invitation.contact_id,"
    " invitation.clerk_code, invitation.name, invitation.email, invitation.may_approve, invitation.locale,"
    " invitation.inviter_code, invitation.inviter_name, invitation.invited_at, invitation.told_at,"
    f" invitation.expires_at, invitation.form_id, {_STATE}"
)
CHANNEL = "invitation_request"


# Invitations


async def list_invitations(
    transaction: Transaction, wish: ListWish, states: tuple[InvitationState, ...], *, now: datetime
) -> tuple[list[ListedInvitation], int]:
    """The wished page, the last told first, and how many there are on all pages. No states: all of them."""
    rows = await transaction.fetch(
        f"""
        WITH every AS (
            SELECT {_COLUMNS}, coalesce(customer.name, '') AS customer_name
              FROM invitation LEFT JOIN customer USING (customer_number)
             WHERE ($2::boolean IS NULL OR (invitation.role = 'customer') = $2)
               AND ($3 = '' OR invitation.customer_number = $3)
               AND greatest(invitation.expires_at, invitation.accepted_at, invitation.cancelled_at) >= $8
               AND NOT EXISTS (
                   SELECT FROM unnest($4::text[]) AS word
                    WHERE position(folded(word) IN folded(concat_ws(' ', invitation.name, invitation.email,
                          invitation.customer_number, invitation.clerk_code, customer.name))) = 0)
        ),
        found AS (SELECT * FROM every WHERE $5::text[] = '{{}}' OR state = ANY ($5))
        SELECT (SELECT count(*) FROM found) AS total, page.*
          FROM (SELECT NULL) AS always
          LEFT JOIN (SELECT * FROM found ORDER BY told_at DESC, invitation_id LIMIT $6 OFFSET $7) AS page
            ON true
         ORDER BY told_at DESC, invitation_id
        """,
        now,
        wish.of_customers,
        wish.customer_number,
        wish.words,
        states,
        wish.limit,
        wish.offset,
        now - KEEP_CLOSED,
    )
    listed = [
        ListedInvitation(_invitation(row), row["customer_name"]) for row in rows if row["invitation_id"]
    ]
    return listed, rows[0]["total"]


async def remove_unanswered_invitations(transaction: Transaction, account: Account) -> None:
    """Whatever would let the person of this account come back: open invitations, registrations that wait.

    He is known by his address, by those he was invited at, and as CDH's contact. What he accepted goes with
    the account, hence this comes first.
    """
    accepted = await transaction.fetch(
        "SELECT email, contact_id FROM invitation WHERE account_id = $1", account.account_id
    )
    emails = [account.email, *(row["email"] for row in accepted)]
    contact_ids = {account.contact_id, *(row["contact_id"] for row in accepted)} - {""}
    await transaction.execute(
        "DELETE FROM invitation WHERE customer_number = $1"
        " AND (email_key = ANY ($2::text[]) OR contact_id = ANY ($3::text[]))"
        " AND accepted_at IS NULL AND cancelled_at IS NULL",
        account.customer_number,
        [email_key(email) for email in emails],
        list(contact_ids),
    )
    await transaction.execute(
        "DELETE FROM pending_registration WHERE lower(email) = ANY (SELECT lower(unnest($1::text[])))", emails
    )


async def add_invitation(transaction: Transaction, invitation: Invitation) -> bool:
    """False where the same person has an invitation that is not answered yet."""
    return bool(
        await transaction.fetchval(
            "INSERT INTO invitation (invitation_id, role, customer_number, contact_id, clerk_code, name,"
            " email, email_key, may_approve, locale, inviter_code, inviter_name, invited_at, told_at,"
            " expires_at, form_id)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
            " ON CONFLICT (customer_number, email_key) WHERE accepted_at IS NULL AND cancelled_at IS NULL"
            " DO NOTHING RETURNING true",
            invitation.invitation_id,
            invitation.role,
            invitation.customer_number,
            invitation.contact_id,
            invitation.clerk_code,
            invitation.name,
            invitation.email,
            email_key(invitation.email),
            invitation.may_approve,
            invitation.locale,
            invitation.inviter_code,
            invitation.inviter_name,
            invitation.invited_at,
            invitation.told_at,
            invitation.expires_at,
            invitation.form_id,
        )
    )


async def save_invitation(transaction: Transaction, invitation: Invitation) -> None:
    """Saves what an invitation that is told again may have changed."""
    await transaction.execute(
        "UPDATE invitation SET (role, contact_id, clerk_code, name, email, may_approve, locale, inviter_code,"
        " inviter_name, told_at, expires_at, form_id)"
        " = ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        " WHERE invitation_id = $1",
        invitation.invitation_id,
        invitation.role,
        invitation.contact_id,
        invitation.clerk_code,
        invitation.name,
        invitation.email,
        invitation.may_approve,
        invitation.locale,
        invitation.inviter_code,
        invitation.inviter_name,
        invitation.told_at,
        invitation.expires_at,
        invitation.form_id,
    )


async def accept_invitation(
    transaction: Transaction, invitation_id: UUID, *, account_id: UUID, now: datetime
) -> None:
    await transaction.execute(
        "UPDATE invitation SET accepted_at = $2, account_id = $3 WHERE invitation_id = $1",
        invitation_id,
        now,
        account_id,
    )


async def cancel_invitation(transaction: Transaction, invitation_id: UUID, *, now: datetime) -> None:
    await transaction.execute(
        "UPDATE invitation SET cancelled_at = $2 WHERE invitation_id = $1", invitation_id, now
    )


async def has_led_to_access(transaction: Transaction, wanted: Invitation) -> bool:
    """Whether somebody who was invited at this address or as this contact of CDH has an account of this
    customer, disabled or not, and with whatever address by now."""
    return bool(
        await transaction.fetchval(
            "SELECT EXISTS (SELECT FROM invitation JOIN account USING (account_id)"
            " WHERE account.customer_number = $1 AND invitation.customer_number = $1"
            " AND (invitation.email_key = $2 OR invitation.contact_id = nullif($3, '')))",
            wanted.customer_number,
            email_key(wanted.email),
            wanted.contact_id,
        )
    )


async def lock_unanswered_invitation(
    transaction: Transaction, customer_number: str, email: str, *, now: datetime
) -> Invitation | None:
    """The invitation of this person that is neither accepted nor cancelled, held until the end."""
    row = await transaction.fetchrow(
        f"SELECT {_COLUMNS} FROM invitation WHERE customer_number = $2 AND email_key = $3"
        " AND accepted_at IS NULL AND cancelled_at IS NULL FOR UPDATE",
        now,
        customer_number,
        email_key(email),
    )
    return _invitation(row) if row else None


async def find_invitation_of_form(
    transaction: Transaction, form_id: UUID, *, now: datetime
) -> Invitation | None:
    """What this form has told, whatever became of it. A form that comes twice at once waits for itself."""
    await transaction.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", str(form_id))
    row = await transaction.fetchrow(
        f"SELECT {_COLUMNS} FROM invitation WHERE form_id = $2 ORDER BY told_at DESC LIMIT 1", now, form_id
    )
    return _invitation(row) if row else None


async def lock_invitation(
    transaction: Transaction, invitation_id: UUID, *, now: datetime
) -> Invitation | None:
    row = await transaction.fetchrow(
        f"SELECT {_COLUMNS} FROM invitation WHERE invitation_id = $2 FOR UPDATE", now, invitation_id
    )
    return _invitation(row) if row else None


# Links


_LINKED = (
    f"SELECT {_COLUMNS} FROM invitation JOIN invitation_link AS link USING (invitation_id)"
    " WHERE link.token_hash = $2 AND link.expires_at > $1"
    " AND invitation.accepted_at IS NULL AND invitation.cancelled_at IS NULL"
)


async def add_link(
    transaction: Transaction, token_hash: bytes, invitation_id: UUID, *, expires_at: datetime
) -> None:
    await transaction.execute(
        "INSERT INTO invitation_link (token_hash, invitation_id, expires_at) VALUES ($1, $2, $3)",
        token_hash,
        invitation_id,
        expires_at,
    )


async def find_linked_invitation(
    transaction: Transaction, token_hash: bytes, *, now: datetime
) -> Invitation | None:
    """The invitation whose link this is, if the link is good."""
    row = await transaction.fetchrow(_LINKED, now, token_hash)
    return _invitation(row) if row else None


async def lock_linked_invitation(
    transaction: Transaction, token_hash: bytes, *, now: datetime
) -> Invitation | None:
    """The same, held until the end. Whoever comes second waits, and finds that the link is over."""
    held = await transaction.fetchval(
        "SELECT invitation_id FROM invitation WHERE invitation_id ="
        " (SELECT invitation_id FROM invitation_link WHERE token_hash = $1) FOR UPDATE",
        token_hash,
    )
    return await find_linked_invitation(transaction, token_hash, now=now) if held else None


async def remove_links(transaction: Transaction, invitation_id: UUID) -> None:
    """End every way by which the invitation could be accepted, a registration that waits included."""
    await transaction.execute("DELETE FROM invitation_link WHERE invitation_id = $1", invitation_id)
    await transaction.execute("DELETE FROM pending_registration WHERE invitation_id = $1", invitation_id)


# Registrations that wait


async def save_pending_registration(
    transaction: Transaction, pending: PendingRegistration, token_hash: bytes, *, expires_at: datetime
) -> None:
    """One for each invitation: a corrected address takes the place of the wrong one, whose link is over."""
    await transaction.execute(
        "INSERT INTO pending_registration"
        " (invitation_id, token_hash, name, email, locale, password_hash, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT ON CONSTRAINT pending_registration_pkey DO UPDATE"
        " SET (token_hash, name, email, locale, password_hash, expires_at) = (excluded.token_hash,"
        " excluded.name, excluded.email, excluded.locale, excluded.password_hash, excluded.expires_at)",
        pending.invitation.invitation_id,
        token_hash,
        pending.name,
        pending.email,
        pending.locale,
        pending.password_hash,
        expires_at,
    )


async def find_pending_registration(
    transaction: Transaction, token_hash: bytes, *, now: datetime
) -> PendingRegistration | None:
    """The registration whose link this is, if the link is good."""
    row = await transaction.fetchrow(
        f"SELECT {_COLUMNS}, pending.name AS own_name, pending.email AS own_email,"
        " pending.locale AS own_locale, pending.password_hash"
        " FROM pending_registration AS pending JOIN invitation USING (invitation_id)"
        " WHERE pending.token_hash = $2 AND pending.expires_at > $1"
        " AND invitation.accepted_at IS NULL AND invitation.cancelled_at IS NULL",
        now,
        token_hash,
    )
    if row is None:
        return None
    return PendingRegistration(
        _invitation(row), row["own_name"], row["own_email"], row["own_locale"], row["password_hash"]
    )


async def find_awaiting_email(transaction: Transaction, invitation_id: UUID, *, now: datetime) -> str:
    """The address that waits for its confirmation; empty where none does."""
    email = await transaction.fetchval(
        "SELECT email FROM pending_registration WHERE invitation_id = $1 AND expires_at > $2",
        invitation_id,
        now,
    )
    return email or ""


async def lock_pending_registration(
    transaction: Transaction, token_hash: bytes, *, now: datetime
) -> PendingRegistration | None:
    """The same, held until the end. Whoever comes second waits, and finds that the link is over."""
    held = await transaction.fetchval(
        "SELECT invitation_id FROM invitation WHERE invitation_id ="
        " (SELECT invitation_id FROM pending_registration WHERE token_hash = $1) FOR UPDATE",
        token_hash,
    )
    return await find_pending_registration(transaction, token_hash, now=now) if held else None


# Requests of other services


async def add_request(transaction: Transaction, request: InvitationRequest) -> None:
    await transaction.execute(
        f"""
        WITH added AS (
            INSERT INTO invitation_request
                   (customer_number, contact_id, name, email, locale, clerk_code, request_cause)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
        )
        SELECT pg_notify('{CHANNEL}', '')
        """,
        request.customer_number,
        request.contact_id,
        request.name,
        request.email,
        request.locale,
        request.clerk_code,
        request.request_cause,
    )


async def take_request(transaction: Transaction) -> InvitationRequest | None:
    """The oldest one; it is gone when the transaction commits."""
    row = await transaction.fetchrow(
        "DELETE FROM invitation_request WHERE invitation_request_id ="
        " (SELECT invitation_request_id FROM invitation_request ORDER BY invitation_request_id"
        " LIMIT 1 FOR UPDATE SKIP LOCKED)"
        " RETURNING customer_number, contact_id, name, email, locale, clerk_code, request_cause"
    )
    return InvitationRequest(**row) if row else None


def _invitation(row: Record) -> Invitation:
    return Invitation(
        invitation_id=row["invitation_id"],
        role=row["role"],
        customer_number=row["customer_number"],
        contact_id=row["contact_id"],
        clerk_code=row["clerk_code"],
        name=row["name"],
        email=row["email"],
        may_approve=row["may_approve"],
        locale=row["locale"],
        inviter_code=row["inviter_code"],
        inviter_name=row["inviter_name"],
        invited_at=row["invited_at"],
        told_at=row["told_at"],
        expires_at=row["expires_at"],
        form_id=row["form_id"],
        state=row["state"],
    )
