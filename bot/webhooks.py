"""`faro webhooks`: registers Telegram's webhook and prints what is to be entered at Twilio."""

from __future__ import annotations

import asyncio

import click

from bot.channels.telegram import Telegram
from bot.channels.twilio_signature import RETRIES
from bot.errors import SendError, SettingsError
from bot.settings import Settings, load


@click.command()
def webhooks() -> None:
    """Tell Telegram where to deliver, and show the addresses to enter at Twilio."""
    settings = load()
    if not settings.public_url:
        raise SettingsError("FARO_PUBLIC_URL is missing: the platforms must know where to deliver.")
    if settings.complete("telegram"):
        asyncio.run(_telegram(settings))
    for name in ("whatsapp", "sms"):
        if settings.complete(name):
            address = f"{settings.public_url}/webhooks/{name}"
            click.echo(f"{name}: enter at Twilio, for incoming messages, method POST:\n  {address}{RETRIES}")
            click.echo(f"  and as fallback, so that no message is lost while the first does not answer:\n  {address}")


async def _telegram(settings: Settings) -> None:
    channel = Telegram(settings)
    await channel.start()
    try:
        if settings.telegram_polling:
            await channel.unregister()
            click.echo("telegram: no webhook, updates are asked for (FARO_TELEGRAM_POLLING)")
        else:
            await channel.register(settings.public_url)
            click.echo(f"telegram: delivers to {settings.public_url}/webhooks/telegram")
    except SendError as error:
        raise click.ClickException(f"Telegram refused: {error.code}") from None
    finally:
        await channel.close()
