"""Texts of the catalogue on a page: in the reader's language, in the right number, with escaped values."""

from gettext import NullTranslations

from services.gateway.words.texts import Told, tell, tell_number, tell_told


class Shouting(NullTranslations):
    def gettext(self, message: str) -> str:
        return message.upper().replace("%(NAME)S", "%(name)s")


def test_a_value_is_escaped_and_the_text_of_the_catalogue_is_not() -> None:
    assert tell(NullTranslations(), "<b>%(name)s</b>", name="<i>") == "<b>&lt;i&gt;</b>"
    assert tell_told(NullTranslations(), Told("<b>%(name)s</b>", {"name": "<i>"})) == "<b>&lt;i&gt;</b>"


def test_a_text_is_translated() -> None:
    assert tell(Shouting(), "Welcome, %(name)s", name="Kim") == "WELCOME, Kim"
    assert tell_told(Shouting(), "Welcome") == "WELCOME"


def test_a_percent_sign_stands_twice_in_the_catalogue() -> None:
    assert tell(NullTranslations(), "19 %% of tax") == "19 % of tax"


def test_a_number_has_its_form_and_may_be_written_otherwise() -> None:
    forms = ("%(num)s order", "%(num)s orders")
    assert [str(tell_number(NullTranslations(), *forms, num)) for num in (1, 2)] == ["1 order", "2 orders"]
    assert tell_number(NullTranslations(), *forms, 1200, num="1,200") == "1,200 orders"
