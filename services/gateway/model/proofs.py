"""Which proofs stand where on the page of an order, and what new ones are called."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from shared.api.approvals import VersionRow
from shared.sorting import as_people_count


@dataclass(frozen=True)
class OrderProofs:
    """The newest version of each sample of an order; how many of them are approved cleanly (`approved`), and
    how many with changes that a clerk confirmed."""

    newest: tuple[VersionRow, ...]
    approved: int
    confirmed: int

    def of_position(self, number: str) -> tuple[VersionRow, ...]:
        """The proofs that name this position; those for the whole order stand beside the order only."""
        return tuple(row for row in self.newest if number in row.position_numbers)


def proofs_of_order(versions: Iterable[VersionRow]) -> OrderProofs:
    newest: dict[object, VersionRow] = {}
    for row in versions:
        known = newest.get(row.sample_id)
        if known is None or row.version > known.version:
            newest[row.sample_id] = row
    rows = tuple(sorted(newest.values(), key=_place))
    return OrderProofs(
        newest=rows,
        approved=sum(row.state == "approved" for row in rows),
        confirmed=sum(_is_confirmed(row) for row in rows),
    )


def _is_confirmed(row: VersionRow) -> bool:
    return row.state == "approved_with_changes" and bool(row.decision and row.decision.confirmed_at)


def _place(row: VersionRow) -> tuple[list[list[tuple[int, str]]], str]:
    return [as_people_count(number) for number in row.position_numbers], row.title


def newer_version(own: VersionRow, others: Sequence[VersionRow]) -> VersionRow | None:
    """The newest version that came after this one, if any."""
    return max(
        (row for row in others if row.version > own.version), key=lambda row: row.version, default=None
    )


def titles_of(file_names: Sequence[str], title: str) -> list[str]:
    """The title of the sample that each file becomes. One file takes the given title, or none.

    Several are told apart by their names, with the ending where these are alike, else they would be
    versions of one another.
    """
    if len(file_names) == 1:
        return [title]
    stems = [name.rpartition(".")[0] or name for name in file_names]
    taken: set[str] = set()
    titles = []
    for name, stem in zip(file_names, stems, strict=True):
        words = stem if stems.count(stem) == 1 else name
        own = next(one for one in _numbered(" ".join(filter(None, (title, words)))) if one not in taken)
        taken.add(own)
        titles.append(own)
    return titles


def _numbered(text: str) -> Iterator[str]:
    """The text, and then with a number: "Logo", "Logo (2)", …"""
    yield text
    for number in count(2):
        yield f"{text} ({number})"
