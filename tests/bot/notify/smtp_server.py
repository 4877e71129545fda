"""A mail server on loopback that refuses what a real one refuses (RFC 5321): bad order, long lines, 8-bit, bare LF."""

from __future__ import annotations

import asyncio
import base64
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LARGEST = 5_000_000
LONGEST = 1000  # octets of a text line with its CRLF, RFC 5321 4.5.3.1.6


@dataclass
class MailServer:
    """`refuse`: command -> the reply it gets instead; `mails`: (sender, recipient, bytes) that were taken."""

    security: str
    password: str = ""
    refuse: dict[str, str] = field(default_factory=dict)
    mails: list[tuple[str, str, bytes]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    offers_starttls: bool = True
    port: int = 0


@asynccontextmanager
async def serving(server: MailServer, certificate: Path) -> AsyncIterator[MailServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Session(server, reader, writer, context).run()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            server.faults.append("connection lost")
        finally:
            writer.close()

    tls = context if server.security == "tls" else None
    listening = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls, limit=LARGEST)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()


class _Session:
    """One connection, command by command."""

    def __init__(self, server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
                 context: ssl.SSLContext) -> None:  # fmt: skip
        self.server, self.reader, self.writer, self.context = server, reader, writer, context
        self.safe = server.security != "starttls"
        self.greeted = self.known = False
        self.sender = self.recipient = ""

    async def run(self) -> None:
        await self.say("220 mail.example ESMTP")
        while line := await self.line():
            verb = line.upper().split(" ")[0].split(":")[0]
            if verb == "QUIT":
                await self.say("221 bye")
                return
            if verb in self.server.refuse:
                await self.say(self.server.refuse[verb])
                continue
            await self.answer(verb, line)

    async def answer(self, verb: str, line: str) -> None:
        if verb == "EHLO":
            self.greeted = True
            await self.say(*self.features())
        elif verb == "STARTTLS" and self.greeted and not self.safe:
            await self.say("220 go ahead")
            await self.writer.start_tls(self.context)
            self.safe, self.greeted = True, False  # all knowledge from before is void, RFC 3207 4.2
        elif not self.greeted:
            await self.say("503 EHLO first")
        elif not self.safe:
            await self.say("530 Must issue a STARTTLS command first")
        elif verb == "AUTH":
            await self.login(line)
        elif self.server.password and not self.known:
            await self.say("530 Authentication required")
        else:
            await self.transaction(verb, line)

    def features(self) -> list[str]:
        offered = [f"SIZE {LARGEST}", "8BITMIME"]
        if not self.safe and self.server.offers_starttls:
            offered.append("STARTTLS")
        if self.safe and self.server.password:
            offered.append("AUTH PLAIN")
        return ["250-mail.example", *(f"250-{name}" for name in offered[:-1]), f"250 {offered[-1]}"]

    async def login(self, line: str) -> None:
        given = base64.b64decode(line.split(" ")[2]).split(b"\0")
        self.known = given[1:] == [b"faro", self.server.password.encode()]
        await self.say("235 accepted" if self.known else "535 wrong user or password")

    async def transaction(self, verb: str, line: str) -> None:
        if verb == "MAIL":
            self.sender = line[line.index("<") + 1 : line.index(">")]
            await self.say("250 ok")
        elif verb == "RCPT" and self.sender:
            self.recipient = line[line.index("<") + 1 : line.index(">")]
            await self.say("250 ok")
        elif verb == "DATA" and self.recipient:
            await self.say("354 go on")
            await self.body()
        elif verb == "RSET":
            await self.say("250 ok")
        else:
            await self.say("503 bad sequence of commands")

    async def body(self) -> None:
        data = (await self.reader.readuntil(b"\r\n.\r\n"))[:-3]
        if fault := _fault(data):
            self.server.faults.append(fault)
            await self.say("554 " + fault)
            return
        self.server.mails.append((self.sender, self.recipient, data.replace(b"\r\n..", b"\r\n.")))
        await self.say(self.server.refuse.get("BODY", "250 queued"))

    async def line(self) -> str:
        return (await self.reader.readline()).decode("ascii").rstrip("\r\n")

    async def say(self, *lines: str) -> None:
        self.writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self.writer.drain()


def _fault(data: bytes) -> str:
    if b"\n" in data.replace(b"\r\n", b"") or b"\r" in data.replace(b"\r\n", b""):
        return "bare CR or LF"
    if max(map(len, data.split(b"\r\n"))) + 2 > LONGEST:
        return "line too long"
    if b"\0" in data or any(byte > 127 for byte in data):
        return "8-bit data without BODY=8BITMIME"
    return ""


def certificate(folder: Path) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1)).add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "loopback.pem"
    path.write_bytes(made.public_bytes(pem) + plain)
    return path
