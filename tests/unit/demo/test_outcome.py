"""What the loader remembers: passwords of its own for each installation, kept when a load is cut."""

import datetime as dt
import re
import stat
from pathlib import Path
from uuid import UUID

from deploy.demo.outcome import Outcome, demo_accounts, demo_invitations, readable_password
from services.auth.model.accounts import Account, check_account, own_words
from services.auth.passwords import check_password
from shared.api.auth import InviteCustomer, InviteStaff

NOBODY = UUID(int=0)
TODAY = dt.date(2026, 11, 23)


def test_a_load_goes_on_with_the_passwords_and_the_day_of_the_first(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "demo.json"
    first = Outcome.open(file, today=TODAY)
    first.save(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Outcome.open(file, today=TODAY + dt.timedelta(days=1)) == first
    assert Outcome.open(tmp_path / "other.json", today=TODAY).logins != first.logins


def test_a_visitor_sees_customer_clerk_and_operator(tmp_path: Path) -> None:
    outcome = Outcome.open(tmp_path / "demo.json", today=TODAY)
    assert [login.role for login in outcome.logins] == ["customer", "customer", "clerk", "operator"]
    assert {login.role for login in outcome.more_logins} == {"customer", "clerk"}
    for account in demo_accounts():
        assert outcome.password_of(account.email)


def test_nobody_is_invited_who_has_an_access() -> None:
    registered = {account.email for account in demo_accounts()}
    customers_with_access = {account.customer_number for account in demo_accounts()} - {""}
    invited = demo_invitations()
    assert not registered & {one.email for one in invited}
    numbers = {one.customer_number for one in invited if isinstance(one, InviteCustomer)}
    assert numbers & customers_with_access, "a further person of a customer who is there already"
    assert numbers - customers_with_access, "a customer of whom nobody is registered"
    assert any(isinstance(one, InviteStaff) for one in invited)


def test_auth_takes_every_account_and_password() -> None:
    for body in demo_accounts():
        fields = body.model_dump(exclude={"password"})
        account = Account(account_id=NOBODY, **fields)
        check_account(account)
        password = readable_password()
        assert re.fullmatch(r"[a-z]+-[a-z]+-[0-9]{4}", password)
        check_password(
            password, minimum_length=6, own_words=own_words(account, "Werbeland Textil & Druck GmbH")
        )
