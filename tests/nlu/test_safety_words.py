"""Safety words as the worker compares them: what is danger now, what only sounds like it, and what ends a talk."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bot.languages import DATA
from bot.safety import Safety, Sign
from bot.texts import Texts
from tests.nlu.test_examples import LANGUAGES, held_out, read, training

EXITS = ("SALIR", "EXIT", "SAIR", "SORTIR", "SOTI", "0", "X", "99", "BORRAR")
WITHDRAWS = {"es": "RETIRAR", "en": "WITHDRAW", "pt": "RETIRAR", "fr": "RETIRER", "ht": "RETIRE"}
CARRIERS = (
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "START",
    "UNSTOP",
    "HELP",
    "INFO",
)
WHOLE, WITHIN = ("exit", "withdraw", "pause", "watched"), ("danger", "self_harm", "danger_perhaps", "distress")
URGENT = {Sign.DANGER, Sign.SELF_HARM}
EVERY = 6  # of thousands of examples, as many are looked at as of the held-out sentences
CRIES = {"danger_now", "self_harm"}
NOT_NOW = {
    "es": """me pegaron hace un año|mi jefe me pegaba|me violaron cuando era niña|estuve encerrada tres meses
    me iban a matar|me tenían encerrada el año pasado|me amenazaron antes de viajar|tenía una pistola
    no estoy en peligro|ya no estoy en peligro|me quitaron el pasaporte|no me pagan|no me dejan salir
    me tienen retenido el sueldo|necesito ayuda|quiero salir adelante|me muero de la risa|me mata este calor
    me está matando el dolor de cabeza|este calor me está matando|me mató ese chiste|me muero de hambre
    quiero morirme de la pena|me voy a matar estudiando|vienen por mí al aeropuerto|vos sos un robot?
    tengo miedo|cuánto cuesta|me van a operar de las amígdalas|sáqueme de este chat|mi esposo me espera
    estoy esperando el vuelo""",
    "en": """he used to beat me|he was hitting me all the time|they locked me in for two months|he had a gun back then
    they were going to kill me and i escaped|they wanted to kill me last year
    he threatened to kill me if i talked|they threatened me before|i am not in danger|we were in danger
    i was kidnapped as a child|they beat us if we did not work|they keep my passport|they don't pay me
    they don't let me leave|can i get help without papers|i need help|this heat is killing me
    you're killing me lol|my feet are killing me|i'm dying of laughter|dying to see you|im dying lol
    i'm tied up at work|i want to die of shame|i would kill for a coffee|get me out of this chat|i'm afraid
    how much is it""",
    "pt": """me bateram no ano passado|meu patrão me batia|me estupraram quando eu era criança|fiquei presa três meses
    iam me matar e eu fugi|me ameaçaram antes de viajar|ele tinha uma arma naquela época|não estou em perigo
    tiraram meu passaporte|não me pagam|não me deixam sair|retêm meu salário|preciso de ajuda|tenho medo
    morro de rir|esse calor me mata|a dor de cabeça está me matando|estou morrendo de fome lol|quanto custa
    meu marido me espera em casa|vou me matar de estudar|estou esperando o voo|quero morrer de vergonha
    mataria por um café|me tira desse grupo|fugi de lá há dois anos|batiam em quem não trabalhava
    disseram que a polícia ia me prender|a embaixada pode me ajudar?|tô morta de cansaço""",
    "fr": """on m'a frappée l'année dernière|mon patron me frappait|j'ai été violée quand j'étais petite
    je suis restée enfermée trois mois|ils voulaient me tuer et je me suis enfui|on m'a menacé avant le départ
    il avait une arme à l'époque|je ne suis pas en danger|ils ont pris mon passeport|on ne me paie pas
    on ne me laisse pas sortir|ils gardent mon salaire|j'ai besoin d'aide|j'ai peur|je suis mort de rire
    cette chaleur me tue|mon mal de tête me tue|je meurs de faim mdr|combien ça coûte|mon mari m'attend
    je me tue au travail|j'attends mon vol|je meurs de honte|je tuerais pour un café|enlevez-moi de ce groupe
    je me suis sauvée il y a deux ans|ils battaient ceux qui ne travaillaient pas|le consulat peut m'aider ?
    je suis mort de fatigue|ce bus va me rendre fou""",
    "ht": """yo te bat mwen ane pase|patwon m te konn bat mwen|yo te vyole m lè m te piti|yo te fèmen m twa mwa
    yo te vle touye m mwen te sove|yo te menase m anvan vwayaj la|li te gen yon zam lè sa a|m pa an danje
    yo pran paspò m|yo pa peye m|yo pa kite m soti|yo kenbe lajan m|m bezwen èd|m pè|m mouri ri
    chalè sa a ap touye m|tèt fè mal sa a ap touye m|konbyen sa koute|mari m ap tann mwen|m ap tann vòl la
    m mouri grangou lol|m ta touye pou yon kafe|retire m nan gwoup sa a|m te sove gen dezan
    yo te konn bat moun ki pa travay|konsila a ka ede m ?|travay la ap touye m|m wont anpil|m mouri dòmi""",
}


@pytest.fixture(scope="module")
def safety() -> Safety:
    return Safety.of(Texts.load().safety)


def lines(text: str) -> list[str]:
    return [line.strip() for line in re.split(r"[|\n]", text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_all_lists_and_its_patterns_are_written_in_normal_form(language: str) -> None:
    words = read(DATA / language / "safety.yml")
    assert set(words) == {*WHOLE, *WITHIN, "resume_word", "language", "greetings"}
    patterns = [pattern for name in WITHIN for pattern in words[name]]
    assert len(patterns) > 150
    for pattern in patterns:
        re.compile(pattern)
        letters = re.sub(r"\\.|\{[\d,]+\}|\(\?[:<!=]+", "", pattern)  # what is left is words and brackets
        assert letters.isascii(), pattern
        assert letters == letters.lower(), pattern
        assert not set("'’,;:¿¡") & set(letters), pattern


@pytest.mark.parametrize("word", EXITS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_exit_word_is_in_every_language(language: str, word: str, safety: Safety) -> None:
    assert word in read(DATA / language / "safety.yml")["exit"]
    for written in (word, word.lower(), word.title(), f" {word}. ", f"¡{word}!"):
        assert safety.look(written) is Sign.EXIT


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_word_withdraws_in_every_language(language: str, safety: Safety) -> None:
    word = WITHDRAWS[language]
    assert word in read(DATA / language / "safety.yml")["withdraw"]
    assert {safety.look(written) for written in (word, word.lower(), f" {word}. ", f"¡{word}!")} == {Sign.WITHDRAW}
    assert len(WITHDRAWS) == len(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_list_waits_for_a_word_by_which_a_carrier_silences_the_number(language: str) -> None:
    words = read(DATA / language / "safety.yml")
    listed = {str(word).upper() for name in WHOLE for word in [*words[name], words["resume_word"]]}
    assert listed & set(CARRIERS) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lists_of_whole_messages_do_not_contradict_each_other_or_an_answer(language: str, safety: Safety) -> None:
    words = read(DATA / language / "safety.yml")
    assert [said for said in words["watched"] if safety.look(said) is not Sign.WATCHED] == []
    assert [said for said in words["pause"] if safety.look(said) is not Sign.PAUSE] == []
    answers = {
        said
        for name, question in read(DATA / language / "say.yml")["questions"].items()
        if name not in {"safe", "N1"}
        for said in [
            *question.get("options", {}).values(),
            *(w for ws in question.get("words", {}).values() for w in ws),
        ]
    }
    stopping = {Sign.EXIT, Sign.WITHDRAW, Sign.WATCHED, *URGENT}
    assert {said: sign for said in answers if (sign := safety.look(said)) in stopping} == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("intent", ["danger_now", "self_harm"])
def test_the_lists_alone_hear_most_cries_and_nearly_all_that_they_were_written_for(
    language: str, intent: str, safety: Safety
) -> None:
    """The model hears the others (test_held_out.py); without an engine the lists are all there is."""
    known, strange = training(language)[intent], held_out(language)[intent]
    heard = {*URGENT, Sign.PERHAPS}
    assert sum(safety.look(said) in heard for said in known) >= 0.8 * len(known)
    assert sum(safety.look(said) in heard for said in strange) >= 0.55 * len(strange)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_past_and_figures_of_speech_are_not_danger(language: str, safety: Safety) -> None:
    said = lines(NOT_NOW[language])
    assert len(said) >= 28
    assert {line: sign for line in said if (sign := safety.look(line)) in URGENT} == {}
    assert sum(safety.look(line) is Sign.PERHAPS for line in said) <= 5  # these bring a question, no alarm


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("source", [training, held_out])
def test_next_to_nothing_of_another_intent_rings_the_alarm(
    language: str, source: Callable[[str], dict[str, list[str]]], safety: Safety
) -> None:
    said = [line for intent, listed in source(language).items() if intent not in CRIES for line in listed]
    signs = {line: safety.look(line) for line in said[:: EVERY if source is training else 1]}
    alarms = {line for line, sign in signs.items() if sign in URGENT}
    asked = {line for line, sign in signs.items() if sign is Sign.PERHAPS}
    assert len(signs) > 950
    assert len(alarms) <= len(signs) / (200 if source is training else 100), alarms
    assert len(asked) <= len(signs) * 0.03, asked
