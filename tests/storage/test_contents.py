from storage import contents
from storage.contents import StoredContents
from storage.database import Database


async def test_a_content_is_found_by_the_digest_of_its_definition(database: Database) -> None:
    stored = StoredContents(database)
    assert await stored.get(b"a") is None
    await stored.put(b"a", "HX1")
    await stored.put(b"b", "HX2")
    async with database.begin() as tx:
        assert await contents.get(tx, b"a") == "HX1"
        assert await contents.get(tx, b"b") == "HX2"


async def test_a_content_made_again_replaces_the_old_one(database: Database) -> None:
    async with database.begin() as tx:
        await contents.put(tx, b"a", "HX1")
        await contents.put(tx, b"a", "HX2")
        assert await contents.get(tx, b"a") == "HX2"
