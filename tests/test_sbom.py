"""What is built in, as `./run sbom` writes it: by the schema, and neither more nor less than the locks."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).parent.parent
NAMES = ("service", "tests", "engine", "setup", "console", "npm-console", "npm-interop", "npm-browser")


@pytest.fixture(scope="module")
def sbom() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sbom", ROOT / ".ci/sbom.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def locked(file: Path) -> Counter[tuple[str, str, int]]:
    """Name, version and number of hashes of each package in a lock, read in another way than by the writer."""
    if file.suffix == ".json":
        packages = json.loads(file.read_text())["packages"]
        return Counter(
            (path.split("node_modules/")[-1], about["version"], 1) for path, about in packages.items() if path
        )
    found: Counter[tuple[str, str, int]] = Counter()
    for lines in re.findall(r"^([^ #\n].*(?:\n .*)*)", file.read_text(), re.MULTILINE):
        name, _, rest = lines.partition("==")
        found[name, re.split(r"[ ;\\]", rest)[0], lines.count("--hash=")] += 1
    return found


def test_every_lock_of_the_project_is_written(sbom: ModuleType) -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    locks = {file for file in tracked if re.search(r"requirements.*\.lock$|package-lock\.json$", file)}
    assert len(locks) >= 6
    assert locks <= {sbom.lock_of(name) for name in (*sbom.PYTHON, *sbom.NPM)}


@pytest.mark.parametrize("name", NAMES)
def test_it_fits_the_schema_and_lists_what_its_lock_lists(sbom: ModuleType, name: str) -> None:
    text = sbom.as_json(name)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    components = json.loads(text)["components"]
    listed = Counter(
        ("/".join(filter(None, (one.get("group"), one["name"]))), one["version"], len(one["hashes"]))
        for one in components
    )
    assert listed == locked(ROOT / sbom.lock_of(name))
    assert all(one["purl"].startswith(("pkg:pypi/", "pkg:npm/")) for one in components)


def test_licences_are_told_of_all_that_is_installed_and_the_schema_can_fail(sbom: ModuleType) -> None:
    for name, most_without in (("service", 2), ("npm-console", 0), ("npm-interop", 0), ("npm-browser", 0)):
        components = json.loads(sbom.as_json(name))["components"]
        assert sum("licenses" not in one for one in components) <= most_without, name
    broken = sbom.as_json("setup").replace('"type": "library"', '"type": "book"')
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(broken) is not None
