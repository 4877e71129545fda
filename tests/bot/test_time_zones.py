import pytest

from bot.time_zones import countries, zone_of


@pytest.mark.parametrize(("country", "zone"), [
    ("CO", "America/Bogota"), ("DO", "America/Santo_Domingo"), ("PA", "America/Panama"), ("AE", "Asia/Dubai"),
    ("DE", "Europe/Berlin"), ("AR", "America/Argentina/Buenos_Aires"),  # several names, one clock
])  # fmt: skip
def test_a_country_with_one_clock_has_a_zone(country: str, zone: str) -> None:
    assert zone_of(country) == zone


@pytest.mark.parametrize("country", ["US", "ES", "BR", "MX", "EC", "XX", "", None])
def test_where_clocks_differ_or_no_country_is_known_nobody_guesses(country: str | None) -> None:
    assert zone_of(country) is None


def test_countries_are_those_of_iso_3166() -> None:
    assert len(countries()) == 249
    assert {"CO", "ES", "HT"} < countries()
    assert not {"XX", "EU", "UK", "es", ""} & countries()
