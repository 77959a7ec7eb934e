"""HTTP, the same for all services: the application, errors as answers, identity, health."""

from shared.web.application import (
    POOL,
    create_application,
    json_response,
    parse_body,
    path_text,
    path_uuid,
    reading,
    transaction,
)
from shared.web.client import ServiceClient, ServiceUnavailableError
from shared.web.identity import HEADER as IDENTITY_HEADER
from shared.web.identity import SYSTEM, Identity, identity, require, sign, verify
from shared.web.queries import MOST_ROWS, query_choice, query_date, query_rows, query_words

__all__ = [
    "IDENTITY_HEADER",
    "MOST_ROWS",
    "POOL",
    "SYSTEM",
    "Identity",
    "ServiceClient",
    "ServiceUnavailableError",
    "create_application",
    "identity",
    "json_response",
    "parse_body",
    "path_text",
    "path_uuid",
    "query_choice",
    "query_date",
    "query_rows",
    "query_words",
    "reading",
    "require",
    "sign",
    "transaction",
    "verify",
]
