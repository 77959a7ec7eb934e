"""The shipped statuses and groups in the reader's language; the dealer's own names stay as he wrote them."""

from collections.abc import Callable

from services.gateway.words.texts import N_

SHIPPED: dict[str, str] = {
    "Angelegt": N_("Created"),
    "Verschickt": N_("Sent"),
    "Entscheidungsphase": N_("Being decided"),
    "Gewandelt": N_("Turned into an order"),
    "Abgelehnt": N_("Declined"),
    "Bestätigt": N_("Confirmed"),
    "Freigegeben": N_("Released"),
    "Geliefert": N_("Delivered"),
    "Fakturiert": N_("Invoiced"),
}
"""The name that documents ships, to our text; a test holds it against what is shipped."""


def tell_status(name: str, translate: Callable[[str], str]) -> str:
    """Whoever renames a status takes it out of the table: then his own name is shown in every language."""
    return translate(SHIPPED[name]) if name in SHIPPED else name
