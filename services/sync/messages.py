"""The sentences of CDH's door, in German and English, by code. They tell a clerk what is wrong and how to
mend it; CDH shows them as they are."""

from collections.abc import Iterable

from services.sync.model import MAX_PAGES, MAX_PIXELS, Problem
from shared.api.sync import Fault
from shared.errors import CockpitError

_KINDS_DE = "Möglich sind PDF, PNG, JPEG, TIFF und WebP, nur zum Herunterladen auch EPS, AI und CDR."
_KINDS_EN = "PDF, PNG, JPEG, TIFF and WebP are possible, for download only also EPS, AI and CDR."

SENTENCES: dict[str, tuple[str, str]] = {
    # the event and its fields; most codes are those of pydantic
    "missing": ("Dieses Feld fehlt.", "This field is missing."),
    "extra_forbidden": (
        "Dieses Feld ist hier nicht vorgesehen; es wird nie gespeichert.",
        "This field is not provided for; it is never stored.",
    ),
    "string_type": ("Hier muss ein Text stehen.", "This must be a text."),
    "string_unicode": ("Der Text enthält ungültige Zeichen.", "The text contains invalid characters."),
    "string_too_short": ("Hier darf nicht nichts stehen.", "This must not be empty."),
    "string_too_long": (
        "Der Text ist zu lang: höchstens {max_length} Zeichen.",
        "The text is too long: at most {max_length} characters.",
    ),
    "control_character": (
        "Der Text enthält ein unsichtbares Steuerzeichen.",
        "The text contains an invisible control character.",
    ),
    "email": ("Das ist keine E-Mail-Adresse.", "This is no e-mail address."),
    "number": (
        "Hier muss eine Zahl stehen, mit Punkt als Dezimalzeichen: 1234.56.",
        "This must be a number with a decimal point: 1234.56.",
    ),
    "currency": (
        "Hier muss eine Währung in drei großen Buchstaben stehen: EUR.",
        "This must be a currency in three capital letters: EUR.",
    ),
    "date": ("Hier muss ein Datum stehen: 2026-11-21.", "This must be a date: 2026-11-21."),
    "moment": (
        "Hier muss ein Zeitpunkt mit Zeitzone stehen: 2026-11-21T14:02:00+01:00.",
        "This must be a time with its zone: 2026-11-21T14:02:00+01:00.",
    ),
    "bool_type": ("Hier muss true oder false stehen.", "This must be true or false."),
    "int_type": ("Hier muss eine ganze Zahl stehen.", "This must be a whole number."),
    "greater_than_equal": ("Die Zahl muss mindestens {ge} sein.", "The number must be at least {ge}."),
    "less_than_equal": ("Die Zahl darf höchstens {le} sein.", "The number must be at most {le}."),
    "list": ("Hier muss eine Liste stehen.", "This must be a list."),
    "too_long": (
        "Die Liste ist zu lang: höchstens {max_length}.",
        "The list is too long: at most {max_length}.",
    ),
    "model_type": ("Hier muss ein Objekt stehen.", "This must be an object."),
    "choice": ("Möglich ist hier nur: {expected}.", "Only these are possible here: {expected}."),
    "twice": ("Der Schlüssel {key} kommt mehrfach vor.", "The key {key} occurs more than once."),
    "sha256": (
        "Hier muss eine SHA-256 in 64 kleinen Hexadezimalziffern stehen.",
        "This must be a SHA-256 in 64 lower case hexadecimal digits.",
    ),
    "one_of_sha256_and_path": (
        "Die Datei wird entweder mit sha256 und name genannt oder mit path.",
        "The file is named either by sha256 and name, or by path.",
    ),
    "no_groups_for_kind": (
        "Rechnungen und Gutschriften haben keine Statusgruppen.",
        "Invoices and credit notes have no status groups.",
    ),
    "unknown_group": (
        "Diese Statusgruppe ist nicht bekannt. Bitte zuerst die Gruppe senden.",
        "This status group is not known. Please send the group first.",
    ),
    "group_of_another_kind": (
        "Diese Statusgruppe gehört zu einer anderen Belegart.",
        "This status group belongs to another kind of document.",
    ),
    "default_group": (
        "Diese Statusgruppe gehört zu den Vorgaben und kann nicht gelöscht werden.",
        "This is one of the default status groups, which cannot be deleted.",
    ),
    "default_status": (
        "Dieser Status gehört zu den Vorgaben und kann nicht gelöscht werden.",
        "This is one of the default statuses, which cannot be deleted.",
    ),
    "unknown_clerk": (
        "Dieses Kürzel ist nicht bekannt. Bitte zuerst den Sachbearbeiter senden, damit Mails ankommen.",
        "This clerk code is not known. Please send the clerk first, so that mails arrive.",
    ),
    "unknown_customer": (
        "Diese Kundennummer ist nicht bekannt. Bitte zuerst den Kunden senden.",
        "This customer number is not known. Please send the customer first.",
    ),
    "unknown_contact": (
        "Diese Kontaktperson ist bei dem Kunden nicht bekannt. Bitte zuerst den Kunden senden.",
        "The customer has no such contact. Please send the customer first.",
    ),
    "no_address": (
        "Dafür ist keine E-Mail-Adresse hinterlegt. Bitte eine angeben.",
        "No e-mail address is known for this. Please give one.",
    ),
    "unknown_type": (
        "Diese Art von Ereignis ist nicht bekannt. Möglich sind: {expected}.",
        "This type of event is not known. Possible are: {expected}.",
    ),
    "data_base64": (
        "Die Daten müssen als JSON in data stehen.",
        "The data must be given as JSON in data.",
    ),
    "too_many_faults": (
        "In diesem Ereignis sind {count} Fehler, zu viele, um sie einzeln zu nennen.",
        "This event has {count} faults, too many to name each of them.",
    ),
    "invalid": ("Dieser Wert ist nicht gültig.", "This value is not valid."),
    # the request as a whole
    "not_cloud_events": (
        "Erwartet wird application/cloudevents+json oder application/cloudevents-batch+json.",
        "Expected is application/cloudevents+json or application/cloudevents-batch+json.",
    ),
    "not_json": ("Der Inhalt ist kein gültiges JSON.", "The content is no valid JSON."),
    "not_an_event": (
        "Der Inhalt ist kein CloudEvent: specversion fehlt.",
        "The content is no CloudEvent: specversion is missing.",
    ),
    "not_a_batch": ("Der Inhalt ist keine Liste von Ereignissen.", "The content is no list of events."),
    "batch_too_long": ("Höchstens {most} Ereignisse auf einmal.", "At most {most} events at once."),
    "body_too_large": ("Höchstens {most} MB auf einmal.", "At most {most} MB at once."),
    "bad_key": (
        "Der API-Schlüssel fehlt, ist falsch oder wurde widerrufen.",
        "The API key is missing, wrong or revoked.",
    ),
    # files
    "file_not_uploaded": (
        "Diese Datei wurde noch nicht hochgeladen. Bitte zuerst die Datei senden.",
        "This file has not been uploaded yet. Please send the file first.",
    ),
    "no_file_root": (
        "Dateien mit Pfad sind hier nicht eingerichtet (CDH_FILE_ROOT).",
        "Files named by path are not set up here (CDH_FILE_ROOT).",
    ),
    "path_outside": (
        "Der Pfad muss unterhalb des eingerichteten Ordners liegen, ohne Laufwerk, „..“ und Verknüpfungen.",
        'The path must lie below the configured folder, without drive, ".." and links.',
    ),
    "path_not_found": (
        "Unter diesem Pfad liegt keine Datei, die gelesen werden kann.",
        "At this path there is no file that can be read.",
    ),
    "file_changed": (
        "Die Datei wurde während des Lesens geändert. Bitte noch einmal zuordnen.",
        "The file changed while it was read. Please assign it again.",
    ),
    "wrong_hash": (
        "Die Datei ist unterwegs beschädigt worden: die Prüfsumme stimmt nicht. Bitte noch einmal senden.",
        "The file was damaged on its way: its checksum differs. Please send it again.",
    ),
    "file_too_large": (
        "Die Datei ist zu groß: höchstens {most} MB.",
        "The file is too large: at most {most} MB.",
    ),
    "storage_unwritable": (
        "Der Server kann die Datei nicht ablegen, vermutlich ist sein Speicher voll. Bitte später wieder.",
        "The server cannot store the file, probably because its disk is full. Please try again later.",
    ),
    "empty": ("Die Datei ist leer.", "The file is empty."),
    "kind_not_taken": (
        f"Ihrem Inhalt nach ist das keine Datei, die angenommen wird, wie auch immer sie heißt. {_KINDS_DE}",
        f"Whatever it is called, by its content this is no file that is taken. {_KINDS_EN}",
    ),
    "wrong_extension": (
        "Der Name endet auf {extension}, der Inhalt ist aber {format}. Bitte die Datei richtig benennen.",
        "The name ends in {extension}, but the content is {format}. Please name the file correctly.",
    ),
    "no_picture": (
        "Das Bild muss PNG, JPEG oder WebP sein.",
        "The picture must be PNG, JPEG or WebP.",
    ),
    "pdf_password": (
        "Die PDF-Datei ist mit einem Passwort geschützt. Bitte ohne Passwort speichern.",
        "The PDF is protected by a password. Please save it without one.",
    ),
    "pdf_broken": (
        "Die PDF-Datei ist beschädigt. Bitte neu erzeugen.",
        "The PDF is damaged. Please make it again.",
    ),
    "pdf_empty": ("Die PDF-Datei hat keine Seite.", "The PDF has no page."),
    "too_many_pages": (
        "Die Datei hat mehr als {pages} Seiten.",
        "The file has more than {pages} pages.",
    ),
    "picture_broken": (
        "Das Bild ist beschädigt. Bitte neu speichern.",
        "The picture is damaged. Please save it again.",
    ),
    "picture_too_large": (
        "Das Bild hat zu viele Bildpunkte: höchstens {megapixels} Millionen. Bitte kleiner speichern.",
        "The picture has too many pixels: at most {megapixels} million. Please save it smaller.",
    ),
    "not_readable": (
        "Die Datei konnte nicht geprüft werden: sie ist beschädigt oder zu groß. Bitte einfacher speichern.",
        "The file could not be examined: it is damaged or too complex. Please save it in a simpler form.",
    ),
}

_LIMITS = {"pages": str(MAX_PAGES), "megapixels": str(MAX_PIXELS // 1_000_000)}


def sentence(code: str, locale: str, **values: str) -> str:
    """The sentence of this code; one for any code that is not in the table."""
    german, english = SENTENCES.get(code, SENTENCES["invalid"])
    return (english if locale == "en" else german).format_map({**_LIMITS, **values})


def faults(problems: Iterable[Problem], locale: str) -> tuple[Fault, ...]:
    return tuple(
        Fault(place=problem.place, reason=sentence(problem.code, locale, **problem.values))
        for problem in problems
    )


class RefusedError(CockpitError):
    """A request that is refused as a whole, with a sentence in the caller's language."""

    def __init__(self, code: str, locale: str, *, status: int, **values: str) -> None:
        super().__init__(sentence(code, locale, **values))
        self.status = status
        self.code = code
