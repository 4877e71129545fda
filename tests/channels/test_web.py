"""The page as a channel: the kit, and what is the page's own."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from bot.channels import Media, Outgoing
from bot.channels.web import SIGNS, Web, leaves, word_of
from bot.errors import Malformed, MaybeSent, MediaRefused, Throttled, Unreachable
from bot.safety import Safety, Sign
from bot.safety import shipped as safety
from bot.texts import shipped as texts
from storage.mailbox import MOST_UNSEEN
from tests.channels.kit import WORDS, ChannelKit, Rig
from tests.channels.platforms.server import Failure
from tests.channels.platforms.web import MailboxPhone, WebPlatform
from tests.channels.rigs import web_rig

ID = "0b6f1f0e-0000-4000-8000-000000000001"


class TestWeb(ChannelKit):
    @pytest.fixture
    async def rig(self, web: Web, postgres: WebPlatform, page: MailboxPhone) -> Rig:
        return web_rig(web, postgres, page)


def body(**said: object) -> bytes:
    return orjson.dumps({"id": ID} | said)


# What comes in.


def test_a_start_brings_placement_and_language(web: Web, page: MailboxPhone) -> None:
    (heard,) = web.read(page.delivery(body(start=True, placement="7K3M9", language="ht"))).messages
    assert (heard.kind, heard.placement, heard.language, heard.thread) == ("start", "7K3M9", "ht", (ID,))


def test_a_placement_or_language_that_is_none_turns_nobody_away(web: Web, page: MailboxPhone) -> None:
    for wrong in (7, None, ["es"], "x" * 200, "../..", "<b>"):
        (heard,) = web.read(page.delivery(body(text="hola", placement=wrong, language=wrong))).messages
        assert (heard.text, heard.placement, heard.language) == ("hola", "", "")


def test_a_message_id_is_bound_to_its_page(web: Web, page: MailboxPhone, keys: object) -> None:
    other = replace(
        page.delivery(body(text="hola")), headers=page.headers | {"authorization": "Bearer " + web.new_handle()}
    )
    (mine,), (theirs,) = web.read(page.delivery(body(text="hola"))).messages, web.read(other).messages
    assert mine.message_id != theirs.message_id


def test_what_is_no_message_is_malformed_and_not_quoted(web: Web, page: MailboxPhone) -> None:
    wrong = [
        {"text": WORDS}, {"id": "", "text": WORDS}, {"id": "../" + ID, "text": WORDS}, {"id": 7, "text": WORDS},
        {"id": ID}, {"id": ID, "text": ""}, {"id": ID, "text": [WORDS]}, {"id": ID, "choice": "x" * 65},
        {"id": ID, "choice": ""}, {"id": ID, "location": WORDS}, {"id": ID, "location": "1,2,3"},
        {"id": ID, "file": "eA==", "media_type": WORDS}, {"id": ID, "file": "eA=="}, {"id": ID, "start": WORDS},
        {"id": ID, "file": "eA==", "media_type": "image/jpeg", "text": 7}, {"id": ID, "sign": WORDS},
        {"id": ID, "sign": ["exit"]},
    ]  # fmt: skip
    for value in wrong:
        with pytest.raises(Malformed) as caught:
            web.read(page.delivery(orjson.dumps(value)))
        assert "Zarzamora" not in str(caught.value)


# The page's own buttons.


@pytest.mark.parametrize(("sign", "meant"), [("watched", Sign.WATCHED), ("resume", Sign.RESUME), ("exit", Sign.EXIT)])
def test_a_button_means_the_same_in_every_language_and_in_one_that_is_not_known(sign: str, meant: Sign) -> None:
    known: Safety = safety()
    languages = [*texts().safety, "", "de"]
    assert len(languages) >= 7
    assert {known.look(word_of(sign, language)) for language in languages} == {meant}
    assert set(SIGNS) == {"watched", "resume", "exit"}


def test_only_the_pages_exit_leaves_at_once() -> None:
    assert leaves(body(sign="exit"))
    for said in (body(text="exit"), body(text='"exit"'), body(sign="watched", text="exit"), b"{}"):
        assert not leaves(said)


# What goes out.


async def test_a_message_waits_with_all_that_the_page_needs(web: Web, page: MailboxPhone) -> None:
    (piece,) = web.compose(Outgoing(WORDS, (), "utter_ask_Q3", "es"))
    await web.send(page.address, piece)
    await page.look()
    assert page.events == [{"text": WORDS, "buttons": [], "key": "utter_ask_Q3", "language": "es"}]


@pytest.mark.parametrize("failure", ["lost", "cut"])
async def test_a_reply_of_which_nobody_knows_whether_it_came_comes_once(
    web: Web, postgres: WebPlatform, page: MailboxPhone, failure: Failure
) -> None:
    postgres.fail(failure, "")
    with pytest.raises(MaybeSent):
        await web.send(page.address, Outgoing(WORDS, number=7))
    for number in (7, 7, 8):
        await web.send(page.address, Outgoing(WORDS, number=number))
        await page.look()
    assert [event["text"] for event in page.events] == [WORDS] * 2


async def test_an_erased_page_keeps_nothing_and_can_be_written_to(web: Web, page: MailboxPhone) -> None:
    await web.send(page.address, Outgoing(WORDS))
    await web.erase(page.address, ("a",))
    await web.send(page.address, Outgoing("adiós"))
    await page.look()
    assert [event.get("text") for event in page.events] == [None, "adiós"]
    assert page.screen == ["adiós"]


async def test_a_closed_page_is_unreachable_and_erasing_it_says_no_more(web: Web, page: MailboxPhone) -> None:
    await web.shut(page.box)
    await web.erase(page.address, ("a",))
    with pytest.raises(Unreachable):
        await web.send(page.address, Outgoing(WORDS))
    await page.look()
    assert page.events == [{"erase": True, "closed": True}]


async def test_a_page_that_sees_nothing_is_not_written_to_without_end(web: Web, page: MailboxPhone) -> None:
    for number in range(MOST_UNSEEN):
        await web.send(page.address, Outgoing(str(number)))
    with pytest.raises(Throttled):
        await web.send(page.address, Outgoing("de más"))
    await page.look()
    await web.send(page.address, Outgoing("otra vez"))


async def test_a_file_comes_with_its_message_alone(web: Web) -> None:
    for where in ("", "eA==", "inline:no base64!", "inline:é"):
        with pytest.raises(MediaRefused):
            await web.fetch(Media(where, "image/jpeg"))


async def test_the_check_says_where_the_page_is(web: Web) -> None:
    assert [(finding.ok, finding.what) for finding in await web.check()] == [(True, "web: on, under /chat")]
