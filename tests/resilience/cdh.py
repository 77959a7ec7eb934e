"""CDH at the gateway's door; each message may be repeated until it is answered."""

import hashlib
from typing import Any, Self
from uuid import uuid4

import aiohttp

from shared.api.sync import ApiKey, CreateApiKey
from shared.web import SYSTEM
from tests.resilience.harness import persist
from tests.support.cockpit import Product, cloud_event


def order_event(order_number: str, *, customer_number: str, contact_id: str) -> dict[str, Any]:
    """An order of one position."""
    order = {
        "kind": "order",
        "number": order_number,
        "customer_number": customer_number,
        "contact_id": contact_id,
        "clerk_code": "MB",
        "document_date": "2026-11-02",
        "positions": [{"position_key": "1", "number": "1", "text": "T-Shirt", "quantity": "100"}],
    }
    return cloud_event("cdh.document.changed", order)


class Cdh:
    def __init__(self, product: Product, session: aiohttp.ClientSession, api_key: str) -> None:
        self._url = f"{product.url}/cdh/v1"
        self._session = session
        self._authorization = {"Authorization": f"Bearer {api_key}"}

    @classmethod
    async def open(cls, product: Product, session: aiohttp.ClientSession) -> Self:
        """With a key of its own."""
        sync = product.client(session, "sync")
        key = await sync.post("/api-keys", CreateApiKey(name=f"CDH {uuid4()}"), ApiKey, who=SYSTEM)
        return cls(product, session, key.api_key)

    async def send(self, *events: dict[str, Any]) -> None:
        headers = self._authorization | {"Content-Type": "application/cloudevents-batch+json"}
        async with self._session.post(f"{self._url}/events", json=list(events), headers=headers) as response:
            assert response.status == 200, await response.text()

    async def assign(self, order_number: str, proof: bytes, *, customer_number: str, contact_id: str) -> None:
        """An order and its proof; the same events again where no answer came."""
        sha256 = hashlib.sha256(proof).hexdigest()
        sample = {
            "order_number": order_number,
            "position_numbers": ["1"],
            "file": {"sha256": sha256, "name": "Muster.png"},
            "clerk_code": "MB",
        }
        order = order_event(order_number, customer_number=customer_number, contact_id=contact_id)
        events = (order, cloud_event("cdh.sample.assigned", sample))
        await persist(lambda: self._upload(sha256, proof))
        await persist(lambda: self.send(*events))

    async def _upload(self, sha256: str, content: bytes) -> None:
        url = f"{self._url}/files/{sha256}"
        async with self._session.put(url, data=content, headers=self._authorization) as response:
            assert response.status == 200, await response.text()
