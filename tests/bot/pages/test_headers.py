"""What every answer to a browser carries."""

from __future__ import annotations

from starlette.responses import Response

from bot.pages.headers import ALWAYS, POLICY, secure
from bot.settings import Settings


def test_the_policy_lets_nothing_in_that_is_not_ours() -> None:
    rules = dict(rule.partition(" ")[::2] for rule in POLICY.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == rules["frame-ancestors"] == "'none'"
    assert {rules[f"{kind}-src"] for kind in ("script", "style", "connect", "worker")} == {"'self'"}
    assert rules["require-trusted-types-for"] == "'script'"
    assert rules["trusted-types"] == "sw"
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


def test_nothing_of_the_telephone_is_open_to_a_page() -> None:
    powers = ALWAYS["Permissions-Policy"].split(", ")
    assert len(powers) > 20
    assert all(power.endswith("=()") for power in powers)
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(powers)


def test_what_a_response_set_itself_stays() -> None:
    response = secure(Response(headers={"Cache-Control": "private"}), Settings(_env_file=None))
    assert response.headers["cache-control"] == "private"
    assert response.headers["referrer-policy"] == "no-referrer"


def test_a_browser_comes_back_by_https_alone_where_the_service_has_it() -> None:
    for url, there in (("https://example.org", True), ("http://localhost", False), ("", False)):
        response = secure(Response(), Settings(_env_file=None, public_url=url))
        assert ("strict-transport-security" in response.headers) is there
