"""`faro talk`: the same dialogue in the terminal, through the same gateway, queue and engine."""

from __future__ import annotations

import asyncio
import base64
import io
import mimetypes
import secrets
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import click
import orjson
from aiohttp import web

from bot import engine_token, talk_file
from bot.channels.terminal import SIGNATURE, sign
from bot.running import joined
from bot.settings import Settings, load

HELP = "Write as a person would. A number chooses, /photo FILE sends a file, /quit ends the program, not the talk."
_EXIT_WORD = "SALIR"
STAND_INS = {"image": {"photo": "picture with place"}, "audio": {"voice": "voice note"}}  # of tests/samples.py


@dataclass(slots=True)
class Talking:
    """One person at one terminal."""

    url: str
    token: str
    language: str
    port: int = 0
    buttons: list[list[str]] = field(default_factory=list)
    script: list[dict[str, Any]] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, request: web.Request) -> web.Response:
        """What the service says to this terminal."""
        body = await request.read()
        if request.headers.get(SIGNATURE, "") != sign(self.token, body):
            return web.Response(status=403)
        said = orjson.loads(body)
        if "text" in said:
            self.show(said["text"], said["buttons"])
        elif sys.stdout.isatty():
            click.clear()  # an exit: the platforms delete the chat too, where they can
        self.answered.set()
        return web.Response(text=secrets.token_hex(8))

    def show(self, text: str, buttons: list[list[str]]) -> None:
        self.script.append(talk_file.faro(text, [title for title, _ in buttons]))
        self.buttons = buttons or self.buttons
        choices = "".join(f"\n    {place}  {title}" for place, (title, _) in enumerate(buttons, 1))
        click.echo(f"\n{click.style('faro', fg='cyan')}  " + text.replace("\n", "\n      ") + choices)

    async def send(self, session: aiohttp.ClientSession, line: str) -> None:
        """Raises `click.UsageError` for a file that is not there; nothing was said then."""
        told, step = _message(line)
        self.script.append(step)
        about = {"id": secrets.token_hex(8), "port": self.port, "language": self.language}
        body = orjson.dumps(about | told)
        headers = {SIGNATURE: sign(self.token, body)}
        async with session.post(f"{self.url}/webhooks/terminal", data=body, headers=headers) as answer:
            if answer.status != 200:
                raise click.ClickException(f"the gateway answered {answer.status}; is this its data folder?")


def _message(line: str) -> tuple[dict[str, str], dict[str, str]]:
    """What is sent, and the step of a test that stands for it: a sample of the same kind in the place of a file."""
    if not line.startswith("/photo "):
        return {"text": line}, {"person": line}
    file = Path(line.removeprefix("/photo ").strip()).expanduser()
    if not file.is_file():
        raise click.UsageError("no such file")
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    step = STAND_INS.get(media_type.partition("/")[0], {"document": "program"})
    return {"file": base64.b64encode(file.read_bytes()).decode(), "media_type": media_type}, step


async def converse(settings: Settings, url: str, language: str, save: Path | None) -> None:
    talking = Talking(url, engine_token.of(settings), language)
    app = web.Application()
    app.router.add_post("/", talking.hear)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    talking.port = runner.addresses[0][1]
    try:
        async with aiohttp.ClientSession() as session:
            await _lines(talking, session)
    finally:
        await runner.cleanup()
        if save:
            await asyncio.to_thread(save.write_text, as_test(talking.script, language), encoding="utf-8")
            click.echo(f"\nconversation written to {save}")


async def _lines(talking: Talking, session: aiohttp.ClientSession) -> None:
    click.echo(f"{HELP}\n{_EXIT_WORD} ends the conversation for good.")
    while line := (await asyncio.to_thread(_read)).strip():
        if line == "/quit":
            return
        talking.answered.clear()
        try:
            await talking.send(session, line)
        except click.UsageError as error:
            click.echo(error.message)
            continue
        except aiohttp.ClientConnectorError:
            raise click.ClickException(f"nothing answers at {talking.url}; start it with ./run") from None
        await _settle(talking)


async def _settle(talking: Talking) -> None:
    """Waits for the first answer, then until nothing more comes for a moment."""
    try:
        async with asyncio.timeout(10):
            await talking.answered.wait()
        while True:
            talking.answered.clear()
            async with asyncio.timeout(0.4):
                await talking.answered.wait()
    except TimeoutError:
        return


def _read() -> str:
    if sys.stdin.isatty():
        click.echo(f"\n{click.style('you', fg='green')}   ", nl=False)
    line = sys.stdin.readline()
    return line if line == "" or line.strip() else "\u200b"  # an empty line is said too; the end of input is not


def as_test(script: list[dict[str, Any]], language: str) -> str:
    """The conversation as a file for `tests/talks/`."""
    return talk_file.written("Say in one sentence who this is.", "terminal", language, script, None)


@click.command()
@click.option("--language", default="es", show_default=True, help="What the phone says its language is.")
@click.option("--url", default="", help="Gateway; default: the one of this data folder's settings.")
@click.option("--save", type=click.Path(path_type=Path), help="Write the conversation as a test file.")
def talk(language: str, url: str, save: Path | None) -> None:
    """Talk to Faro in the terminal (practice mode)."""
    settings = joined(load())
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # whatever a terminal of another encoding sends
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host
    asyncio.run(converse(settings, url or f"http://{host}:{settings.port}", language, save))
