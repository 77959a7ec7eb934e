"""What the command line says, in German and English."""

from __future__ import annotations

import locale
from collections.abc import Mapping, Sequence

TEXTS = {
    "assigned": {
        "de": "Zugeordnet: {file} zu Auftrag {order}{positions}.",
        "en": "Assigned: {file} to order {order}{positions}.",
    },
    "positions": {"de": ", Position {numbers}", "en": ", position {numbers}"},
    "access_requested": {
        "de": "Die Einladung für Kunde {customer} ist angefragt. Wer schon einen Zugang hat, bekommt keine.",
        "en": "The invitation for customer {customer} is asked for. Who has an access already gets none.",
    },
    "accepted": {"de": "{count} Ereignis(se) angenommen.", "en": "{count} event(s) accepted."},
    "refused": {
        "de": "Nicht angenommen: {reason} ({place})",
        "en": "Not accepted: {reason} ({place})",
    },
    "works": {
        "de": "{url} antwortet, der Schlüssel gilt.",
        "en": "{url} answers, the key is good.",
    },
    "bad_key": {
        "de": "Der Schlüssel gilt nicht (mehr). Bitte lassen Sie sich vom Betreiber einen neuen geben.",
        "en": "The key is not valid (any more). Please ask the operator for a new one.",
    },
    "unreachable": {
        "de": "{url} ist nicht zu erreichen: {reason}",
        "en": "{url} cannot be reached: {reason}",
    },
    "unexpected": {
        "de": "{url} hat unerwartet geantwortet ({reason}). Ist das die Adresse des Partner-Cockpits?",
        "en": "{url} gave an unexpected answer ({reason}). Is this the address of the Partner-Cockpit?",
    },
    "url_missing": {
        "de": "Die Adresse fehlt: --url, COCKPIT_URL oder url in {file}.",
        "en": "The address is missing: --url, COCKPIT_URL or url in {file}.",
    },
    "api_key_missing": {
        "de": "Der Schlüssel fehlt: --api-key, COCKPIT_API_KEY oder api_key in {file}.",
        "en": "The key is missing: --api-key, COCKPIT_API_KEY or api_key in {file}.",
    },
    "clerk_missing": {
        "de": "Ihr Kürzel fehlt: --clerk, COCKPIT_CLERK oder clerk in {file}.",
        "en": "Your short code is missing: --clerk, COCKPIT_CLERK or clerk in {file}.",
    },
    "wrong_usage": {
        "de": "Dieser Aufruf stimmt nicht ({reason}). Was möglich ist, sagt: {program} --help",
        "en": "This command is not right ({reason}). What is possible: {program} --help",
    },
    "unreadable": {
        "de": "{file} kann nicht gelesen werden: {reason}",
        "en": "{file} cannot be read: {reason}",
    },
    "no_json": {"de": "{file} ist kein JSON: {reason}", "en": "{file} is no JSON: {reason}"},
}


def choose_language(wish: str | None, environment: Mapping[str, str]) -> str:
    """`wish` if given, else that of the system; German where neither says English."""
    system = environment.get("LC_ALL") or environment.get("LANG") or locale.getlocale()[0] or "de"
    return "en" if (wish or system).lower().startswith("en") else "de"


def wished_language(arguments: Sequence[str]) -> str | None:
    """What --language says, found before anything else is read: what is wrong is said in it as well."""
    for place, word in enumerate(arguments):
        name, _, value = word.partition("=")
        if name == "--language":
            return value or next(iter(arguments[place + 1 :]), None)
    return None
