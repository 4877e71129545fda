from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cards.content import origin, senders
from bot.directory import COLUMNS, FILE, Directory
from bot.errors import SettingsError
from tests.bot.cards import printed
from tests.bot.cards.printed import CODE, SMS, TODAY, WHATSAPP


def test_each_language_has_its_word_and_the_number_it_goes_to() -> None:
    panels = printed.card(printed.LANGUAGES).panels
    words = [panel.word for panel in panels]
    assert words == [f"{word} {CODE}" for word in ("VIAJE", "TRIP", "VIAGEM", "VOYAGE", "VWAYAJ")]
    assert all(panel.word in panel.way and SMS in panel.way for panel in panels)


def test_of_two_senders_it_says_which_is_for_what() -> None:
    both, whatsapp = printed.settings(), f"whatsapp:{WHATSAPP}"
    assert senders(both) == f"{SMS} (WhatsApp: {WHATSAPP})"
    assert senders(printed.settings(whatsapp_sender="")) == SMS
    assert senders(printed.settings(sms_sender="")) == f"{WHATSAPP} (WhatsApp)"
    assert senders(printed.settings(sms_sender=WHATSAPP, whatsapp_sender=whatsapp)) == f"{WHATSAPP} (WhatsApp)"


def test_without_a_sender_a_card_asks_for_no_message() -> None:
    panel = printed.card(("es",), sms_sender="", whatsapp_sender="").panels[0]
    assert (panel.word, panel.exit) == ("", "")
    assert "VIAJE" not in panel.way
    assert panel.way == "Apunte la cámara a este código."


def test_a_sample_shows_where_the_number_would_stand_and_invents_none() -> None:
    panel = printed.card(("es",), practice=True, sms_sender="", whatsapp_sender="").panels[0]
    assert f"VIAJE {CODE}" in panel.way
    assert panel.way.endswith("al +….")
    assert panel.sample == "MUESTRA, no es válida"
    assert printed.card(("es",)).panels[0].sample == ""


def test_emergency_numbers_are_those_of_the_destination_and_of_home() -> None:
    numbers = {
        code: printed.card(("es",), code).panels[0].emergency.replace("\u00a0", " ") for code in ("ES", "PA", "CO", "")
    }
    assert numbers == {
        "ES": "Números útiles: España 112, Colombia 123",
        "PA": "Números útiles: Panamá 104 / 911, Colombia 123",
        "CO": "Números útiles: Colombia 123",
        "": "Números útiles: Colombia 123",
    }


def checked(folder: Path, **ages: int) -> Directory:
    """The shipped numbers; those of these countries were called so many days ago, the others never."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    path = folder / "hotlines.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for row in rows:
            age = ages.get(row["country_iso2"])
            writer.writerow(row | {"verified_on": "" if age is None else str(TODAY - timedelta(days=age))})
    return Directory.load(path, today=TODAY, max_age_days=90)


def test_a_number_that_the_directory_does_not_show_today_is_not_printed(tmp_path: Path) -> None:
    def printed_numbers(**ages: int) -> str:
        return printed.card(("en",), directory=checked(tmp_path, **ages)).panels[0].emergency.replace("\u00a0", " ")

    assert printed_numbers(ES=3, CO=3) == "Useful numbers: Spain 112, Colombia 123"
    assert printed_numbers(ES=91, CO=3) == "Useful numbers: Colombia 123"
    assert printed_numbers(ES=3) == "Useful numbers: Spain 112"
    assert printed_numbers() == ""


def test_the_code_leads_to_the_placement_at_the_public_address() -> None:
    card = printed.card()
    assert card.address == f"viaje.example.org/c/{CODE}"
    assert card.languages == ("es", "en")


def test_without_a_public_address_only_samples_are_made() -> None:
    with pytest.raises(SettingsError, match="FARO_PUBLIC_URL is missing"):
        printed.card(public_url="")
    assert origin(printed.settings(practice=True, public_url="")) == "http://127.0.0.1:8000"


def test_an_address_too_long_for_a_small_card_is_told_by_the_name_of_its_setting() -> None:
    with pytest.raises(SettingsError, match="FARO_PUBLIC_URL is too long"):
        printed.card(public_url="https://" + "v" * 80 + ".org")


def test_french_signs_stay_with_their_word() -> None:
    panel = printed.card(("fr",)).panels[0]
    assert "\u00a0?" in panel.line2
    assert " ?" not in panel.line2
    assert "\u00a0:" in panel.emergency
