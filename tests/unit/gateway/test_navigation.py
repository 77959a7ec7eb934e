"""The menu of each role."""

from services.gateway.pages import navigation
from services.gateway.pages.navigation import MENUS, Entry, menus_in
from services.gateway.pages.rendering import Links
from services.gateway.routes import ROUTES


def test_every_entry_leads_to_a_route_and_knows_only_routes() -> None:
    names = {route.kwargs["name"] for route in ROUTES}
    for entries in MENUS.values():
        for entry in entries:
            assert {entry.route, *entry.pages} <= names, entry


def test_no_page_stands_behind_two_entries() -> None:
    for role, entries in MENUS.items():
        behind = [page for entry in entries for page in (entry.route, *entry.pages)]
        assert len(behind) == len(set(behind)), role


def test_a_phone_shows_at_most_five_places() -> None:
    for count in (5, 6, 9):
        entries = tuple(Entry("show_start", "start", str(number)) for number in range(count))
        menu = menus_in(str, Links(ROUTES), {"clerk": entries})["clerk"]
        assert len(menu.first) + bool(menu.late) == navigation.MOST_IN_THE_BAR
        assert [line.name for line in menu] == [str(number) for number in range(count)]
