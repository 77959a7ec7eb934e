"""Which proof of an order is the newest, and in what order they stand."""

from services.gateway.model.proofs import newer_version, proofs_of_order
from services.gateway.pages import pieces


def test_an_order_shows_the_newest_version_of_each_sample() -> None:
    old, new = (
        pieces.VERSIONS[0],
        pieces.VERSIONS[1].model_copy(update={"sample_id": pieces.VERSIONS[0].sample_id}),
    )
    other = pieces.VERSIONS[2].model_copy(update={"position_numbers": ("2",)})
    proofs = proofs_of_order([old, new, other])
    assert proofs.newest == (new, other)
    assert proofs.approved == 1
    assert proofs.of_position("2") == (other,)


def test_the_proofs_of_an_order_stand_as_people_count() -> None:
    numbers = [(), ("2",), ("2", "10"), ("10",)]
    rows = [
        row.model_copy(update={"position_numbers": positions})
        for row, positions in zip(pieces.VERSIONS, numbers, strict=False)
    ]
    assert [row.position_numbers for row in proofs_of_order(reversed(rows)).newest] == numbers


def test_approved_with_changes_is_not_counted_as_approved() -> None:
    assert proofs_of_order([pieces.VERSIONS[2]]).approved == 0


def test_a_superseded_version_points_to_the_newest() -> None:
    first, second, third = pieces.VERSIONS[:3]
    assert newer_version(first, [third, second]) == third
    assert newer_version(third, [first, second]) is None
