"""What the loader remembers and hands on: logins, API key, the proof that is left to the visitor."""

import datetime as dt
import os
import secrets
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

from deploy.demo.company import CLERKS, CUSTOMERS, DEMO_CUSTOMER, OPERATOR_EMAIL, OPERATOR_NAME, Person
from shared.api.auth import CreateAccount, InviteCustomer, InviteStaff

# Brands of the customers beside the demo's own one who have an access: some of their proofs get decided.
_MORE_BRANDS = ("sonnenbichl", "voltmann", "blattgold", "hellmann")
_WORDS = [
    "ahorn", "ampel", "anker", "apfel", "bambus", "birke", "blitz", "blume", "brise",
    "bucht", "dachs", "delfin", "distel", "dorf", "eiche", "eimer", "erbse", "falke",
    "farn", "feder", "fels", "fjord", "flieder", "flocke", "forelle", "fuchs", "garten",
    "geige", "giebel", "ginster", "glocke", "granit", "hafer", "hagel", "hafen", "hecke",
    "himmel", "hirse", "holunder", "honig", "hummel", "iris", "igel", "insel", "kabel",
    "kamel", "karotte", "kastanie", "kerze", "kiesel", "klee", "komet", "koralle", "krokus",
    "kuchen", "kugel", "lampe", "lavendel", "leiter", "lerche", "luchs", "magnet", "mandel",
    "marmor", "mohn", "moos", "murmel", "muschel", "nebel", "nelke", "nessel", "ofen",
    "olive", "orgel", "otter", "palme", "perle", "pfeffer", "pilz", "pinsel", "planet",
    "quelle", "quitte", "rabe", "rakete", "regen", "rettich", "robbe", "rose", "safran",
    "sand", "schnee", "segel", "senf", "silber", "spatz", "stern", "storch", "teich",
    "tiger", "tulpe", "turm", "ufer", "veilchen", "vulkan", "wachtel", "walnuss", "welle",
    "wiese", "wolke", "zange", "zebra", "zimt",
]  # fmt: skip


class Login(BaseModel):
    model_config = ConfigDict(frozen=True)

    role: str
    email: str
    password: str
    name: str


class Assign(BaseModel):
    """`file` is a proof that nobody has assigned yet."""

    model_config = ConfigDict(frozen=True)

    order_number: str
    position: str
    title: str
    clerk_code: str
    file: Path


class Outcome(BaseModel):
    """The file that `--output` names. Written before the first account is made, so that a load that was cut
    goes on with the same passwords and the same day.

    `logins` are the few that a visitor needs: two of the customer, a clerk, the operator.
    """

    model_config = ConfigDict(frozen=True)

    as_of: dt.date
    api_key: str = ""
    logins: tuple[Login, ...]
    more_logins: tuple[Login, ...]
    assign: Assign | None = None

    @classmethod
    def open(cls, path: Path, *, today: dt.date) -> Self:
        """What an earlier load left there, or a new one with new passwords."""
        if path.is_file():
            return cls.model_validate_json(path.read_bytes())
        accounts = demo_accounts()
        logins = [
            Login(role=one.role, email=one.email, password=readable_password(), name=one.name)
            for one in accounts
        ]
        shown = {one.email for one in accounts if _is_shown(one)}
        return cls(
            as_of=today,
            logins=tuple(one for one in logins if one.email in shown),
            more_logins=tuple(one for one in logins if one.email not in shown),
        )

    def save(self, path: Path) -> None:
        """Whole or not at all, readable for its owner only: there are passwords in it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(self.model_dump_json(indent=2))
        beside.replace(path)

    def password_of(self, email: str) -> str:
        return next(one.password for one in (*self.logins, *self.more_logins) if one.email == email)


def readable_password() -> str:
    """Random, and easy to type: "koralle-lampe-4711". Log-ins are throttled, so some 2^27 are enough."""
    number = secrets.randbelow(9000) + 1000
    return f"{secrets.choice(_WORDS)}-{secrets.choice(_WORDS)}-{number}"


def demo_accounts() -> tuple[CreateAccount, ...]:
    """Who can log in, without the passwords."""
    customers = [
        CreateAccount(
            role="customer",
            name=person.name,
            email=person.email,
            password="",
            customer_number=customer.customer_number,
            contact_id=person.contact_id,
            may_approve=True,
        )
        for customer in CUSTOMERS
        if customer is DEMO_CUSTOMER or (customer.brand and customer.brand.logo in _MORE_BRANDS)
        for person in _people(customer.contacts, all_of_them=customer is DEMO_CUSTOMER)
    ]
    clerks = [
        CreateAccount(role="clerk", name=one.name, email=one.email, password="", clerk_code=one.clerk_code)
        for one in CLERKS
    ]
    operator = CreateAccount(role="operator", name=OPERATOR_NAME, email=OPERATOR_EMAIL, password="")
    return (*customers, *clerks, operator)


def demo_invitations() -> tuple[InviteCustomer | InviteStaff, ...]:
    """Who is invited and has not answered yet: a colleague of the visitor, a customer of whom nobody is
    registered, and somebody of the house."""
    unregistered = CUSTOMERS[8]
    return (
        InviteCustomer(
            customer_number=DEMO_CUSTOMER.customer_number,
            email="oksana.lind@talwind-outdoor.example",
            name="Oksana Lind",
            may_approve=False,
        ),
        InviteCustomer(
            customer_number=unregistered.customer_number,
            contact_id=unregistered.contacts[0].contact_id,
            email=unregistered.contacts[0].email,
        ),
        InviteStaff(
            role="clerk", email="nils.hartwig@werbeland.example", name="Nils Hartwig", clerk_code="NH"
        ),
    )


def _people(contacts: tuple[Person, ...], *, all_of_them: bool) -> tuple[Person, ...]:
    return contacts if all_of_them else contacts[:1]


def _is_shown(account: CreateAccount) -> bool:
    return (
        account.role == "operator"
        or account.customer_number == DEMO_CUSTOMER.customer_number
        or account.clerk_code == CLERKS[0].clerk_code
    )
