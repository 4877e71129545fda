"""What the disk holds after words went through the store: searched byte by byte, in data, write-ahead log and logs."""

import tempfile
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from storage import attachments, conversations, inbox, outbox
from storage.database import Database, libpq_url, migrate
from storage.embedded import start_embedded
from storage.keys import KeyRing

MARKER = "marcadorQ7"
ADDRESS = "+573001234567"


def files_with(folder: Path, word: str) -> tuple[int, list[str]]:
    """How many files were read, and which hold the word in any of the encodings that matter."""
    forms = [word.encode(), word.encode("utf-16-le"), word.encode().hex().encode()]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return len(files), [path.name for path in files if any(form in path.read_bytes() for form in forms)]


async def test_words_and_addresses_are_in_no_file_before_or_after_an_exit(now) -> None:
    with tempfile.TemporaryDirectory(prefix="faro-") as name:
        folder = Path(name)
        server = start_embedded(folder)
        try:
            await _say_and_leave(server.url, folder, now)
        finally:
            server.stop()
        for word in (MARKER, ADDRESS):
            read, found = files_with(folder, word)
            assert read > 900  # data files, write-ahead log, server log, keys
            assert found == []
        _, control = files_with(folder, "procrastinate")
        assert control  # the search finds what is there


async def _say_and_leave(url: str, folder: Path, now) -> None:
    migrate(url)
    database, keys = Database(url), KeyRing.open(folder / "keys")
    words = {"text": MARKER, "address": ADDRESS}
    async with database.begin() as tx:
        talk = await conversations.admit(tx, keys, "sms", ADDRESS, now)
        row = await inbox.accept(tx, keys, talk, f"SM{MARKER}", words, now)
    async with database.begin() as tx:
        opened = await conversations.lock(tx, keys, talk.id)
        assert opened
        assert await inbox.take(tx, opened, row) == words
        opened.state = words
        await conversations.save(tx, opened, now)
        await outbox.put(tx, opened, [words], now)
        await attachments.put(tx, opened, f"{MARKER}.txt", "text/plain", MARKER.encode() * 1000)
        await inbox.done(tx, row)
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        assert files_with(folder, MARKER)[1] == []
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT * FROM nowhere WHERE said = %s", (MARKER,))
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT CAST(%s AS bytea)", (f"\\x{MARKER}",))
    async with database.begin() as tx:
        await conversations.erase(tx, talk.id)
    async with database.begin() as tx:
        again = await conversations.admit(tx, keys, "sms", ADDRESS, now + timedelta(minutes=1))
        assert await inbox.accept(tx, keys, again, f"SM{MARKER}", words, now) is None
    await database.close()
