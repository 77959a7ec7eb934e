import pytest

from shared.sealing import LINK_TOKENS, Seal, UnsealableError

SECRET = b"a secret of the installation"


def test_what_is_sealed_can_be_opened_and_shows_nothing() -> None:
    seal = Seal(SECRET, LINK_TOKENS)
    assert seal.open(seal.close("täglich")) == "täglich"
    assert seal.close("a") != seal.close("a")
    assert "hidden" not in seal.close("hidden")


@pytest.mark.parametrize(
    "other", [Seal(b"another secret", LINK_TOKENS), Seal(SECRET, "smtp password")], ids=["secret", "purpose"]
)
def test_it_opens_with_its_own_secret_and_purpose_alone(other: Seal) -> None:
    with pytest.raises(UnsealableError):
        other.open(Seal(SECRET, LINK_TOKENS).close("token"))


@pytest.mark.parametrize("damaged", ["", "x", "gAAAAA", "ä"])
def test_what_is_damaged_is_refused(damaged: str) -> None:
    with pytest.raises(UnsealableError):
        Seal(SECRET, LINK_TOKENS).open(damaged)
