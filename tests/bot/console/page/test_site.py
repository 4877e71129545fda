"""The files of the officers' page: a fixed number, as they lie in the program, and the words of both languages."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from bot.console.page import site
from bot.console.page.site import HERE, LANGUAGES, WORDS, Site, built, shipped
from bot.errors import SettingsError

ROOT = Path(__file__).parents[4]
KEYS = 132  # of the words of one language
USED = re.compile(r'word\(\s*(?:known \? )?[`"]([a-zA-Z_]+(?:\.[\w.]+)?)')


def test_every_file_is_served_under_its_own_name_byte_for_byte() -> None:
    served = shipped().assets.by_name
    lying = {path.name: path.read_bytes() for path in HERE.iterdir() if path.suffix in {".js", ".css", ".svg"}}
    assert len(lying) > 25
    assert {name: file.packed.plain for name, file in served.items() if name != "age.js"} == lying
    assert {file.address for file in served.values()} == {f"/static/{name}" for name in served}
    assert shipped().assets.at("/static/site.py") is None


def test_a_module_imports_only_files_that_are_served() -> None:
    served = shipped().assets.by_name
    imported = {found for name, file in served.items() if name.endswith(".js") and name != "age.js"
                for found in re.findall(r' from "\./([\w-]+\.js)"', file.packed.plain.decode())}  # fmt: skip
    assert len(imported) > 20
    assert imported <= set(served)


def test_no_script_makes_markup_or_code_of_text() -> None:
    for path in HERE.glob("*.js"):
        found = re.findall(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\.srcdoc", path.read_text()
        )
        assert found == [], path.name
    library = shipped().assets.by_name["age.js"].packed.plain
    assert re.findall(rb"\beval\(|new Function\(|WebAssembly|https?://[^\s)]*\.(?:js|wasm)\b", library) == []


def test_where_the_library_was_not_built_it_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"run \./run setup console"):
        Site.load(tmp_path)


def test_the_library_lies_where_run_puts_it() -> None:
    """And is made anew when one of the files changes that it is made of."""
    assert built().exists()
    text = (ROOT / "run").read_text()
    assert f"SOURCES=({' '.join(site.SOURCES)})" in text
    asked = 'source <(sed -n "/^PAGE=/,/^library()/p" run); library'
    said = subprocess.run(["bash", "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    assert ROOT / said == built()


def test_versions_are_exact_and_the_lock_names_no_address() -> None:
    package = json.loads((HERE / "package.json").read_text())
    versions = {**package["dependencies"], **package["overrides"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())
    assert versions["age-encryption"] == "0.3.1"
    text = (HERE / "package-lock.json").read_text()
    lock = json.loads(text)["packages"]
    assert len(lock) > 8
    assert "resolved" not in text
    assert all("integrity" in about for name, about in lock.items() if name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_with_the_same_places(language: str) -> None:
    def words(code: str) -> dict[str, str]:
        tables = yaml.safe_load((WORDS / f"{code}.yml").read_text())
        return {f"{table}.{key}": text for table, texts in tables.items() for key, text in texts.items()}

    mine, source = words(language), words(LANGUAGES[0])
    assert len(mine) == KEYS
    assert list(mine) == list(source)
    assert {path.stem for path in WORDS.iterdir()} == set(LANGUAGES)
    assert all(text.strip() for text in mine.values())
    places = {key: sorted(re.findall(r"\{\w+\}", text)) for key, text in mine.items()}
    assert places == {key: sorted(re.findall(r"\{\w+\}", text)) for key, text in source.items()}


def test_every_word_that_a_script_asks_for_is_there() -> None:
    known = shipped().words.titles("script", "es")
    asked = {key for path in HERE.glob("*.js") for key in USED.findall(path.read_text())}
    whole = {key for key in asked if not key.endswith(".")}
    assert len(whole) > 25
    assert [key for key in whole if not any(one == key or one.startswith(f"{key}.") for one in known)] == []


def test_every_refusal_of_a_report_has_its_words() -> None:
    codes = {code for name in ("envelope", "header", "tar", "manifest")
             for code in re.findall(r'Refused\("(\w+)"\)', (HERE / f"{name}.js").read_text())}  # fmt: skip
    codes |= {"NoMatch", "HmacFailure"}
    assert len(codes) == 11
    known = shipped().words.titles("script", "en")
    assert {code for code in codes if f"refused.{code}" not in known} == set()
