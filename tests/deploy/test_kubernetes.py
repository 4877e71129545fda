"""The manifests: valid, boxed, bounded, and made of names that lead somewhere."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from bot.metrics import SPECS
from bot.settings import Settings
from tests.deploy.kustomize import Manifest, built, containers, pod
from tests.deploy.promql import used

KUBERNETES = Path(__file__).parents[2] / "deploy" / "kubernetes"
VERSION = "1.37"
FOLDERS = [KUBERNETES / "base", KUBERNETES / "overlays" / "example"]
BY_HAND = {"Secret": {"faro-database", "faro-engine", "faro-channels", "faro-mail"}, "ConfigMap": {"faro-data"}}
PODS = {"faro-gateway", "faro-worker", "faro-engine", "faro-console", "faro-migrate"}


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    return built(request.param)


@pytest.fixture
def whole() -> dict[tuple[str, str], Manifest]:
    """What the example's overlay makes, by kind and name."""
    return {(found["kind"], found["metadata"]["name"]): found for found in built(FOLDERS[1])}


def pods(manifests: list[Manifest]) -> dict[str, Manifest]:
    return {found["metadata"]["name"]: template for found in manifests if (template := pod(found))}


def test_every_manifest_is_what_kubernetes_expects_down_to_the_last_key(manifests: list[Manifest]) -> None:
    assert len(manifests) >= 20
    for manifest in manifests:
        kubernetes_validate.validate(manifest, VERSION, strict=True)


def test_the_check_refuses_a_key_that_is_wrong() -> None:
    (wrong,) = [found for found in built(FOLDERS[0]) if found["metadata"]["name"] == "faro-migrate"]
    wrong["spec"]["template"]["spec"]["containers"][0]["imagePolicy"] = "x"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSION, strict=True)


def test_every_file_is_used(manifests: list[Manifest]) -> None:
    for folder in FOLDERS:
        rules = yaml.safe_load((folder / "kustomization.yaml").read_text())
        named = {*rules["resources"], *(patch["path"] for patch in rules.get("patches", [])), "kustomization.yaml"}
        assert {path.name for path in folder.glob("*.yaml")} <= named
    names = [(found["kind"], found["metadata"]["name"]) for found in manifests]
    assert len(names) == len(set(names))


def test_all_parts_are_there_and_in_one_namespace(manifests: list[Manifest]) -> None:
    assert set(pods(manifests)) == PODS
    kinds = [found["kind"] for found in manifests]
    assert (kinds.count("Deployment"), kinds.count("Job"), kinds.count("PodDisruptionBudget")) == (4, 1, 4)
    assert (kinds.count("HorizontalPodAutoscaler"), kinds.count("NetworkPolicy")) == (3, 6)
    assert {found["metadata"].get("namespace", "faro") for found in manifests} == {"faro"}


def test_every_selector_finds_its_pods(manifests: list[Manifest]) -> None:
    labels = {name: template["metadata"]["labels"] for name, template in pods(manifests).items()}
    selectors = [(found, selector) for found in manifests for selector in _selectors(found)]
    assert len(selectors) > 15
    for found, selector in selectors:
        chosen = [name for name, given in labels.items() if selector.items() <= given.items()]
        assert chosen, found["metadata"]["name"]
        if found["kind"] == "Deployment":
            assert chosen == [found["metadata"]["name"]]


def _selectors(value: Any) -> Iterator[Mapping[str, str]]:
    """Every selector of our own pods; those of other namespaces are left out."""
    if isinstance(value, list):
        for entry in value:
            yield from _selectors(entry)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in {"labelSelector", "podSelector"} and "namespaceSelector" not in value and inner:
                yield inner["matchLabels"]
            elif key == "selector":
                yield inner.get("matchLabels", inner)
            else:
                yield from _selectors(inner)


def test_every_container_is_nobody_special_and_bounded(manifests: list[Manifest]) -> None:
    looked = 0
    for template in pods(manifests).values():
        spec = template["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] > 10000
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        assert not [volume for volume in spec["volumes"] if "hostPath" in volume]
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
            }  # fmt: skip
            for kind in ("requests", "limits"):
                assert set(container["resources"][kind]) == {"cpu", "memory"}
            looked += 1
    assert looked == 8


def test_every_volume_and_port_that_is_named_exists(manifests: list[Manifest]) -> None:
    for template in pods(manifests).values():
        spec = template["spec"]
        volumes = {volume["name"] for volume in spec["volumes"]}
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
            ports = {port["name"] for port in container.get("ports", [])}
            probes = [container[probe] for probe in container if probe.endswith("Probe")]
            assert {probe["httpGet"]["port"] for probe in probes if "httpGet" in probe} <= ports
        if any("ports" in container for container in spec["containers"]):
            assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(spec["containers"][0])


def test_every_setting_is_one_and_secrets_stand_only_by_name(manifests: list[Manifest]) -> None:
    known = {f"FARO_{name.upper()}" for name in Settings.model_fields}
    (shared,) = [found["data"] for found in manifests if found["metadata"]["name"] == "faro-settings"]
    given = [entry for found in manifests for container in containers(found) for entry in container.get("env", [])]
    assert {*shared, *(entry["name"] for entry in given)} <= known
    assert len(given) > 15
    secret = re.compile("TOKEN|SECRET|DATABASE_URL|SMTP|ACCOUNT_SID")
    assert not [name for name in shared if secret.search(name)]
    assert {entry["name"] for entry in given if "value" in entry} == {"FARO_ENGINE_URLS"}
    values = {name.removeprefix("FARO_").lower(): value for name, value in shared.items()}
    assert Settings(_env_file=None, **values).metrics_port == 9464


def test_what_is_not_in_here_is_what_the_page_tells_to_make(manifests: list[Manifest]) -> None:
    here = {(found["kind"], found["metadata"]["name"]) for found in manifests}
    wanted = {reference for found in manifests for reference in _references(pod(found) or {})}
    missing: dict[str, set[str]] = {}
    for kind, name in wanted - here:
        missing.setdefault(kind, set()).add(name)
    assert missing == BY_HAND
    page = (KUBERNETES.parent / "README.md").read_text(encoding="utf-8")
    assert [name for names in BY_HAND.values() for name in names if f"`{name}`" not in page] == []


def _references(value: Any) -> Iterator[tuple[str, str]]:
    kinds = {"secretKeyRef": "Secret", "configMapRef": "ConfigMap", "configMap": "ConfigMap"}
    if isinstance(value, list):
        for entry in value:
            yield from _references(entry)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in kinds:
                yield kinds[key], inner["name"]
            elif key == "persistentVolumeClaim":
                yield "PersistentVolumeClaim", inner["claimName"]
            else:
                yield from _references(inner)


# The network.


def test_by_default_nobody_reaches_anybody(whole: dict[tuple[str, str], Manifest]) -> None:
    spec = whole["NetworkPolicy", "faro-nobody"]["spec"]
    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_the_engine_is_boxed(whole: dict[tuple[str, str], Manifest]) -> None:
    """Workers come in, nothing goes out: no database, no key, no name to look up, no token of the cluster."""
    engine = pod(whole["Deployment", "faro-engine"])
    assert engine
    labels = engine["metadata"]["labels"]
    policies = [found["spec"] for (kind, _), found in whole.items() if kind == "NetworkPolicy"]
    mine = [spec for spec in policies if spec["podSelector"].get("matchLabels", {}).items() <= labels.items()]
    assert len(mine) == 2
    assert [rule for spec in mine for rule in spec.get("egress", [])] == []
    (rule,) = [rule for spec in mine for rule in spec.get("ingress", [])]
    assert rule["from"] == [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "faro-worker"}}}]
    assert [port["port"] for port in rule["ports"]] == [5005]
    (container,) = engine["spec"]["containers"]
    assert [entry["name"] for entry in container["env"]] == ["FARO_ENGINE_TOKEN"]
    assert "envFrom" not in container
    assert engine["spec"]["dnsPolicy"] == "None"
    assert all("emptyDir" in volume for volume in engine["spec"]["volumes"])
    assert engine["spec"]["securityContext"]["runAsUser"] != 10001  # files of the bot would not be its own


def test_the_worker_reaches_no_private_address_but_engine_and_database(whole: dict[tuple[str, str], Manifest]) -> None:
    blocks = [to["ipBlock"] for rule in whole["NetworkPolicy", "faro-worker"]["spec"]["egress"] for to in rule["to"]
              if "ipBlock" in to]  # fmt: skip
    assert len(blocks) == 2
    closed = [ipaddress.ip_network(network) for block in blocks for network in block["except"]]
    for private in ("10.1.2.3", "172.20.0.1", "192.168.1.1", "169.254.169.254", "127.0.0.1", "100.64.0.1", "::1",
                    "fd00::1", "fe80::1"):  # fmt: skip
        address = ipaddress.ip_address(private)
        assert any(address in network for network in closed if network.version == address.version), private
    (database,) = whole["NetworkPolicy", "faro-database"]["spec"]["egress"][1]["to"]
    assert database["ipBlock"]["cidr"].endswith("/32")


def test_the_gateway_goes_nowhere_but_to_the_database(whole: dict[tuple[str, str], Manifest]) -> None:
    assert whole["NetworkPolicy", "faro-gateway"]["spec"]["egress"] == []
    gateway = pod(whole["Deployment", "faro-gateway"])
    assert gateway
    assert gateway["metadata"]["labels"]["faro/database"] == "client"
    assert not [entry for entry in gateway["spec"]["containers"][0]["env"] if "ENGINE" in entry["name"]]


def test_the_console_goes_nowhere_but_to_the_database_and_is_given_one_key(
    whole: dict[tuple[str, str], Manifest],
) -> None:
    assert whole["NetworkPolicy", "faro-console"]["spec"]["egress"] == []
    console = pod(whole["Deployment", "faro-console"])
    assert console
    assert console["metadata"]["labels"]["faro/database"] == "client"
    (container,) = console["spec"]["containers"]
    assert [entry["name"] for entry in container["env"]] == ["FARO_DATABASE_URL"]
    mounts = {
        mount["mountPath"]: mount.get("subPath") for mount in container["volumeMounts"] if mount["name"] == "keys"
    }
    assert mounts == {"/faro/var/keys/console": "console"}
    assert "faro-epochs" not in str(console)
    officers, public = (whole["Ingress", name]["spec"]["rules"][0] for name in ("faro-console", "faro"))
    assert officers["host"] != public["host"]
    assert whole["ConfigMap", "faro-settings"]["data"]["FARO_CONSOLE_URL"] == f"https://{officers['host']}"


# Time and keys.


def test_a_pod_has_the_time_that_it_needs_to_end_in_order(whole: dict[tuple[str, str], Manifest]) -> None:
    drain = int(whole["ConfigMap", "faro-settings"]["data"]["FARO_DRAIN_SECONDS"])
    for name, needs in (("gateway", drain), ("worker", drain), ("console", drain), ("engine", 5)):
        template = pod(whole["Deployment", f"faro-{name}"])
        assert template
        before = template["spec"]["containers"][0].get("lifecycle", {}).get("preStop", {}).get("sleep", {})
        assert template["spec"]["terminationGracePeriodSeconds"] >= before.get("seconds", 0) + needs + 5
        rolling = whole["Deployment", f"faro-{name}"]["spec"]["strategy"]["rollingUpdate"]
        assert rolling["maxUnavailable"] == 0


def test_keys_are_shared_by_all_machines_and_those_that_vanish_are_in_no_backup(
    whole: dict[tuple[str, str], Manifest],
) -> None:
    for name in ("faro-keys", "faro-epochs"):
        assert whole["PersistentVolumeClaim", name]["spec"]["accessModes"] == ["ReadWriteMany"]
    labels = whole["PersistentVolumeClaim", "faro-epochs"]["metadata"]["labels"]
    assert labels["velero.io/exclude-from-backup"] == "true"
    for name in ("gateway", "worker"):
        template = pod(whole["Deployment", f"faro-{name}"])
        assert template
        mounts = {mount["mountPath"]: mount for mount in template["spec"]["containers"][0]["volumeMounts"]}
        assert mounts["/faro/var/keys"]["name"] == "keys"
        assert {mounts[f"/faro/var/keys/{short}"]["name"] for short in ("epochs", "pseudonyms")} == {"epochs"}
        excluded = template["metadata"]["annotations"]["backup.velero.io/backup-volumes-excludes"]
        assert excluded == "epochs"


def test_workers_and_engines_grow_with_the_queue_by_a_metric_that_exists(
    whole: dict[tuple[str, str], Manifest],
) -> None:
    (rule,) = yaml.safe_load((KUBERNETES / "adapter.yml").read_text())["rules"]["external"]
    query = rule["metricsQuery"].replace("<<.LabelMatchers>>", 'namespace="faro"')
    names = {spec.name: spec.labels for spec in SPECS}
    for name, labels in [*used(rule["seriesQuery"]), *used(query)]:
        assert labels.pop("namespace", "faro") == "faro"
        assert labels == {"queue": "turns"}
        assert "turns" in names[name]["queue"]
    for name in ("worker", "engine"):
        scaler = whole["HorizontalPodAutoscaler", f"faro-{name}"]["spec"]
        assert scaler["scaleTargetRef"]["name"] == f"faro-{name}"
        (metric,) = scaler["metrics"]
        assert metric["external"]["metric"]["name"] == rule["name"]["as"]
        assert scaler["minReplicas"] >= 2


def test_images_have_the_tag_of_a_release(whole: dict[tuple[str, str], Manifest]) -> None:
    images = [container["image"] for found in whole.values() for container in containers(found)]
    assert len(images) == 8
    assert all(re.search(r":\d+\.\d+\.\d+$", image) for image in images)
