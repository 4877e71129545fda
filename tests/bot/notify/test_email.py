"""The notice by e-mail, sent to a real server on loopback: what is in it, what is not, and what each refusal means."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SettingsError
from bot.notify import Notice, NotifyLater, NotifyRefused
from bot.notify.email import SmtpSettings, notify
from storage.roster import Unit
from tests.bot.drafts import EXPLOITED
from tests.bot.notify.smtp_server import MailServer, certificate, serving

NOTICE = Notice(EXPLOITED.report_id, "P1", 135)
UNIT = Unit("Coordination", "CO", "officer@unit.example", "coordination", False)
SEALED = bytes(range(256)) * 300


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


def settings(server: MailServer, pem: Path, **changes: Any) -> SmtpSettings:
    plain = SmtpSettings(
        "127.0.0.1", server.port, server.security, "faro@host.example", timeout=5.0, ca_file=str(pem)  # type: ignore[arg-type]
    )  # fmt: skip
    return dataclasses.replace(plain, **changes)


def read(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
async def test_a_notice_arrives_under_each_kind_of_protection(security: str, pem: Path) -> None:
    async with serving(MailServer(security), pem) as server:
        await notify(settings(server, pem), UNIT, NOTICE, SEALED)
    ((sender, recipient, data),) = server.mails
    assert (sender, recipient, server.faults) == ("faro@host.example", "officer@unit.example", [])
    text = read(data).get_content()
    assert f"File: {NOTICE.report_id}" in text
    assert "Class: P1" in text
    assert {"From", "To", "Date", "Message-ID", "Auto-Submitted"} <= set(read(data).keys())
    assert "Waiting for: 2 h 15 min" in text


async def test_no_word_of_the_person_and_none_that_reveals_the_purpose_is_in_the_mail(pem: Path) -> None:
    async with serving(MailServer("tls"), pem) as server:
        await notify(settings(server, pem), UNIT, NOTICE, None)
    mail = read(server.mails[0][2])
    told = f"{mail['Subject']} {mail.get_content()}".lower()
    said = [*(said.text for said in EXPLOITED.story), *(w for a in EXPLOITED.answers.values() for w in a.words)]
    private = set(re.findall(r"\w{3,}", " ".join([*said, EXPLOITED.address, EXPLOITED.placement]).lower()))
    assert len(private) == 18
    assert private & set(re.findall(r"\w+", told)) == set()
    for revealing in (
        "traffick",
        "trata",
        "victim",
        "urgent",
        "telegram",
        "exploit",
        "minor",
        "coat",
        "spain",
        "report",
    ):
        assert revealing not in told


async def test_the_sealed_file_goes_along_byte_for_byte_only_where_it_is_wanted(pem: Path) -> None:
    async with serving(MailServer("tls"), pem) as server:
        await notify(settings(server, pem), UNIT, NOTICE, SEALED)
        await notify(settings(server, pem), dataclasses.replace(UNIT, wants_file=True), NOTICE, SEALED)
        await notify(settings(server, pem), dataclasses.replace(UNIT, wants_file=True), NOTICE, None)
    attached = [list(read(data).iter_attachments()) for _, _, data in server.mails]
    assert [len(files) for files in attached] == [0, 1, 0]
    assert attached[1][0].get_filename() == f"{NOTICE.report_id}.age"
    assert attached[1][0].get_content() == SEALED


async def test_user_and_password_are_given_only_under_tls(pem: Path) -> None:
    async with serving(MailServer("starttls", password="a:b@c"), pem) as server:
        await notify(settings(server, pem, username="faro", password="a:b@c"), UNIT, NOTICE, None)
        assert len(server.mails) == 1
        with pytest.raises(NotifyRefused, match="535"):
            await notify(settings(server, pem, username="faro", password="wrong"), UNIT, NOTICE, None)
        with pytest.raises(NotifyRefused, match="530"):
            await notify(settings(server, pem), UNIT, NOTICE, None)


@pytest.mark.parametrize(
    ("command", "reply", "error"),
    [
        ("MAIL", "451 later", NotifyLater),
        ("RCPT", "450 box busy officer@unit.example", NotifyLater),
        ("RCPT", "550 no such box officer@unit.example", NotifyRefused),
        ("DATA", "421 shutting down", NotifyLater),
        ("BODY", "552 too big", NotifyRefused),
        ("BODY", "452 disk full", NotifyLater),
    ],
)
async def test_what_the_server_answers_decides_whether_to_try_again(
    command: str, reply: str, error: type[NotifyLater | NotifyRefused], pem: Path
) -> None:
    async with serving(MailServer("tls", refuse={command: reply}), pem) as server:
        with pytest.raises(error) as refused:
            await notify(settings(server, pem), UNIT, NOTICE, None)
    assert refused.value.detail == reply[:3]
    assert refused.value.retry is (error is NotifyLater)
    assert "officer@" not in f"{refused.value!r} {refused.value.__cause__!r}"


async def test_a_server_that_is_not_there_is_asked_again_later(pem: Path) -> None:
    async with serving(MailServer("tls"), pem) as server:
        pass
    with pytest.raises(NotifyLater, match="connection"):
        await notify(settings(server, pem), UNIT, NOTICE, None)


async def test_a_server_that_cannot_prove_who_it_is_gets_nothing(pem: Path) -> None:
    async with serving(MailServer("starttls"), pem) as server:
        with pytest.raises(NotifyRefused, match="certificate"):
            await notify(settings(server, pem, ca_file=None), UNIT, NOTICE, SEALED)
    assert server.mails == []


async def test_a_server_without_starttls_gets_nothing(pem: Path) -> None:
    async with serving(MailServer("starttls", offers_starttls=False), pem) as server:
        with pytest.raises(NotifyRefused, match="no_tls_or_login"):
            await notify(settings(server, pem), UNIT, NOTICE, SEALED)
    assert server.mails == []


async def test_nothing_goes_bare_over_a_network(pem: Path) -> None:
    with pytest.raises(NotifyRefused, match="no_tls"):
        await notify(SmtpSettings("mail.example", 25, "none", "faro@host.example"), UNIT, NOTICE, None)


async def test_a_unit_without_an_address_is_an_operators_matter(pem: Path) -> None:
    async with serving(MailServer("tls"), pem) as server:
        with pytest.raises(NotifyRefused, match="no_address"):
            await notify(settings(server, pem), dataclasses.replace(UNIT, email=None), NOTICE, None)
    assert server.mails == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://faro:a%3Ab%40c@mail.example", ("mail.example", 587, "starttls", "faro", "a:b@c")),
        ("smtp://mail.example:2525", ("mail.example", 2525, "starttls", "", "")),
        ("smtps://faro:x@mail.example", ("mail.example", 465, "tls", "faro", "x")),
        ("smtp://localhost", ("localhost", 25, "none", "", "")),
    ],
)
def test_settings_are_read_from_one_address(url: str, expected: tuple[object, ...]) -> None:
    smtp = SmtpSettings.of(url, "faro@host.example")
    assert (smtp.host, smtp.port, smtp.security, smtp.username, smtp.password) == expected


@pytest.mark.parametrize(
    "url", ["", "mail.example", "http://u:geheim@mail.example", "smtp://u:geheim@h:port", "smtp://"]
)
def test_a_wrong_address_is_one_line_without_the_password(url: str) -> None:
    with pytest.raises(SettingsError, match="FARO_SMTP_URL") as refused:
        SmtpSettings.of(url, "faro@host.example")
    assert "geheim" not in f"{refused.value} {refused.value.__cause__!r}"


def test_the_password_is_in_no_representation() -> None:
    assert "geheim" not in repr(SmtpSettings.of("smtps://u:geheim@mail.example", "faro@host.example"))
    with pytest.raises(SettingsError, match="FARO_MAIL_FROM"):
        SmtpSettings.of("smtps://u:geheim@mail.example", "faro")
