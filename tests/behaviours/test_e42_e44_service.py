"""SAFETY.md E42 to E44: an outage still helps, numbers are checked ones, and nothing is made up."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.directory import Directory
from tests import test_promises as promises
from tests.behaviours.states import CRY, States, visiting
from tests.engine import Engine
from tests.house import House, numbers
from tests.nlu.wording import LANGUAGES, safety, say, texts, titles
from tests.promises import ROOT, away

GENERATORS = ("openai", "anthropic", "transformers", "langchain", "llama", "mistral", "gemini", "vertexai", "ollama",
              "vllm", "huggingface", "litellm", "cohere")  # fmt: skip


async def test_E42_while_no_engine_runs_there_are_numbers_in_every_language(house: House) -> None:
    hello = {"es": "hola", "en": "hello there", "pt": "olá tudo bem", "fr": "bonjour", "ht": "bonjou"}
    with away(house):
        phones = {language: await house.phone("telegram", language) for language in hello}
        for language, phone in phones.items():
            await phone.say(hello[language])
        await house.quiet(60)
        for language, phone in phones.items():
            assert re.search(r": \d{3}", phone.seen[-1].text), language
            assert phone.seen[-1].text.startswith(say(language)["messages"]["engine_down"][:20]), language


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E42_without_an_engine_danger_cover_exit_and_withdrawal_act_in_every_state(
    states: Mapping[str, States], language: str
) -> None:
    nowhere = Engine("http://127.0.0.1:9", "x", 0, Path("/dev/null"))
    async with visiting(nowhere, language) as person:
        for state in states[language]:
            for line, first in ((CRY[language], "danger_call"), (safety(language)["watched"][0], "cover_"),
                                ("0", "leave exit"), (safety(language)["withdraw"][0], "withdraw")):  # fmt: skip
                person.talk = state.talking()
                assert (await person.says(line))[0].startswith(first), (state.name, line)


def test_E43_a_number_that_is_unsourced_unchecked_or_stale_is_not_loaded(tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    for verified, confidence, kept in ((str(today), "found_in_source", True), ("", "found_in_source", False),
                                       (str(today - timedelta(days=91)), "found_in_source", False),
                                       (str(today), "unverified", False)):  # fmt: skip
        numbers(tmp_path, verified_on=verified, confidence=confidence)
        lines = Directory.load(tmp_path / "hotlines.csv", today=today).lines("CO")
        assert bool(lines) is kept, (verified, confidence)


@pytest.mark.parametrize("state", ["unchecked", "stale", "unsourced"])
async def test_E43_a_number_that_nobody_checked_is_not_shown(
    tmp_path: Path, database_url: str, engine: Engine, state: str
) -> None:
    await promises.test_S6_a_number_that_nobody_checked_is_not_shown(tmp_path, database_url, engine, state)


def test_E44_no_library_that_makes_up_text_is_installed() -> None:
    locks = [ROOT / "requirements.lock", ROOT / "nlu" / "requirements.lock"]
    names = {line.split("==")[0].strip() for lock in locks for line in lock.read_text().splitlines() if "==" in line}
    assert len(names) > 100
    assert [name for name in names if any(maker in name.lower() for maker in GENERATORS)] == []


def test_E44_a_message_is_made_in_few_places_and_of_templates_there() -> None:
    makers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "bot").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Outgoing"
    }
    assert makers <= {"bot/asides.py", "bot/conduct.py", "bot/exchange.py", "bot/numbers.py", "bot/attached.py",
                      "bot/channels/pieces.py", "bot/channels/telegram.py", "bot/channels/whatsapp.py",
                      "bot/channels/terminal.py", "bot/channels/sms.py", "bot/welcome.py", "bot/wishes.py"}  # fmt: skip
    assert len(makers) >= 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_E44_every_line_that_went_out_is_a_reviewed_template(states: Mapping[str, States], language: str) -> None:
    """The first line of each message; below it stand numbers of the directory and the count of what is left."""
    known = [re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(text))) for _, text in texts(language)]
    buttons = {title for name in say(language)["questions"] for title in titles(language, name).values()}
    buttons |= set(say(language)["asides"]["calm"]["options"].values())
    said = states[language].said
    assert len(said) > 100
    strange = [one.text for one in said if not any(one_known.fullmatch(one.text.split("\n")[0]) for one_known in known)]
    assert strange == []
    assert {button.title for one in said for button in one.buttons} <= buttons


async def test_E44_every_word_that_goes_out_is_a_reviewed_one(house: House) -> None:
    await promises.test_S5_every_word_that_goes_out_is_of_the_reviewedpreviewed(house)
