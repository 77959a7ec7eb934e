"""Who may come in, told by auth."""

from typing import Literal
from uuid import UUID

from shared.events.base import Event

Role = Literal["customer", "clerk", "operator"]


class AccountRegistered(Event):
    """A person has a login. `customer_number` for customers, `clerk_code` for clerks."""

    account_id: UUID
    role: Role
    name: str
    email: str
    locale: str
    customer_number: str = ""
    contact_id: str = ""
    clerk_code: str = ""
    may_approve: bool = False
    revision: int = 1
