"""Pictures and proofs are drawn without anything but the wheels, and the same each time."""

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

import pypdfium2
import pytest
from PIL import Image

from deploy.demo.canvas import SIZE
from deploy.demo.company import CLERKS
from deploy.demo.data import DemoData, build
from deploy.demo.portraits import draw_portrait
from deploy.demo.proofs import ProofPress, print_details
from deploy.demo.stories import Drawing


@pytest.fixture(scope="module")
def data() -> DemoData:
    return build(dt.date(2026, 11, 23))


@pytest.fixture(scope="module")
def press() -> Iterator[ProofPress]:
    with ProofPress() as opened:
        yield opened


def page_texts(content: bytes) -> list[str]:
    with pypdfium2.PdfDocument(content) as document:
        texts = []
        for page in document:
            text_page = page.get_textpage()
            texts.append(text_page.get_text_bounded())
            text_page.close()
            page.close()
        return texts


def test_every_clerk_has_a_portrait_of_his_own() -> None:
    portraits = {clerk.clerk_code: draw_portrait(clerk.clerk_code) for clerk in CLERKS}
    assert len(set(portraits.values())) == len(CLERKS)
    with Image.open(io.BytesIO(portraits["MB"])) as picture:
        assert picture.format == "PNG"
        assert picture.size == (SIZE, SIZE)
    assert draw_portrait("MB") == portraits["MB"]


def test_every_drawing_is_used(data: DemoData) -> None:
    assert {plan.drawing for plan in data.proofs} == set(get_args(Drawing))


def test_a_proof_says_what_is_to_be_checked(data: DemoData, press: ProofPress) -> None:
    drawn = press.draw(data.assign)
    assert drawn.name == "2026-1042_Pos2_T-Shirt-Brustdruck_V1.pdf"
    [text] = page_texts(drawn.content)
    details = print_details(data.assign)
    for words in (
        "2026-1042",
        "T-Shirt Herren",
        "Talwind Outdoor GmbH",
        "120 Stück",
        details.method,
        details.size_mm,
        "Pantone 1375 C",
        "Werbeland Textil & Druck GmbH",
    ):
        assert words in text


def test_the_same_plan_gives_the_same_file(data: DemoData, press: ProofPress) -> None:
    assert press.draw(data.assign) == press.draw(data.assign)
    with ProofPress() as another:
        assert another.draw(data.assign) == press.draw(data.assign)


def test_a_business_card_has_two_sides_with_its_persons_name(data: DemoData, press: ProofPress) -> None:
    card = next(plan for plan in data.proofs if plan.title == "Visitenkarten Kuhl")
    front, back = page_texts(press.draw(card).content)
    assert "Sabine Kuhl" in back
    assert "Sabine Kuhl" not in front


def test_a_proof_may_be_a_picture(data: DemoData, press: ProofPress) -> None:
    drawn = press.draw(next(plan for plan in data.proofs if plan.form == "png"))
    assert drawn.media_type == "image/png"
    with Image.open(io.BytesIO(drawn.content)) as picture:
        assert picture.width > 1700


def test_the_second_version_looks_different(data: DemoData, press: ProofPress) -> None:
    first = replace(data.second_version, version=1)
    assert press.draw(first).content != press.draw(data.second_version).content
