"""`run` itself, with a uv that only notes what it was asked; and the files that describe the containers."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
PAGE = "bot/console/page"
FILES = [
    "run",
    "pyproject.toml",
    "requirements.lock",
    "requirements-test.lock",
    "requirements-uv.lock",
    *(f"{PAGE}/{file}" for file in ("package.json", "package-lock.json", ".npmrc", "bundle.mjs", "requirements.lock")),
]

UV = """#!/usr/bin/env bash
echo "$1 $2 ${VIRTUAL_ENV:-}${PYTHONPATH:-}" >> calls
if [ "$1" = venv ]; then
  mkdir -p "${@: -1}/bin" && ln -sf "$(command -v python3)" "${@: -1}/bin/python"
else
  sleep 0.3
  [ ! -e broken ]
fi
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what `run` needs, with that uv in the place of the real one."""
    (tmp_path / PAGE).mkdir(parents=True)
    for file in FILES:
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / "nlu").mkdir()
    shutil.copy(ROOT / "nlu/requirements.lock", tmp_path / "nlu/requirements.lock")
    version = (ROOT / "requirements-uv.lock").read_text().split()[0].replace("==", "-")
    tool = tmp_path / ".tools" / version / "uv"
    tool.parent.mkdir(parents=True)
    tool.write_text(UV)
    tool.chmod(0o755)
    return tmp_path


def command(project: Path, *arguments: str, **given: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [project / "run", *arguments], env={**os.environ, **given}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def run(project: Path, *arguments: str, **given: str) -> tuple[int, str]:
    process = command(project, *arguments, **given)
    output, _ = process.communicate(timeout=60)
    return process.returncode, output


def calls(project: Path) -> list[str]:
    file = project / "calls"
    return [line.strip() for line in file.read_text().splitlines()] if file.exists() else []


def test_help_names_every_verb_and_an_unknown_one_is_exit_code_2(project: Path) -> None:
    code, text = run(project, "help")
    assert code == 0
    verbs = {line.split()[1] for line in text.splitlines() if line.startswith("./run ")}
    assert {"faro", "setup", "train", "test", "lint", "audit", "bench", "rasa", "lock", "clean"} <= verbs
    code, again = run(project, "nonsense")
    assert (code, text in again) == (2, True)


def test_an_environment_is_made_once_and_again_when_its_lock_changes(project: Path) -> None:
    assert run(project, "setup", "service")[0] == 0
    assert calls(project) == ["venv --quiet", "pip sync"]
    code, said = run(project, "setup", "service")
    assert (code, said, len(calls(project))) == (0, "", 2)
    with (project / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    assert run(project, "setup", "service")[0] == 0
    assert calls(project)[2:] == ["pip sync"]


def test_the_environment_for_tests_serves_too_and_not_the_other_way_round(project: Path) -> None:
    run(project, "setup", "test")
    run(project, "setup", "service")
    assert calls(project) == ["venv --quiet", "pip sync"]
    shutil.rmtree(project / ".venv")
    run(project, "setup", "service")
    run(project, "setup", "test")
    assert calls(project)[2:] == ["venv --quiet", "pip sync", "pip sync"]


def test_a_failed_set_up_fails_is_not_used_and_is_taken_up_again(project: Path) -> None:
    (project / "broken").touch()
    code, said = run(project, "setup", "nlu")
    assert code != 0
    assert "stopped" in said
    assert not (project / "nlu/.venv/locks").exists()
    (project / "broken").unlink()
    assert run(project, "setup", "nlu")[0] == 0
    assert (project / "nlu/.venv/locks").exists()
    assert calls(project) == ["venv --quiet", "pip sync", "pip sync"]


def test_of_two_first_starts_at_once_one_does_the_work(project: Path) -> None:
    both = [command(project, "setup", "service") for _ in range(2)]
    for process in both:
        process.communicate(timeout=60)
    assert [process.returncode for process in both] == [0, 0]
    assert calls(project) == ["venv --quiet", "pip sync"]


def test_the_officers_page_is_part_of_the_default_and_is_made_again_when_its_lock_changes(project: Path) -> None:
    """What makes it is there already: nothing is fetched."""
    library = "source <(sed -n '/^PAGE=/,/^library()/p' run); library"

    def made() -> Path:
        named = subprocess.run(["bash", "-c", library], cwd=project, capture_output=True, text=True, check=True)
        return project / named.stdout.strip()

    place = made()
    place.parent.mkdir()
    place.touch()
    assert run(project, "setup", "console")[0] == 0
    before = len(calls(project))
    assert run(project, "setup")[0] == 0
    assert calls(project)[before:] == ["venv --quiet", "pip sync"]  # of the engine alone
    with (project / PAGE / "bundle.mjs").open("a") as file:
        file.write("// changed\n")
    assert made() != place
    assert run(project, "setup")[0] != 0  # that uv brings no Node
    assert calls(project)[-1] == "pip install"
    assert not made().exists()


def test_another_projects_environment_does_not_leak_in(project: Path) -> None:
    run(project, "setup", "service", VIRTUAL_ENV="elsewhere", PYTHONPATH="elsewhere")
    assert calls(project) == ["venv --quiet", "pip sync"]


def test_clean_keeps_the_data_folder(project: Path) -> None:
    run(project, "setup", "service")
    (project / "var").mkdir()
    assert run(project, "clean")[0] == 0
    assert not (project / ".venv").exists()
    assert (project / "var").exists()


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci/audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pins(lock: str) -> set[str]:
    """Name and version of each package in a lock."""
    return set(re.findall(r"^([a-z0-9.-]+==\S+)", (ROOT / lock).read_text(), re.MULTILINE))


def test_an_audit_fails_on_a_flaw_that_nobody_explained(audit: ModuleType) -> None:
    flaw = {"id": "CVE-0000-0001", "fix_versions": ["2"], "aliases": []}
    packages = [{"name": "a", "version": "1", "vulns": [flaw]}, {"name": "b", "version": "1", "vulns": []}]
    assert list(audit.unexplained(packages, {})) == ["a 1: CVE-0000-0001, fixed in 2"]
    assert list(audit.unexplained(packages, {"a 1": "reason"})) == []
    assert len(list(audit.unexplained(packages, {"a 2": "reason"}))) == 1
    assert len(audit.explained()) > 5
    seen = audit.flaws()
    assert "CVE-2024-52304" in seen
    assert list(audit.new(packages, seen, {"a 1": "reason"})) == ["a 1: CVE-0000-0001"]
    assert list(audit.new(packages, {"CVE-0000-0001"}, {"a 1": "reason"})) == []
    assert list(audit.new(packages, seen, {})) == []
    assert (ROOT / "docs/advisories.md").read_text() == audit.page()


def test_every_lock_of_python_packages_is_audited(audit: ModuleType) -> None:
    files = [path for place in (".", "nlu", "bench") for path in (ROOT / place).glob("requirements*.lock")]
    locks = {str(path.relative_to(ROOT)): pins(str(path.relative_to(ROOT))) for path in files}
    assert len(locks) == 5
    assert min(map(len, locks.values())) >= 1
    audited = set.union(*(locks[lock] for lock in audit.LOCKS))
    assert [lock for lock, found in locks.items() if not found <= audited] == []


def test_images_are_pinned_run_as_nobody_special_and_are_watched() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ") and ":" in line]
    assert len(bases) == 2
    assert all(base.split(":")[1].count(".") == 2 for base in bases)
    assert sum(line.startswith("USER 1000") for line in lines) == 2
    assert sum(line.startswith("HEALTHCHECK") for line in lines) == 2
    steps = [line for line in lines if line.startswith("RUN ")]
    assert len([step for step in steps if "./run " in step]) == 3
