"""The rules of the house (CONTRIBUTING.md). Each counts what it looked at, so that none passes on nothing."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest
import yaml

from bot.settings import Settings

ROOT = Path(__file__).parent.parent
LOCKS = ["requirements.lock", "requirements-test.lock", "requirements-uv.lock", "nlu/requirements.lock",
         "bench/requirements.lock", "bot/console/page/requirements.lock"]  # fmt: skip

# Files whose behaviour is another file's test, and which one.
TESTED_ELSEWHERE: dict[str, str] = {
    # Types only; every test of a turn works with them.
    "bot/current.py": "tests/bot/test_turn.py",
    "bot/effects.py": "tests/bot/test_turn.py",
    # Run by every test that asks for a database; that test compares what it makes with the code.
    "storage/migrations/env.py": "tests/storage/test_database.py",
}

# May touch the environment, and why.
MAY_TOUCH_ENVIRONMENT = {
    "bot/serve.py": "hands it on to its children",
    "bot/engines.py": "hands on the little that an engine may know",
    "bot/box/enter.py": "hands on less of it",
    "bot/channels/telegram.py": "sets a switch of the library before importing it",
    "bot/channels/media.py": "likewise",
}


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def tracked() -> list[str]:
    return subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


OURS = sources("bot", "storage")


def offences(paths: list[Path], is_one: Callable[[ast.AST], bool], allowed: Collection[str] = ()) -> list[str]:
    return [
        f"{name(path)}:{node.lineno}"
        for path in paths
        if name(path) not in allowed
        for node in nodes(path)
        if is_one(node)
    ]


def test_the_house_is_not_empty() -> None:
    assert len(OURS) > 60


def test_every_file_has_its_test() -> None:
    missing = []
    for path in OURS:
        place = path.relative_to(ROOT)
        if path.name == "__init__.py" or "versions" in place.parts or place.as_posix() in TESTED_ELSEWHERE:
            continue
        mirror = Path("tests", *place.parts[:-1])
        channels = Path("tests", *place.parts[1:-1])
        if not any((ROOT / folder / f"test_{path.name}").exists() for folder in (mirror, channels)):
            missing.append(place.as_posix())
    assert missing == []
    assert all((ROOT / file).exists() and (ROOT / test).exists() for file, test in TESTED_ELSEWHERE.items())


def test_no_function_is_longer_than_40_lines_and_most_are_short() -> None:
    lengths = {
        f"{name(path)}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in [*OURS, *(ROOT / "nlu").glob("*.py")]
        if "versions" not in path.parts  # a migration is a list of statements
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert len(lengths) > 400
    assert {place: length for place, length in lengths.items() if length > 40} == {}
    assert sorted(lengths.values())[len(lengths) // 2] <= 10


def test_no_file_is_longer_than_400_lines() -> None:
    files = [*OURS, *(ROOT / "nlu").glob("*.py"), ROOT / "run", ROOT / "Dockerfile", *(ROOT / "tests").rglob("*.py")]
    assert len(files) > 100
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {place: length for place, length in lengths.items() if length > 400} == {}


def test_nothing_is_printed_but_by_commands() -> None:
    """A print would go around the logger, which lets no text through."""

    def prints(node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"print", "pprint"}

    assert offences(OURS, prints) == []


def test_settings_alone_read_the_environment() -> None:
    def reads(node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"}

    assert offences(OURS, reads, MAY_TOUCH_ENVIRONMENT) == []
    assert all(offences([ROOT / path], reads) for path in MAY_TOUCH_ENVIRONMENT)


def test_every_time_has_a_zone() -> None:
    """The host's zone would decide which day a report is of."""

    def naive(node: ast.AST) -> bool:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            return False
        on_class = isinstance(node.func.value, ast.Name) and node.func.value.id in {"date", "datetime"}
        without = node.func.attr == "now" and not node.args and not node.keywords
        return on_class and (without or node.func.attr in {"utcnow", "today"})

    assert offences(OURS, naive) == []


def test_no_error_is_swallowed() -> None:
    """A broad handler must raise again or say what happened; none may be bare."""

    def swallows(node: ast.AST) -> bool:
        if not isinstance(node, ast.ExceptHandler):
            return False
        broad = node.type is None or (
            isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
        )
        calls = [inner for inner in ast.walk(node) if isinstance(inner, ast.Raise | ast.Call)]
        return node.type is None or (broad and not calls)

    assert offences(OURS, swallows) == []


def test_cryptography_is_used_in_storage_alone() -> None:
    """One place to review. The other side may name the type of a public key, which can neither seal nor open."""

    def imports(node: ast.AST) -> bool:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "cryptography":
            return {alias.name for alias in node.names} != {"Ed25519PublicKey"}
        return isinstance(node, ast.Import) and any(alias.name.startswith("cryptography") for alias in node.names)

    assert offences(sources("bot"), imports) == []
    assert len(offences(sources("storage"), imports)) > 5


def test_the_two_pythons_never_import_each_other() -> None:
    own = {path.stem for path in (ROOT / "nlu").glob("*.py")}
    assert len(own) > 8

    def imports(node: ast.AST) -> set[str]:
        if isinstance(node, ast.ImportFrom):
            return {(node.module or "").split(".")[0]} if not node.level else set()
        return {alias.name.split(".")[0] for alias in node.names} if isinstance(node, ast.Import) else set()

    assert offences(OURS, lambda node: bool(imports(node) & {"rasa", "nlu"})) == []
    assert offences(list((ROOT / "nlu").glob("*.py")), lambda node: bool(imports(node) & {"bot", "storage"})) == []


def test_nothing_is_left_to_be_done() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
    looked = [ROOT / file for file in tracked() if file.endswith((".py", ".yml", ".sh", ".toml")) or file == "run"]
    assert len(looked) > 100
    assert [name(path) for path in looked if marks.search(path.read_text(encoding="utf-8"))] == []


def test_no_place_of_a_machine_is_named() -> None:
    places = re.compile(r"/(home|root|Users|work|tmp)/[a-z]")
    allowed = {"Dockerfile", "deploy/compose.yml", "deploy/kubernetes/base/engine.yaml"}  # folders inside the image
    looked = [file for file in tracked() if (ROOT / file).suffix not in {".lock", ".age", ".bin", ".jpg"}]
    assert len(looked) > 100
    found = [
        file
        for file in looked
        if file not in allowed and places.search((ROOT / file).read_bytes().decode(errors="replace"))
    ]
    assert found == ["tests/test_house.py"] or found == []


def test_locks_hold_hashes_and_no_address() -> None:
    for lock in LOCKS:
        text = (ROOT / lock).read_text()
        packages = re.findall(r"^[a-z0-9._-]+==", text, re.MULTILINE)
        assert packages, lock
        assert text.count("--hash=sha256:") >= len(packages), lock
        assert not re.search(r"://|--(extra-)?index|--find-links| @ ", text), lock


def test_accepted_flaws_are_of_versions_that_are_locked() -> None:
    entries = yaml.safe_load((ROOT / ".ci/advisories.yml").read_text())
    lock = (ROOT / "nlu/requirements.lock").read_text()
    assert len(entries) > 5
    assert all(entry["reason"].endswith(".") for entry in entries)
    stale = [entry["package"] for entry in entries if f"\n{entry['package']}=={entry['version']} " not in lock]
    assert stale == []


def settings() -> list[str]:
    return [f"FARO_{field.upper()}" for field in Settings.model_fields]


def test_every_setting_stands_in_env_example_with_its_default() -> None:
    lines = re.findall(r"^#(FARO_[A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert len(lines) == len(settings()) > 25
    assert sorted(key for key, _ in lines) == sorted(settings())
    bare = Settings(_env_file=None, **{key.removeprefix("FARO_").lower(): value for key, value in lines})
    assert bare == Settings.model_construct()


def test_every_setting_stands_in_the_table_of_the_readme() -> None:
    rows = re.findall(r"^\| *`(FARO_[A-Z_]+)`", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(settings())


def requirement(text: str) -> str:
    return re.split(r"[\[<>=;! ]", text)[0].lower()


@pytest.mark.parametrize("project", ["pyproject.toml", "nlu/pyproject.toml"])
def test_every_direct_dependency_says_what_it_is_for(project: str) -> None:
    value = tomllib.loads((ROOT / project).read_text())["project"]
    wanted = [*value["dependencies"], *value.get("optional-dependencies", {}).get("test", [])]
    rows = re.findall(r"^\| ([a-z0-9-]+) \| .{8,} \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert len(rows) > 30
    assert [text for text in wanted if requirement(text) not in rows] == []


def test_every_runtime_dependency_is_used() -> None:
    modules = {"google-re2": "re2", "pillow": "PIL", "python-telegram-bot": "telegram", "pyyaml": "yaml"}
    text = "\n".join(path.read_text(encoding="utf-8") for path in OURS)
    wanted = [
        requirement(line) for line in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    ]
    assert len(wanted) > 15
    assert [name for name in wanted if modules.get(name, name.replace("-", "_")) not in text] == []


def test_no_reason_is_left_of_a_dependency_that_is_gone() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text().split("## Dependencies")[1]
    rows = re.findall(r"^\| ([a-z0-9-]+) \| .{8,} \|$", table, re.MULTILINE)
    locked = (ROOT / "bench" / "requirements.lock").read_text()
    wanted = set(re.findall(r"^([a-z0-9-]+)==", locked, re.MULTILINE))  # of the bench, which has no project of its own
    for project in ("pyproject.toml", "nlu/pyproject.toml"):
        value = tomllib.loads((ROOT / project).read_text())["project"]
        wanted |= {requirement(text) for text in value["dependencies"]}
        wanted |= {requirement(text) for text in value.get("optional-dependencies", {}).get("test", [])}
    assert set(rows) - wanted == set()
