from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from storage import attachments, break_in, conversations, inbox, outbox
from storage.age import HybridIdentity, X25519Identity
from storage.identity import new_key, new_passphrase, write_key_file
from storage.keys import KeyRing

ADDRESS = "+573001234567"
WORDS = {"text": "marcadorQ7"}


async def test_with_the_ring_everything_of_a_living_conversation_opens_and_without_it_nothing(
    database, keys, now, database_url: str, tmp_path: Path
) -> None:
    async with database.begin() as tx:
        talk = await conversations.admit(tx, keys, "sms", ADDRESS, now)
        await inbox.accept(tx, keys, talk, "SM1", WORDS, now)
        await outbox.put(tx, talk, [WORDS], now)
        await attachments.put(tx, talk, "marcadorQ7.txt", "text/plain", b"marcadorQ7")
        talk.state = WORDS
        await conversations.save(tx, talk, now)
    found = break_in.conversations(database_url, keys)
    assert (found.total, found.opened) == (1, 1)
    assert sum(b"marcadorQ7" in words for words in found.words) == 5
    assert break_in.people(database_url, keys, [ADDRESS, "+573009999999"], now) == 1
    for ring in (None, KeyRing.open(tmp_path / "other")):
        closed = break_in.conversations(database_url, ring)
        assert (closed.total, closed.opened, closed.words) == (1, 0, [])
        assert break_in.people(database_url, ring, [ADDRESS], now) == 0


def test_every_file_that_could_be_a_key_is_tried_as_one(tmp_path: Path) -> None:
    officer, passphrase = new_key(), new_passphrase()
    write_key_file(tmp_path / "officer.key", officer, passphrase)
    (tmp_path / "passphrase").write_text(f"{passphrase}\n")
    plain = HybridIdentity.generate()
    (tmp_path / "plain.txt").write_text(f"# public\n{plain.secret()}\n")
    (tmp_path / "raw.key").write_bytes(secrets.token_bytes(32))
    (tmp_path / "big").write_bytes(bytes(1 << 20))
    found = break_in.identities(tmp_path)
    assert next(one for one in found if isinstance(one, HybridIdentity)).seed == officer.identity.seed
    assert plain in found
    assert sum(isinstance(one, X25519Identity) for one in found) == 1
    assert len(found) == 4
    shutil.copy(tmp_path / "officer.key", tmp_path / "copy")
    (tmp_path / "passphrase").unlink()
    assert len(break_in.identities(tmp_path)) == 3
