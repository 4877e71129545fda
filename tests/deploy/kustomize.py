"""As much of kustomize as the manifests use: resources, patches by name, images, namespace; refuses the rest."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

type Manifest = dict[str, Any]

_KNOWN = {"apiVersion", "kind", "namespace", "resources", "labels", "images", "patches"}
_NO_NAMESPACE = {"Namespace"}


def built(folder: Path) -> list[Manifest]:
    """The manifests that `kubectl apply -k folder` would send."""
    rules = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    unknown = set(rules) - _KNOWN
    if unknown:
        raise ValueError(f"not done here: {sorted(unknown)}")
    manifests = [manifest for name in rules["resources"] for manifest in _resource(folder / name)]
    for patch in rules.get("patches", []):
        for change in yaml.safe_load_all((folder / patch["path"]).read_text(encoding="utf-8")):
            (place,) = [n for n, found in enumerate(manifests) if _name(found) == _name(change)]
            manifests[place] = _merged(manifests[place], change)
    for manifest in manifests:
        if manifest["kind"] not in _NO_NAMESPACE and "namespace" in rules:
            manifest["metadata"]["namespace"] = rules["namespace"]
        for entry in rules.get("labels", []):
            manifest["metadata"].setdefault("labels", {}).update(entry["pairs"])
        _images(manifest, rules.get("images", []))
    return manifests


def pod(manifest: Manifest) -> Manifest | None:
    """The pod that a manifest makes, if it makes one."""
    template: Manifest | None = manifest.get("spec", {}).get("template")
    return template


def containers(manifest: Manifest) -> list[Manifest]:
    spec = (pod(manifest) or {}).get("spec", {})
    return [*spec.get("initContainers", []), *spec.get("containers", [])]


def _resource(path: Path) -> list[Manifest]:
    if path.is_dir():
        return built(path)
    return [found for found in yaml.safe_load_all(path.read_text(encoding="utf-8")) if found]


def _name(manifest: Manifest) -> tuple[str, str]:
    return manifest["kind"], manifest["metadata"]["name"]


def _merged(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return copy.deepcopy(new)
    return {**old, **{key: _merged(old[key], value) if key in old else value for key, value in new.items()}}


def _images(manifest: Manifest, rules: list[dict[str, str]]) -> None:
    for container in containers(manifest):
        for rule in rules:
            if container["image"] == rule["name"]:
                container["image"] = f"{rule['newName']}:{rule['newTag']}"
