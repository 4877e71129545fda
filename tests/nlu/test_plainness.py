"""How plain the texts are, by textstat: an eleven-year-old reads them.

es: Fernández Huerta. fr: the reading ease of Kandel and Moles, which textstat takes for French. pt: the reading ease of
Martins and others (1996) from textstat's counts, since textstat has no formula for Portuguese. Of these three, more is
plainer; 80, and for Portuguese 75, is the border of the fifth or sixth school year. en: the Coleman-Liau grade, which
counts letters; formulas with syllables need a dictionary that textstat would fetch from elsewhere. ht: no formula was
made for Haitian Creole and no list of its syllables is kept. LIX counts long words and the length of sentences in any
language; below 30 are children's books.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import textstat

from tests.nlu.wording import LANGUAGES, say, shown

ENOUGH = 20  # words: a formula says little about fewer
CONSENT = ("consent_who", "consent_kept", "consent_exceptions")


def martins(text: str) -> float:
    return 248.835 - 1.015 * textstat.words_per_sentence(text) - 84.6 * textstat.avg_syllables_per_word(text)


# language -> (formula as plainness: more is plainer, at least this for all texts together, at least this for each)
MEASURES: dict[str, tuple[Callable[[str], float], float, float]] = {
    "es": (textstat.fernandez_huerta, 80, 60),
    "fr": (textstat.flesch_reading_ease, 80, 60),
    "pt": (martins, 75, 50),
    "en": (lambda text: -textstat.coleman_liau_index(text), -6, -10),
    "ht": (lambda text: -textstat.lix(text), -30, -40),
}


HARD = {
    "es": "La operacionalización interinstitucional de la judicialización.",
    "en": "Interinstitutional adjudication considerations notwithstanding.",
    "pt": "A operacionalização interinstitucional da judicialização.",
    "fr": "L'opérationnalisation interinstitutionnelle des procédures.",
    "ht": "Enstitisyonalizasyon pwosedi administratif entèenstitisyonèl.",
}


def bare(text: str) -> str:
    """Without placeholders and list numbers, with a full stop, and French stops set as the library looks for them."""
    said = re.sub(r"\b\d\) ", "", re.sub(r"\{\w+\}", "X", text))
    said = re.sub(r" ([:;?!])", r"\1", said)
    return said if said[-1] in ".?!" else f"{said}."


def plainness(language: str, text: str) -> float:
    textstat.set_lang({"ht": "fr"}.get(language, language))
    return MEASURES[language][0](text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_eleven_year_old_reads_it(language: str) -> None:
    whole = " ".join(bare(text) for _, text in shown(language))
    assert len(whole.split()) > 3000
    assert plainness(language, whole) >= MEASURES[language][1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_much_harder_than_the_others(language: str) -> None:
    measured = {name: plainness(language, bare(text)) for name, text in shown(language) if len(text.split()) >= ENOUGH}
    assert len(measured) > 50
    assert {name: value for name, value in measured.items() if value < MEASURES[language][2]} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language: str) -> None:
    sentences = [one for _, text in shown(language) for one in re.split(r"[.?!:;\n]+", bare(text))]
    lengths = [len(one.split()) for one in sentences if one.strip()]
    assert max(lengths) <= 30
    assert sum(lengths) / len(lengths) <= 14


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_agreed_to_is_as_plain(language: str) -> None:
    asked = " ".join(bare(say(language)["messages"][key]) for key in CONSENT)
    border = {"es": 75, "fr": 75, "pt": 60, "en": -8, "ht": -35}  # the names of the offices are long
    assert plainness(language, asked) >= border[language]
    assert plainness(language, HARD[language]) < MEASURES[language][2]
