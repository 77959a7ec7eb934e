"""The keys that let CDH and workstations in."""

import hashlib
import secrets

from services.sync.repository import api_keys
from shared.api.sync import ApiKeyRows
from shared.database import Transaction
from shared.errors import ConflictError, NotFoundError


class ApiKeyNotFoundError(NotFoundError):
    """No key has this id."""


class ApiKeyNameTakenError(ConflictError):
    """A good key has this name."""


async def create_api_key(transaction: Transaction, *, name: str, created_by: str) -> str:
    """A new key, which only its owner knows from now on: we keep its hash."""
    api_key = f"cdh_{secrets.token_urlsafe(32)}"
    if not await api_keys.add_api_key(transaction, name=name, key_hash=_hash(api_key), created_by=created_by):
        raise ApiKeyNameTakenError("There is a key of this name already.")
    return api_key


async def list_api_keys(transaction: Transaction) -> ApiKeyRows:
    return ApiKeyRows(rows=tuple(await api_keys.list_api_keys(transaction)))


async def revoke_api_key(transaction: Transaction, api_key_id: int) -> None:
    if not await api_keys.revoke_api_key(transaction, api_key_id):
        raise ApiKeyNotFoundError("There is no such key.")


async def find_api_key(transaction: Transaction, api_key: str) -> int | None:
    """Looked up by its hash, so that how long it takes tells nothing about the key."""
    return await api_keys.find_api_key(transaction, _hash(api_key))


def _hash(api_key: str) -> bytes:
    return hashlib.sha256(api_key.encode("utf-8", "replace")).digest()
