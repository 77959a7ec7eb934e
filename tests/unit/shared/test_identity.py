"""The identity that the gateway signs and the services believe."""

import base64
import time

import pytest

from shared.errors import UnauthenticatedError
from shared.web.identity import SYSTEM, VALID_SECONDS, Identity, sign, verify

SECRET = b"a secret of the test"
CUSTOMER = Identity(role="customer", customer_number="10042", name="Ünal Öztürk")


def test_what_the_gateway_signed_is_believed() -> None:
    assert verify(sign(CUSTOMER, SECRET), SECRET) == CUSTOMER


def test_an_identity_expires() -> None:
    header = sign(CUSTOMER, SECRET, now=time.time() - VALID_SECONDS - 1)
    with pytest.raises(UnauthenticatedError, match="expired"):
        verify(header, SECRET)


@pytest.mark.parametrize("header", ["", ".", "abc", "abc.def", "é.ü", "e30=." + "0" * 64])
def test_rubbish_is_refused(header: str) -> None:
    with pytest.raises(UnauthenticatedError):
        verify(header, SECRET)


def test_a_changed_role_breaks_the_signature() -> None:
    body, _, mac = sign(CUSTOMER, SECRET).partition(".")
    forged = base64.urlsafe_b64encode(base64.urlsafe_b64decode(body).replace(b"customer", b"operator", 1))
    with pytest.raises(UnauthenticatedError, match="not signed"):
        verify(f"{forged.decode()}.{mac}", SECRET)


def test_another_installations_signature_is_refused() -> None:
    with pytest.raises(UnauthenticatedError, match="not signed"):
        verify(sign(SYSTEM, b"another secret"), SECRET)
