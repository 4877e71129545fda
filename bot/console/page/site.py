"""The officers' page and its files: a fixed number of them, each byte for byte as it lies in the program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import orjson

from bot.console.page.frame import document
from bot.errors import SettingsError
from bot.languages import SOURCE_LANGUAGE, read
from bot.pages.assets import KINDS, Assets, File, Packed
from bot.pages.words import PageWords

HERE = Path(__file__).parent
WORDS = HERE.parent / "words"
TOOLS = HERE.parents[2] / ".tools"
LANGUAGES = (SOURCE_LANGUAGE, "en")
SCRIPTS = (
    "bytes", "canonical", "console", "directors", "dom", "envelope", "header", "idle", "keeper", "key", "line", "list",
    "login", "manifest", "paper", "plain", "refused", "report", "roster", "save", "signed", "tag", "tar",
    "trust", "worker",
)  # fmt: skip
BUILT = "age.js"  # the age library in one file, made by `./run setup console`
# What it is made of, in the order in which `run` reads them; their digest names the folder that it lies in.
SOURCES = ("package.json", "package-lock.json", ".npmrc", "bundle.mjs", "requirements.lock")
DIGITS = 16


@dataclass(frozen=True, slots=True)
class Site:
    """`assets`: by their own names, so that anybody can hold what a server sends against the program."""

    languages: tuple[str, ...]
    words: PageWords
    assets: Assets

    @classmethod
    def load(cls, tools: Path = TOOLS) -> Site:
        """Raises `SettingsError` where the age library was not built."""
        words = PageWords({language: read(WORDS / f"{language}.yml") for language in LANGUAGES})
        return cls(LANGUAGES, words, Assets({file.address.rpartition("/")[2]: file for file in _files(tools)}))

    def html(self, language: str) -> str:
        """`language`: one of `languages`."""
        scripted = self.words.titles("script", language)
        return document(self.words, language, self.languages, orjson.dumps(dict(scripted)).decode())


@cache
def shipped() -> Site:
    """The page of the program, read once. Raises `SettingsError` where the age library was not built."""
    return Site.load()


def built(tools: Path = TOOLS) -> Path:
    """Where the age library lies, if it was made of the files as they are now."""
    digest = sha256(b"".join((HERE / name).read_bytes() for name in SOURCES)).hexdigest()[:DIGITS]
    return tools / f"console-{digest}" / BUILT


def _files(tools: Path) -> Iterator[File]:
    library = built(tools)
    if not library.exists():
        raise SettingsError("the officers' page is not built yet: run ./run setup console")
    for path in (HERE / "console.css", HERE / "icon.svg", *(HERE / f"{name}.js" for name in SCRIPTS), library):
        yield File(f"/static/{path.name}", KINDS[path.suffix], Packed.of(path.read_bytes()))
