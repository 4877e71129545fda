import stat
from pathlib import Path

import pytest

from bot import running
from bot.errors import SettingsError
from bot.running import Running
from bot.settings import Settings

SYSTEM = Running("postgresql://x", ("http://127.0.0.1:1", "http://127.0.0.1:2"), "token", "0.0.0.0", 8123, 8124)


def test_a_running_system_is_found_and_fills_the_settings(tmp_path: Path) -> None:
    with running.alone(tmp_path):
        running.announce(tmp_path, SYSTEM)
        assert running.find(tmp_path) == SYSTEM
        joined = running.joined(Settings(_env_file=None, data_dir=tmp_path))
    assert (joined.database_url, joined.engine_urls) == (SYSTEM.database_url, SYSTEM.engine_urls)
    assert (joined.engine_token, joined.port, joined.console_port) == (SYSTEM.engine_token, 8123, 8124)


def test_settings_that_are_given_are_kept(tmp_path: Path) -> None:
    with running.alone(tmp_path):
        running.announce(tmp_path, SYSTEM)
        mine = Settings(_env_file=None, data_dir=tmp_path, database_url="postgresql://mine/x")
        assert running.joined(mine).database_url == "postgresql://mine/x"


def test_nothing_is_found_where_nothing_runs_even_if_a_file_was_left(tmp_path: Path) -> None:
    assert running.find(tmp_path) is None
    with running.alone(tmp_path):
        running.announce(tmp_path, SYSTEM)
        left = (tmp_path / "running.json").read_bytes()
    assert not (tmp_path / "running.json").exists()
    (tmp_path / "running.json").write_bytes(left)
    assert running.find(tmp_path) is None
    with running.alone(tmp_path):
        assert running.find(tmp_path) is None


def test_the_file_with_the_token_is_private(tmp_path: Path) -> None:
    with running.alone(tmp_path):
        running.announce(tmp_path, SYSTEM)
        assert stat.S_IMODE((tmp_path / "running.json").stat().st_mode) == 0o600


def test_a_second_start_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with running.alone(tmp_path), pytest.raises(SettingsError, match="runs already"), running.alone(tmp_path):
        pass


def test_both_doors_are_reached_on_loopback_when_they_listen_everywhere() -> None:
    assert (SYSTEM.gateway_url, SYSTEM.console_url) == ("http://127.0.0.1:8123", "http://127.0.0.1:8124")
