"""The services around the gateway's tests are stand-ins: they answer nowhere that the real ones do not.

That an answer is what the real one says, too, is the gateway's client's care, which reads it as a model of
shared/api.
"""

import re
from collections.abc import Iterator
from importlib import import_module

from aiohttp import web

from deploy.local.databases import SERVICES
from tests.integration.gateway.neighbours import Neighbours, create_neighbours


def test_the_stand_ins_answer_only_where_a_service_does(neighbours: Neighbours) -> None:
    real = set()
    for service in SERVICES:
        application = web.Application()
        application.add_routes(import_module(f"services.{service}.routes").ROUTES)
        real |= {(method, f"/{service}{path}") for method, path in _addresses(application)}
    stand_ins = set(_addresses(create_neighbours(neighbours)))
    assert len(stand_ins) > 50
    assert stand_ins - real == set()


def _addresses(application: web.Application) -> Iterator[tuple[str, str]]:
    """Method and path of each route, whatever its placeholders are called."""
    for route in application.router.routes():
        assert route.resource is not None
        yield route.method, re.sub(r"\{\w+\}", "{}", route.resource.canonical)
