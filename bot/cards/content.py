"""What stands on the cards of one placement: reviewed texts, the code, and numbers that may be shown today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from babel import Locale, localedata

from bot.cards import qr
from bot.directory import Directory
from bot.errors import SettingsError
from bot.numbers import HOME
from bot.pages.words import PageWords
from bot.placements import Placement
from bot.settings import Settings

NUMBERS_OF_A_COUNTRY = 2  # no more fit, and no more are needed by whoever reads in a hurry
NO_NUMBER = "+…"
_FRENCH_SIGNS = "?!:;»"


@dataclass(frozen=True, slots=True)
class Panel:
    """What one language says. `word` is what a person sends, and stands in `way`. A line may be empty; `sample`, the
    mark of practice, is so on every real card."""

    language: str
    line1: str
    line2: str
    way: str
    word: str
    emergency: str
    exit: str
    free: str
    sample: str


@dataclass(frozen=True, slots=True)
class Card:
    """All that every card of a placement says. `address`: as people read it, without its scheme."""

    code: str
    address: str
    qr: qr.Code
    panels: tuple[Panel, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(panel.language for panel in self.panels)


@dataclass(frozen=True, slots=True)
class Source:
    """Where the texts and numbers of all cards come from."""

    settings: Settings
    words: PageWords
    directory: Directory

    def card(self, placement: Placement, languages: tuple[str, ...]) -> Card:
        """`languages`: offered ones. Raises `SettingsError` without a public address, or when it is too long."""
        address = f"{origin(self.settings)}/c/{placement.code}"
        try:
            code = qr.make(address)
        except qr.AddressTooLong:
            raise SettingsError("FARO_PUBLIC_URL is too long for a code that can be read on a small card.") from None
        panels = tuple(self._panel(placement, language) for language in languages)
        return Card(placement.code, address.partition("://")[2], code, panels)

    def _panel(self, placement: Placement, language: str) -> Panel:
        word = f"{self.words('card.word', language)} {placement.code}"
        number = senders(self.settings)
        ways = [self.words("card.scan", language)]
        if number:
            ways.append(self.words("card.or_write", language, word=word, number=number))
        numbers = ", ".join(self._numbers(placement.destination, language))
        return Panel(
            language=language,
            line1=self.words("card.line1", language),
            line2=_kept_together(self.words("card.line2", language), language),
            way=" ".join(ways) + ".",
            word=word if number else "",
            emergency=_kept_together(
                self.words("card.emergency", language, numbers=numbers) if numbers else "", language
            ),
            exit=self.words("card.exit_hint", language).replace(" 0", "\u00a00") if number else "",
            free=self.words("card.free", language),
            sample=self.words("card.sample", language) if self.settings.practice else "",
        )

    def _numbers(self, destination: str, language: str) -> Iterator[str]:
        """The country by name and its emergency numbers, which would tell too much by theirs."""
        for country in dict.fromkeys((destination, HOME)):
            lines = self.directory.lines(country) if country else []
            found = [line.number for line in lines if line.role == "emergency" and line.kind == "phone"]
            if found:
                # A no-break space: the number stays with its country.
                yield f"{_country(country, language)}\u00a0{' / '.join(found[:NUMBERS_OF_A_COUNTRY])}"


def origin(settings: Settings) -> str:
    """What the address of a code begins with. Raises `SettingsError` where only a real one will do."""
    if settings.public_url:
        return settings.public_url
    if not settings.practice:
        raise SettingsError("FARO_PUBLIC_URL is missing: a card bears the address that its code leads to.")
    return f"http://{settings.host}:{settings.port}"


def senders(settings: Settings) -> str:
    """The number that the word is sent to; of two, which is for what. Empty when neither channel is on.

    A sample says at least where it would stand.
    """
    sms, whatsapp = settings.sms_sender, settings.whatsapp_sender.removeprefix("whatsapp:")
    if not whatsapp:
        return sms or (NO_NUMBER if settings.practice else "")
    return f"{sms} (WhatsApp: {whatsapp})" if sms and sms != whatsapp else f"{whatsapp} (WhatsApp)"


def _country(code: str, language: str) -> str:
    names = Locale.parse(language).territories if localedata.exists(language) else {}
    return str(names.get(code, code))


def _kept_together(text: str, language: str) -> str:
    """French sets a space before some signs, at which no line may break."""
    for sign in _FRENCH_SIGNS if language == "fr" else "":
        text = text.replace(f" {sign}", f"\u00a0{sign}")
    return text
