"""The compose file: valid by the published schema, without secrets, and with the engine in a network of its own."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.settings import Settings

FILE = Path(__file__).parents[2] / "deploy" / "compose.yml"


def schema() -> dict[str, Any]:
    """As compose-spec publishes it, out of check-jsonschema's package."""
    folder = resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    content: dict[str, Any] = json.loads((folder / "compose-spec.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture
def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return content


def test_it_is_valid_and_the_check_refuses_what_is_not(compose: dict[str, Any]) -> None:
    check = jsonschema.Draft202012Validator(schema())
    assert [error.message for error in check.iter_errors(compose)] == []
    compose["services"]["engine"]["volume"] = []
    assert len(list(check.iter_errors(compose))) == 1


def test_it_starts_what_one_machine_starts_and_holds_no_secret(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"postgres", "practice", "migrate", "engine", "gateway", "worker", "console"}
    assert all("image" in service for service in services.values())
    given = [str(value) for service in services.values() for value in service.get("environment", {}).values()]
    assert len(given) > 10
    with_password = [value for value in given if "://" in value and "@" in value]
    assert with_password
    assert all("${POSTGRES_PASSWORD" in value for value in with_password)


def test_the_engine_is_alone_with_the_workers_and_no_network_of_it_leads_out(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["engine"]["networks"] == ["engines"]
    assert compose["networks"]["engines"] == {"internal": True}
    assert [name for name, service in services.items() if "engines" in service["networks"]] == ["engine", "worker"]
    assert set(services["engine"]["environment"]) == {"FARO_ENGINE_TOKEN"}
    assert "volumes" not in services["engine"]


def test_every_setting_is_one_and_every_service_has_time_to_end(compose: dict[str, Any]) -> None:
    known = {f"FARO_{name.upper()}" for name in Settings.model_fields} | {
        "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD",
    }  # fmt: skip
    for name, service in compose["services"].items():
        assert set(service.get("environment", {})) <= known, name
        if name in {"gateway", "worker", "console"}:
            drain = int(service["environment"]["FARO_DRAIN_SECONDS"])
            assert int(service["stop_grace_period"].removesuffix("s")) >= drain + 10


def test_only_the_doors_are_published_and_only_to_this_machine(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"gateway": ["127.0.0.1:8000:8000"], "console": ["127.0.0.1:8001:8001"]}


def test_the_console_sees_no_key_and_no_way_out(compose: dict[str, Any]) -> None:
    """The volume holds roster and keys; over the keys lies an empty folder of its own."""
    console = compose["services"]["console"]
    assert console["volumes"] == ["keys:/faro/var"]
    assert "/faro/var/keys" in console["tmpfs"]
    assert console["networks"] == ["inside", "officers"]
    assert compose["networks"]["inside"] == {"internal": True}
    assert compose["networks"]["officers"]["driver_opts"] == {"com.docker.network.bridge.enable_ip_masquerade": "false"}
    assert [name for name, service in compose["services"].items() if "officers" in service["networks"]] == ["console"]
    assert not [name for name in console["environment"] if "TOKEN" in name or "ENGINE" in name]


def test_everything_runs_without_rights_on_files_that_it_cannot_change(compose: dict[str, Any]) -> None:
    ours = [service for name, service in compose["services"].items() if name != "postgres"]
    assert len(ours) == 6
    for service in ours:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_paths_lead_to_the_project(compose: dict[str, Any]) -> None:
    builds = [service["build"] for service in compose["services"].values() if "build" in service]
    assert len(builds) == 6
    for build in builds:
        assert (FILE.parent / build["context"] / "Dockerfile").exists()
