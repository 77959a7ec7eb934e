"""What docs/installing.md tells a newcomer to send is taken."""

import io
import json
import re
from typing import Any

from PIL import Image

from deploy.demo.company import CLERKS, CUSTOMERS
from deploy.local.settings import REPOSITORY
from tests.integration.sync.conftest import Sync, sha256

GUIDE = (REPOSITORY / "docs" / "installing.md").read_text("utf-8")


def events_of_the_guide(picture: bytes = b"") -> list[dict[str, Any]]:
    [block] = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    events: list[dict[str, Any]] = json.loads(block.replace("the sha256 of hansen.jpg", sha256(picture)))
    return events


async def test_the_first_clerk_customer_and_order_of_the_guide_are_accepted(sync: Sync) -> None:
    written = io.BytesIO()
    Image.new("RGB", (40, 50), "navy").save(written, "JPEG")
    picture = written.getvalue()
    await sync.upload(picture)
    answer = await sync.send(*events_of_the_guide(picture))
    assert [result["status"] for result in answer.body["results"]] == ["accepted"] * 3, answer


def test_they_change_nobody_of_the_demo() -> None:
    clerk, customer, _ = (event["data"] for event in events_of_the_guide())
    assert clerk["clerk_code"] not in {one.clerk_code for one in CLERKS}
    assert customer["customer_number"] not in {one.customer_number for one in CUSTOMERS}
