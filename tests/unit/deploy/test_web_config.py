"""What deploy/proxy/web.config makes of a request, by a small reading of IIS's rules: there is no IIS here.

The same as tests/integration/gateway/test_behind_web_server.py asks of nginx and Caddy.
"""

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

import pytest

from deploy.local.settings import REPOSITORY
from services.gateway.routes import ROUTES
from services.gateway.settings import GatewaySettings

CONFIG = REPOSITORY / "deploy" / "proxy" / "web.config"
STEPS = (REPOSITORY / "deploy" / "proxy" / "iis.md").read_text("utf-8")
GATEWAY = "http://127.0.0.1:8080"
ADDRESSES = [
    "/",
    "/login?next=%2Forders",
    "/desk/go/order/2026%2F10%2042?action=view",
    "/static/cockpit-1.css",
]


@dataclass
class Answer:
    """Where the request went, as it is written; `headers` are those that the gateway is given."""

    kind: str
    url: str
    permanent: bool = False
    headers: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def server() -> ET.Element:
    found = ET.fromstring(CONFIG.read_bytes()).find("system.webServer")  # noqa: S314 - it is our own
    assert found is not None
    return found


def ask(server: ET.Element, address: str, *, https: bool = True, headers: dict[str, str]) -> Answer:
    """The rules in their order, as URL Rewrite 2.1 goes through them."""
    variables = {
        "HTTPS": "on" if https else "off",
        "UNENCODED_URL": address,
        "REMOTE_ADDR": "203.0.113.7",
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }
    path = address.partition("?")[0].removeprefix("/")
    for rule in server.iterfind("rewrite/rules/rule"):
        match, action = rule.find("match"), rule.find("action")
        assert match is not None
        assert action is not None
        assert rule.get("stopProcessing") == "true"
        conditions = [
            re.search(
                condition.get("pattern", ""), _filled(condition.get("input", ""), variables), re.IGNORECASE
            )
            for condition in rule.iterfind("conditions/add")
        ]
        if not re.search(match.get("url", ""), path, re.IGNORECASE) or not all(conditions):
            continue
        for variable in rule.iterfind("serverVariables/set"):
            variables[variable.get("name", "")] = _filled(variable.get("value", ""), variables)
        assert action.get("appendQueryString") == "false"  # {UNENCODED_URL} has it already
        return Answer(
            kind=action.get("type", ""),
            url=_filled(action.get("url", ""), variables),
            permanent=action.get("redirectType") == "Permanent",
            headers={name: value for name, value in variables.items() if name.startswith("HTTP_")},
        )
    raise AssertionError(f"no rule for {address}")


def _filled(text: str, variables: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: variables[match[1]], text)


def test_the_reading_knows_all_that_is_written(server: ET.Element) -> None:
    """What it does not know, IIS would do and no test would notice."""
    known = {
        "rules": set(),
        "clear": set(),
        "rule": {"name", "stopProcessing"},
        "match": {"url"},
        "conditions": set(),
        "add": {"input", "pattern"},
        "serverVariables": set(),
        "set": {"name", "value"},
        "action": {"type", "url", "appendQueryString", "redirectType"},
    }
    for element in _found(server, "rewrite").iter():
        if element.tag != "rewrite":
            assert set(element.keys()) <= known[element.tag], element.tag
    written = {value for element in server.iter() for value in element.attrib.values()}
    variables = {name for value in written for name in re.findall(r"\{([^}]*)\}", value)}
    assert variables == {"HTTPS", "UNENCODED_URL", "REMOTE_ADDR"}
    assert {element.tag for element in server} == {
        "rewrite",
        "security",
        "httpErrors",
        "caching",
        "httpProtocol",
        "modules",
        "handlers",
        "directoryBrowse",
        "defaultDocument",
        "urlCompression",
    }


@pytest.mark.parametrize("address", ADDRESSES)
def test_plain_http_leads_to_https(server: ET.Element, address: str) -> None:
    answer = ask(server, address, https=False, headers={})
    assert (answer.kind, answer.permanent) == ("Redirect", True)
    assert answer.url == f"https://portal.example.de{address}"


@pytest.mark.parametrize("address", ADDRESSES)
def test_everything_else_goes_to_the_gateway_as_it_was_written(server: ET.Element, address: str) -> None:
    answer = ask(server, address, headers={})
    assert (answer.kind, answer.url) == ("Rewrite", GATEWAY + address)


def test_the_gateway_is_told_the_visitors_address_whatever_he_claims(server: ET.Element) -> None:
    answer = ask(server, "/login", headers={"X-Forwarded-For": "6.6.6.6"})
    assert answer.headers["HTTP_X_FORWARDED_FOR"] == "203.0.113.7"


def test_the_steps_allow_each_header_that_a_rule_sets(server: ET.Element) -> None:
    names = {variable.get("name") for variable in server.iterfind("rewrite/rules/rule/serverVariables/set")}
    assert names == set(re.findall(r"\[name='(HTTP_\w+)'\]", STEPS))


def test_a_file_of_cdh_reaches_the_gateway(server: ET.Element) -> None:
    limit = _found(server, "security/requestFiltering/requestLimits").get("maxAllowedContentLength", "")
    assert int(limit) > 30 * 1_000_000 * GatewaySettings.model_fields["max_file_mb"].default
    assert {removed.get("name") for removed in server.iterfind("*/remove")} >= {"WebDAVModule", "WebDAV"}


def test_no_address_of_the_portal_is_taken_for_a_hidden_file(server: ET.Element) -> None:
    extensions = _found(server, "security/requestFiltering/fileExtensions")
    assert [(child.tag, extensions.get("allowUnlisted")) for child in extensions] == [("clear", "true")]
    hidden = {"bin", "app_code", "app_globalresources", "app_localresources", "app_webreferences", "app_data",
              "app_browsers", "web.config"}  # fmt: skip
    parts = {part.lower() for route in ROUTES for part in route.path.split("/")}
    assert not parts & hidden


def test_a_page_of_a_customer_is_kept_nowhere(server: ET.Element) -> None:
    caching = _found(server, "caching")
    assert (caching.get("enabled"), caching.get("enableKernelCache")) == ("false", "false")


def test_what_goes_wrong_is_said_on_the_portals_own_page(server: ET.Element) -> None:
    assert _found(server, "httpErrors").get("existingResponse") == "PassThrough"


def test_only_the_gateway_sends_the_headers_of_security(server: ET.Element) -> None:
    headers = _found(server, "httpProtocol/customHeaders")
    assert [(child.tag, child.get("name")) for child in headers] == [("remove", "X-Powered-By")]
    assert _found(server, "security/requestFiltering").get("removeServerHeader") == "true"


def test_nobody_looks_into_the_folder(server: ET.Element) -> None:
    assert _found(server, "directoryBrowse").get("enabled") == "false"
    assert _found(server, "defaultDocument").get("enabled") == "false"


def _found(server: ET.Element, path: str) -> ET.Element:
    element = server.find(path)
    assert element is not None, path
    return element
