"""A worker process for the kill test: it takes the message in one transaction, says so, and hangs before the commit."""

import asyncio
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from storage import conversations, inbox, outbox, queue
from storage.database import Database
from storage.keys import KeyRing


async def main(url: str, key_folder: Path) -> None:
    app, database, keys = queue.make_app(url), Database(url), KeyRing.open(key_folder)

    @app.task(name=queue.TURN, queue=queue.TURNS)
    async def turn(*, conversation: str, inbox_id: int) -> None:
        async with database.begin() as tx:
            opened = await conversations.lock(tx, keys, bytes.fromhex(conversation))
            assert opened
            assert await inbox.take(tx, opened, inbox_id)
            await outbox.put(tx, opened, [{"text": "half"}], datetime.now(UTC))
            await inbox.done(tx, inbox_id)
            sys.stdout.write("in the middle\n")
            sys.stdout.flush()
            signal.pause()  # the test kills this process here

    async with app.open_async():
        await app.run_worker_async(install_signal_handlers=False)


asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
