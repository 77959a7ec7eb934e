"""What docs/installing.md tells a newcomer to send is taken."""

import io
import json
import re

from PIL import Image

from deploy.local.settings import REPOSITORY
from tests.integration.sync.conftest import Sync, sha256

GUIDE = (REPOSITORY / "docs" / "installing.md").read_text("utf-8")


async def test_the_first_clerk_and_customer_of_the_guide_are_accepted(sync: Sync) -> None:
    written = io.BytesIO()
    Image.new("RGB", (40, 50), "navy").save(written, "JPEG")
    picture = written.getvalue()
    [block] = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    await sync.upload(picture)
    answer = await sync.send(*json.loads(block.replace("the sha256 of berger.jpg", sha256(picture))))
    assert [result["status"] for result in answer.body["results"]] == ["accepted", "accepted"], answer
