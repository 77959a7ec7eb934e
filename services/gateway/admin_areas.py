"""The areas of the administration: one table for its start page and for the menu on its pages.

A page of an area says `{% set area = "show_users" %}` and extends admin/_admin.html.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Area:
    """`route` is the name of its first page; `sentence` says what is done there."""

    route: str
    title: str
    sentence: str


AREAS: tuple[Area, ...] = ()
"""In the order in which they are shown."""
