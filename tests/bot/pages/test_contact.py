"""Links to the letter: what a telephone opens is decided by single characters."""

from __future__ import annotations

import pytest

from bot.pages import contact


def test_whatsapp_takes_digits_alone_and_a_space_as_percent_20() -> None:
    assert contact.whatsapp("whatsapp:+57 300-123", "VIAJE 7K3M9") == "https://wa.me/57300123?text=VIAJE%207K3M9"
    assert contact.whatsapp("+57300123") == "https://wa.me/57300123"


def test_telegram_gets_the_code_as_the_start_parameter() -> None:
    assert contact.telegram("viaje_bot", "7K3M9") == "https://t.me/viaje_bot?start=7K3M9"
    assert contact.telegram("viaje_bot") == "https://t.me/viaje_bot"


def test_a_message_is_written_in_the_form_that_both_kinds_of_telephone_read() -> None:
    assert contact.sms("+57 300 123", "VIAJE 7K3M9") == "sms:+57300123?&body=VIAJE%207K3M9"
    assert contact.sms("233733") == "sms:233733"


@pytest.mark.parametrize(
    ("written", "link"),
    [("+57 601 382 6999", "tel:+576013826999"), ("*4242", "tel:*4242"), ("#123", "tel:%23123"),
     ("809-200-1202", "tel:8092001202"), ("123", "tel:123")],
)  # fmt: skip
def test_a_number_is_called_as_it_is_dialled(written: str, link: str) -> None:
    assert contact.call(written) == link


@pytest.mark.parametrize(
    ("kind", "number", "link"),
    [("phone", "123", "tel:123"), ("sms", "233733", "sms:233733"), ("email", "a@b.co", "mailto:a@b.co"),
     ("whatsapp", "+55 61 99656-5008", "https://wa.me/5561996565008"), ("web", "www.a.org", None),
     ("app", "An App", None)],
)  # fmt: skip
def test_each_kind_of_line_is_reached_in_its_way_and_a_foreign_page_only_read(
    kind: str, number: str, link: str | None
) -> None:
    assert contact.link(kind, number) == link
