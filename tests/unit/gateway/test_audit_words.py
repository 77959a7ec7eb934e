"""What the audit log says of each form of the staff."""

import re

import pytest
from aiohttp import web

from services.gateway.edge import MACHINE_ROUTES, OPEN_ROUTES
from services.gateway.routes import ROUTES
from services.gateway.words.audit import SENTENCES

LOGGED = [
    route
    for route in ROUTES
    if route.method == "POST" and route.kwargs["name"] not in OPEN_ROUTES - {"confirm_email"} | MACHINE_ROUTES
]


def test_every_form_of_the_staff_has_a_sentence_and_nothing_else_has() -> None:
    assert {route.kwargs["name"] for route in LOGGED} == SENTENCES.keys()


@pytest.mark.parametrize("route", LOGGED, ids=lambda route: route.kwargs["name"])
def test_a_sentence_names_nothing_but_parts_of_the_address(route: web.RouteDef) -> None:
    parts = set(re.findall(r"\{(\w+)\}", route.path)) - {"token"}
    assert set(re.findall(r"%\((\w+)\)s", SENTENCES[route.kwargs["name"]])) <= parts
