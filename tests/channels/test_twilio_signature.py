"""Signatures of Twilio's webhooks, held against Twilio's own library."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from bot.channels import Delivery
from bot.channels.twilio_signature import BODY_LIMIT, RETRIES, genuine
from bot.channels.whatsapp import WhatsApp
from bot.errors import Forged
from tests.channels.platforms.phone import Collect
from tests.channels.platforms.twilio import TwilioPhone, TwilioPlatform
from tests.channels.rigs import heard

FORM = "application/x-www-form-urlencoded"


def test_the_example_of_twilios_documentation_is_accepted() -> None:
    body = b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
    headers = {"content-type": FORM, "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    delivery = Delivery("/myapp.php", "/myapp.php?foo=1&bar=2", headers, body)
    assert genuine(delivery, "12345", "https://mycompany.com")["Digits"] == "1234"


@given(st.lists(st.tuples(st.text(), st.text()), max_size=8), st.sampled_from(["HMAC_SHA1", "HMAC_SHA256"]))
def test_what_twilios_library_signs_is_accepted_and_nothing_else(pairs: list[tuple[str, str]], algorithm: str) -> None:
    fields = dict(pairs)
    signature = RequestValidator("token").compute_signature("https://x.example/hook?a=1", fields, algorithm)
    headers = {"content-type": FORM, "x-twilio-signature": signature,
               "x-twilio-webhooks-signature-settings": f"key=k,algorithm={algorithm}"}  # fmt: skip
    delivery = Delivery("/hook", "/hook?a=1", headers, urlencode(fields).encode())
    assert genuine(delivery, "token", "https://x.example") == fields
    for token, origin in (("tokem", "https://x.example"), ("token", "https://y.example"), ("", "https://x.example")):
        with pytest.raises(Forged):
            genuine(delivery, token, origin)


def test_a_body_that_is_no_form_of_theirs_is_forged() -> None:
    too_many = b"&".join(b"a%d=1" % n for n in range(300))
    for body in (b"Body=%ff", "Body=ñ".encode(), b"a" * (BODY_LIMIT + 1), too_many):
        signature = RequestValidator("t").compute_signature("https://x.example/", {"Body": body.decode("latin-1")[5:]})
        with pytest.raises(Forged):
            genuine(
                Delivery("/", "/", {"content-type": FORM, "x-twilio-signature": signature}, body),
                "t",
                "https://x.example",
            )


@pytest.mark.parametrize("fragment", ["", RETRIES])
@pytest.mark.parametrize("shared_key", [False, True])
@pytest.mark.parametrize("port", ["", ":443"])
async def test_port_and_fragment_may_be_signed_or_not(
    whatsapp: WhatsApp, twilio: TwilioPlatform, phone: TwilioPhone, gate: Collect,
    fragment: str, shared_key: bool, port: str,
) -> None:  # fmt: skip
    twilio.fragment, twilio.shared_key = fragment, shared_key
    twilio.public_url += port
    await phone.say("hola")
    assert heard(whatsapp, gate).text == "hola"
