"""An officer's desk in practice mode."""

import shutil

import pytest

from bot import practice
from tests.bot.office import Office


@pytest.fixture(scope="session")
def practice_dir(tmp_path_factory):
    """A data folder with a practice roster: its key files cost seconds, so that all tests share it."""
    folder = tmp_path_factory.mktemp("data")
    practice.prepare(folder)
    return folder


@pytest.fixture
def office(practice_dir, database_url, monkeypatch, tmp_path):
    """The commands on an empty database, typed in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FARO_DATA_DIR", str(practice_dir))
    monkeypatch.setenv("FARO_DATABASE_URL", database_url)
    return Office(practice_dir, database_url)


@pytest.fixture
def own(practice_dir, database_url, monkeypatch, tmp_path):
    """An office whose keys no other test needs."""
    folder = tmp_path / "data"
    shutil.copytree(practice_dir, folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FARO_DATA_DIR", str(folder))
    monkeypatch.setenv("FARO_DATABASE_URL", database_url)
    return Office(folder, database_url)
