"""E-invoices of other programs go through from CDH's door to the customer's disk, byte for byte."""

import hashlib
import io
from pathlib import Path
from urllib.parse import unquote

import aiohttp
import pytest

from tests.e2e.telling import position, tell_document
from tests.support.browsing import Browser
from tests.support.cockpit import Cockpit

E_INVOICES = Path(__file__).parents[3] / "shared" / "data" / "einvoice"
NAMES = (
    "EN16931_Gutschrift.pdf",
    "XRECHNUNG_Einfach.cii.xml",
    "XRECHNUNG_Einfach.pdf",
    "XRECHNUNG_Elektron.ubl.xml",
    "fail1.pdf",  # broken as an e-invoice, and still what the dealer wrote
)


def e_invoice(name: str) -> bytes:
    path = E_INVOICES / name
    if not path.is_file():
        pytest.skip(f"{name} lies beside the repository only where it was built: ../shared/data/einvoice")
    return path.read_bytes()


async def upload(cockpit: Cockpit, content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    url = f"{cockpit.url}/cdh/v1/files/{sha256}?use=document"
    headers = {"Authorization": f"Bearer {cockpit.demo.api_key}"}
    async with (
        aiohttp.ClientSession() as session,
        session.put(url, data=io.BytesIO(content), headers=headers) as answer,
    ):
        assert answer.status == 200, await answer.text()
    return sha256


@pytest.mark.parametrize("way", ["sha256", "path"])
@pytest.mark.parametrize("name", NAMES)
async def test_an_e_invoice_is_handed_out_byte_for_byte(cockpit: Cockpit, name: str, way: str) -> None:
    content = e_invoice(name)
    if way == "path":
        folder = cockpit.stack.cdh_file_root / "Zugferd"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
        file = {"path": f"Zugferd/{name}"}
    else:
        file = {"sha256": await upload(cockpit, content), "name": name}
    number = f"E-{NAMES.index(name)}-{way}"
    document_id = await tell_document(cockpit, "invoice", number, files=[file], positions=[position("1")])

    login = cockpit.login("customer")
    async with Browser(cockpit.url) as browser:
        await browser.log_in(login.email, login.password)
        status, page = await browser.open(f"/documents/{document_id}")
        assert status == 200
        assert name in page
        fetched = await browser.fetch(f"/documents/{document_id}/files/{hashlib.sha256(content).hexdigest()}")
    assert fetched.content == content
    assert fetched.headers["Content-Disposition"].startswith("attachment;")
    assert name in unquote(fetched.headers["Content-Disposition"])
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    expected = "application/pdf" if name.endswith(".pdf") else "application/octet-stream"
    assert fetched.headers["Content-Type"] == expected
