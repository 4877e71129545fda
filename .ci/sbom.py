"""Writes what is built in, one CycloneDX file for each lock: names, versions, hashes, and licences as far as installed.

build/sbom/service.cdx.json   packages of the service
build/sbom/tests.cdx.json     the same and those of the tests
build/sbom/engine.cdx.json    packages of the dialogue engine
build/sbom/setup.cdx.json     what fetches them
build/sbom/bench.cdx.json     what stock Rasa needs beside the engine's, to be measured against
build/sbom/console.cdx.json   what makes the age library of the officers' page out of npm-console
build/sbom/npm-….cdx.json     what that page holds, and what tests run in Node
"""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).parent.parent
# name -> the lock, and the environment that was made of it
PYTHON: Mapping[str, tuple[str, str]] = {
    "service": ("requirements.lock", ".venv"),
    "tests": ("requirements-test.lock", ".venv"),
    "engine": ("nlu/requirements.lock", "nlu/.venv"),
    "setup": ("requirements-uv.lock", ".venv"),
    "bench": ("bench/requirements.lock", "nlu/.venv"),
    "console": ("bot/console/page/requirements.lock", ".venv"),
}
NPM: Mapping[str, str] = {
    "npm-console": "bot/console/page/package-lock.json",
    "npm-interop": "tests/interop/package-lock.json",
    "npm-browser": "tests/browser/package-lock.json",
}
_PIN = re.compile(r"^(?P<name>[a-z0-9.-]+)==(?P<version>[^ ;]+)(?: ; (?P<marker>[^\\]+?))? \\$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def python_components(lock: str, installed: Mapping[str, Distribution]) -> Iterator[Component]:
    """Each pin of a lock of ours. Its many hashes are of the files that it may be installed from."""
    for block in re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text(encoding="utf-8")):
        pin = _PIN.match(block.partition("\n")[0])
        assert pin, f"{lock}: a line that is no pin"
        name, version = pin["name"], pin["version"]
        component = Component(
            type=ComponentType.LIBRARY, name=name, version=version, purl=PackageURL("pypi", None, name, version),
            bom_ref=f"pkg:pypi/{name}@{version}",
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in _HASH.findall(block)],
        )  # fmt: skip
        if pin["marker"]:
            component.properties.add(Property(name="faro:only-where", value=pin["marker"].strip()))
        found = installed.get(name)
        if found and found.version == version:
            _license(component, _told(found))
        yield component


def npm_components(lock: str) -> Iterator[Component]:
    packages = json.loads((ROOT / lock).read_text(encoding="utf-8"))["packages"]
    for path, about in packages.items():
        if not path:  # the folder itself
            continue
        space, _, name = path.rpartition("node_modules/")[2].rpartition("/")
        version = about["version"]
        purl = PackageURL("npm", space or None, name, version)
        algorithm, _, digest = about["integrity"].partition("-")
        assert algorithm == "sha512"
        component = Component(
            type=ComponentType.LIBRARY, group=space or None, name=name, version=version, purl=purl, bom_ref=str(purl),
            hashes=[HashType(alg=HashAlgorithm.SHA_512, content=base64.b64decode(digest).hex())],
        )  # fmt: skip
        _license(component, about.get("license", ""))
        yield component


def lock_of(name: str) -> str:
    """The file that it is made of, from the root."""
    return PYTHON[name][0] if name in PYTHON else NPM[name]


def bom(name: str) -> Bom:
    """Of one of PYTHON or NPM."""
    made = Bom()
    made.metadata.component = Component(type=ComponentType.APPLICATION, name=f"faro-{name}", version="0.1.0",
                                        bom_ref=f"faro-{name}")  # fmt: skip
    lock, environment = PYTHON.get(name, ("", ""))
    found = python_components(lock, _installed(environment)) if lock else npm_components(NPM[name])
    for component in found:
        made.components.add(component)
    made.register_dependency(made.metadata.component, made.components)
    return made


def as_json(name: str) -> str:
    return JsonV1Dot6(bom(name)).output_as_string(indent=1)


def _installed(environment: str) -> dict[str, Distribution]:
    places = [str(path) for path in (ROOT / environment).glob("lib/python*/site-packages")]
    return {_normal(found.name): found for found in distributions(path=places)}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _told(found: Distribution) -> str:
    """The expression of newer packages, else the classifier, else the one line of older ones."""
    told = found.metadata
    classified = [
        line.rpartition(" :: ")[2] for line in told.get_all("Classifier", []) if line.startswith("License ::")
    ]
    line = (told.get("License") or "").strip()
    return told.get("License-Expression") or next(iter(classified), "") or (line if "\n" not in line else "")


def _license(component: Component, told: str) -> None:
    if told:
        component.licenses.add(LicenseFactory().make_from_string(told))


def main() -> None:
    folder = ROOT / "build" / "sbom"
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*PYTHON, *NPM):
        if not (ROOT / lock_of(name)).exists():  # a copy without what is only measured or tested
            continue
        file = folder / f"{name}.cdx.json"
        file.write_text(as_json(name) + "\n", encoding="utf-8")
        sys.stdout.write(f"{file.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
