"""What a person agrees to with an approval, in each language, word for word.

A text is never edited once a decision may refer to it: a new wording gets a new version.
"""

from dataclasses import dataclass

from shared.errors import ConflictError


class ApprovalTextUnknownError(ConflictError):
    """The text that the person was shown is none of ours for such a decision."""


@dataclass(frozen=True, slots=True)
class ApprovalText:
    version: str
    text: str


_DE = (
    "Ich habe das Freigabemuster geprüft: Schreibweise, Telefonnummern, Adressen, Größen, Farben, "
    "Platzierung und Menge. Mit meiner Freigabe (Druckreiferklärung) geht das Risiko für Fehler, "
    "die im Muster erkennbar sind, auf uns als Auftraggeber über; gefertigt wird, was das Muster "
    "zeigt. Farben am Bildschirm und auf eigenen Ausdrucken sind nicht verbindlich. "
)
_EN = (
    "I have checked the proof: spelling, phone numbers, addresses, sizes, colours, placement and "
    "quantity. With my approval (release for print) the risk of errors that can be seen in the "
    "proof passes to us as the customer; what the proof shows is what will be made. Colours on a "
    "screen or on our own printouts are not binding. "
)
_TEXTS = {
    "de-3-changes": (
        "Ich habe das Freigabemuster geprüft: Schreibweise, Telefonnummern, Adressen, Größen, Farben, "
        "Platzierung und Menge. Ich gebe es mit den Änderungen frei, die ich im Kommentar nenne "
        "(Druckreiferklärung): Gefertigt wird, was das Freigabemuster zeigt, mit diesen Änderungen. Das "
        "Risiko für andere Fehler, die im Freigabemuster erkennbar sind, geht auf uns als Auftraggeber "
        "über. Farben am Bildschirm und auf eigenen Ausdrucken sind nicht verbindlich. Meine Freigabe "
        "gilt erst, wenn die Änderungen bestätigt sind; mit der Bestätigung beginnt die Lieferzeit."
    ),
    "en-3-changes": (
        "I have checked the proof: spelling, phone numbers, addresses, sizes, colours, placement and "
        "quantity. I approve it with the changes that I name in the comment (release for print): what "
        "the proof shows will be made, with these changes. The risk of other errors that can be seen in "
        "the proof passes to us as the customer. Colours on a screen or on our own printouts are not "
        "binding. My approval only holds once the changes are confirmed; the delivery time starts with "
        "the confirmation."
    ),
    "de-2": _DE + "Die Lieferzeit beginnt mit der Freigabe.",
    "de-2-changes": _DE
    + (
        "Meine Freigabe gilt erst, wenn die im Kommentar genannten Änderungen bestätigt sind; "
        "mit der Bestätigung beginnt die Lieferzeit."
    ),
    "en-2": _EN + "The delivery time starts with the approval.",
    "en-2-changes": _EN
    + (
        "My approval only holds once the changes named in the comment are confirmed; "
        "the delivery time starts with the confirmation."
    ),
    "de-1": (
        "Ich habe das Freigabemuster geprüft: Schreibweise, Telefonnummern, Adressen, Größen, Farben, "
        "Platzierung und Menge. Mit meiner Freigabe (Druckreiferklärung) geht das Risiko für Fehler, "
        "die im Muster erkennbar sind, auf uns als Auftraggeber über; gefertigt wird, was das Muster "
        "zeigt. Farben am Bildschirm und auf eigenen Ausdrucken sind nicht verbindlich. Die Lieferzeit "
        "beginnt mit der Freigabe. Eine Freigabe mit Änderungen gilt erst, wenn die im Kommentar "
        "genannten Änderungen bestätigt sind; dann beginnt auch die Lieferzeit."
    ),
    "en-1": (
        "I have checked the proof: spelling, phone numbers, addresses, sizes, colours, placement and "
        "quantity. With my approval (release for print) the risk of errors that can be seen in the "
        "proof passes to us as the customer; what the proof shows is what will be made. Colours on a "
        "screen or on our own printouts are not binding. The delivery time starts with the approval. An "
        "approval with changes only holds once the changes named in the comment are confirmed; the "
        "delivery time then starts as well."
    ),
}
_OF_BOTH = ("de-1", "en-1")
_CURRENT = {
    False: {"de": "de-2", "en": "en-2"},
    True: {"de": "de-3-changes", "en": "en-3-changes"},
}


def current_text(locale: str, *, with_changes: bool = False) -> ApprovalText:
    """The text that is shown today to a reader of this language; German where we do not speak it."""
    versions = _CURRENT[with_changes]
    version = versions.get(locale, versions["de"])
    return ApprovalText(version, _TEXTS[version])


def shown_text(version: str, locale: str, *, with_changes: bool = False) -> ApprovalText:
    """The text of the version that the person saw; without one, what the reader is shown today.

    Raises ApprovalTextUnknownError, also where the text belongs to the other kind of approval.
    """
    if not version:
        return current_text(locale, with_changes=with_changes)
    is_of_this_kind = version in _OF_BOTH or version.endswith("-changes") == with_changes
    if version not in _TEXTS or not is_of_this_kind:
        raise ApprovalTextUnknownError("The approval text has changed meanwhile. Please read it again.")
    return ApprovalText(version, _TEXTS[version])
