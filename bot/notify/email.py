"""Tells a unit by e-mail that something waits, in bland words; the sealed file goes along where the unit wants it."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit

from bot.errors import SettingsError
from bot.notify import Notice, NotifyLater, NotifyRefused

SUBJECT = "A new file is waiting"
TEXT = """A file is waiting for you.

File: {report_id}
Class: {letter}
Waiting for: {waiting}

Please open it with your own key. Do not reply to this message.
"""
TIMEOUT = 20.0  # seconds for each step with the mail server
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Addressed(Protocol):
    """What of a unit this way needs (`storage.roster.Unit`)."""

    @property
    def email(self) -> str | None: ...

    @property
    def wants_file(self) -> bool: ...


@dataclass(frozen=True, slots=True, repr=False)
class SmtpSettings:
    """`security`: tls from the first byte, starttls, or none (loopback only). `ca_file`: a private authority."""

    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    sender: str
    username: str = ""
    password: str = ""
    timeout: float = TIMEOUT
    ca_file: str | None = None

    @classmethod
    def of(cls, url: str, sender: str) -> SmtpSettings:
        """From smtp://user:password@host:587 (STARTTLS) or smtps://…:465. Raises `SettingsError` without the value."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise SettingsError("FARO_SMTP_URL is no address such as smtp://user:password@host:587.") from None
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/"):
            raise SettingsError("FARO_SMTP_URL is no address such as smtp://user:password@host:587.")
        if "@" not in sender:
            raise SettingsError("FARO_MAIL_FROM is no e-mail address.")
        safe: Literal["tls", "starttls"] = "tls" if parts.scheme == "smtps" else "starttls"
        bare = parts.hostname in LOOPBACK and parts.scheme == "smtp"  # a relay on this machine; nothing leaves it bare
        return cls(parts.hostname, port or (465 if safe == "tls" else 25 if bare else 587), "none" if bare else safe,
                   sender, unquote(parts.username or ""), unquote(parts.password or ""))  # fmt: skip


async def notify(smtp: SmtpSettings, unit: Addressed, waiting: Notice, sealed: bytes | None) -> None:
    """Tells the unit once. `sealed`: the age file, attached if the unit wants it.

    Raises `NotifyLater` (try again) or `NotifyRefused` (an operator must look).
    """
    if not unit.email:
        raise NotifyRefused("no_address")
    message = compose(smtp, unit.email, waiting, sealed if unit.wants_file else None)
    await asyncio.to_thread(_send, smtp, unit.email, message)


def compose(smtp: SmtpSettings, address: str, waiting: Notice, sealed: bytes | None) -> EmailMessage:
    """The message. Everything in it is ours but the report's id and class."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = smtp.sender, address, SUBJECT
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=smtp.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation replies
    message.set_content(TEXT.format(report_id=waiting.report_id, letter=waiting.tier, waiting=_age(waiting)))
    if sealed is not None:
        name = f"{waiting.report_id}.age"
        message.add_attachment(sealed, maintype="application", subtype="octet-stream", filename=name)
    return message


def _age(waiting: Notice) -> str:
    hours, minutes = divmod(max(0, waiting.age_minutes), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _send(smtp: SmtpSettings, address: str, message: EmailMessage) -> None:
    with _errors(), _connected(smtp) as server:
        if smtp.username:
            server.login(smtp.username, smtp.password)
        server.send_message(message, smtp.sender, [address])


@contextmanager
def _connected(smtp: SmtpSettings) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context(cafile=smtp.ca_file)
    if smtp.security == "tls":
        with smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=smtp.timeout, context=context) as server:
            yield server
        return
    if smtp.security == "none" and smtp.host not in LOOPBACK:
        raise NotifyRefused("no_tls")
    with smtplib.SMTP(smtp.host, smtp.port, timeout=smtp.timeout) as server:
        if smtp.security == "starttls":
            server.starttls(context=context)
        yield server


@contextmanager
def _errors() -> Iterator[None]:
    """Names what went wrong by type and status; the server's own text may hold addresses and is dropped."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        raise _by_status(next(iter(error.recipients.values()))[0]) from None
    except smtplib.SMTPResponseException as error:
        raise _by_status(error.smtp_code) from None
    except smtplib.SMTPNotSupportedError:
        raise NotifyRefused("no_tls_or_login") from None
    except ssl.SSLCertVerificationError:
        raise NotifyRefused("certificate") from None
    except (smtplib.SMTPException, OSError):
        raise NotifyLater("connection") from None


def _by_status(status: int) -> NotifyLater | NotifyRefused:
    """RFC 5321, 4.2.1: 4yz may succeed later, 5yz will not."""
    return NotifyLater(str(status)) if status < 500 else NotifyRefused(str(status))
