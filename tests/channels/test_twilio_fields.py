"""What Twilio's fields mean."""

from __future__ import annotations

import pytest

from bot.channels import Incoming
from bot.channels.twilio_fields import ADDRESS_LIMIT, incoming, receipt
from bot.errors import Malformed, PlatformDown, Refused, Throttled, Unreachable

SID = "SM" + "1" * 32
FIELDS = {"MessageSid": SID, "From": "whatsapp:+573001234567", "Body": "hola", "NumMedia": "0"}


def meaning(**change: str) -> Incoming:
    return incoming({**FIELDS, **change})


def test_what_was_tapped_comes_before_its_title() -> None:
    assert (meaning(ButtonPayload="Q3=yes", ButtonText="Sí", Body="Sí").choice, meaning(ListId="a").kind) == (
        "Q3=yes",
        "choice",
    )
    assert meaning(ButtonPayload="").kind == "text"


def test_the_text_of_a_card_is_a_start_with_its_placement_and_none_of_the_persons_words() -> None:
    start = meaning(Body="VIAJE 7K3M9")
    assert (start.kind, start.text, start.placement, start.language) == ("start", "", "7K3M9", "es")
    beside = meaning(Body="Trip 7k3m9 help please")
    assert (beside.kind, beside.text, beside.placement, beside.language) == ("text", "help please", "7K3M9", "en")
    assert [meaning(Body=said).kind for said in ("7K3M9", "VIAJE 7K3M8")] == ["text", "text"]


@pytest.mark.parametrize(
    "said", ["STOP", " stop ", "StopAll", "UNSUBSCRIBE", "cancel", "END", "quit", "REVOKE", "OptOut"]
)
def test_twilios_words_for_stop_are_obeyed_and_only_alone(said: str) -> None:
    assert meaning(Body=said).kind == "opted_out"
    assert meaning(Body=f"{said} please").kind == "text"


def test_an_opt_out_that_twilio_saw_is_obeyed_whatever_the_words() -> None:
    assert meaning(Body="basta", OptOutType="STOP").kind == "opted_out"
    assert meaning(Body="ayuda", OptOutType="HELP").kind == "text"


@pytest.mark.parametrize(
    "change", [{"Body": ""}, {"Body": "", "MessageType": "contacts"}, {"Body": "", "NumMedia": "1"}]
)
def test_what_is_empty_but_genuine_is_told_as_unsupported(change: dict[str, str]) -> None:
    assert meaning(**change).kind == "unsupported"


def test_every_attachment_is_told_up_to_ten_and_can_be_erased() -> None:
    media = "https://api.twilio.com/2010-04-01/Accounts/AC{0}/Messages/MM{0}/Media/ME{0}".format("2" * 32)
    urls = {f"MediaUrl{place}": media for place in range(12)} | {
        f"MediaContentType{place}": "image/jpeg" for place in range(12)
    }
    message = meaning(NumMedia="12", Body="ven", **urls)
    assert (message.kind, message.text, len(message.media)) == ("media", "ven", 10)
    assert set(message.thread) == {f"MM{'2' * 32}/Media/ME{'2' * 32}", SID}
    assert message.thread[-1] == SID


@pytest.mark.parametrize(
    "change",
    [{"MessageSid": ""}, {"MessageSid": SID + "/../x"}, {"From": ""}, {"From": "x" * (ADDRESS_LIMIT + 1)},
     {"From": "a b"}, {"From": "a\n"}, {"NumMedia": "x"}, {"NumMedia": "-1"}, {"Latitude": "x", "Longitude": "1"},
     {"Latitude": "nan", "Longitude": "1"}, {"Latitude": "91", "Longitude": "1"}, {"ButtonPayload": "x" * 257}],
)  # fmt: skip
def test_fields_that_twilio_does_not_send_are_malformed(change: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        meaning(**change)


@pytest.mark.parametrize(
    "address", ["whatsapp:CO." + "x" * 128, "+573001234567", "whatsapp:US.ABC123XYZ", "x" * ADDRESS_LIMIT]
)
def test_an_address_is_taken_as_it_is(address: str) -> None:
    assert meaning(From=address).address == address


@pytest.mark.parametrize(
    ("status", "code", "final", "error"),
    [("sent", "", False, None), ("delivered", "", True, None), ("read", "", True, None), ("of2031", "", False, None),
     ("undelivered", "30004", True, Unreachable), ("undelivered", "30003", True, PlatformDown),
     ("failed", "21610", True, Unreachable), ("failed", "63018", True, Throttled), ("failed", "30007", True, Refused),
     ("failed", "", True, Refused), ("failed", "x" * 99, True, Refused), ("delivered", "63016", True, None)],
)  # fmt: skip
def test_a_status_is_a_receipt_with_the_error_to_handle(
    status: str, code: str, final: bool, error: type | None
) -> None:
    told = receipt({"MessageSid": SID, "MessageStatus": status, "ErrorCode": code})
    assert (told.platform_id, told.final, told.failed and type(told.failed)) == (SID, final, error)


@pytest.mark.parametrize("fields", [{}, {"MessageSid": SID}, {"MessageSid": "x", "MessageStatus": "sent"}])
def test_a_status_without_its_fields_is_malformed(fields: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        receipt(fields)


def test_an_address_that_is_none_is_read_and_leads_to_no_copy() -> None:
    for address in ("http://[::1", "//[", "//\u2100"):
        found = meaning(NumMedia="1", MediaUrl0=address, MediaContentType0="image/jpeg")
        assert (found.kind, found.thread) == ("media", (SID,))
