import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from storage.database import libpq_url
from storage.embedded import SETTINGS, _open_to_all, start_embedded
from storage.errors import DatabaseFailed

HOLD = """
import sys; from pathlib import Path; from storage.embedded import start_embedded
server = start_embedded(Path(sys.argv[1])); print(server.url, flush=True); sys.stdin.read(); server.stop()
"""
AS_NOBODY = """
import sys, os, pwd; from pathlib import Path; import storage.embedded, fcntl, tempfile, subprocess, psycopg
os.setgroups([]); os.setgid(65534); os.setuid(65534)
server = storage.embedded.start_embedded(Path(sys.argv[1])); server.stop()
print("stopped", flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own: every start of pytest closes those to other accounts, and the server runs as another."""
    with tempfile.TemporaryDirectory(prefix="faro-") as path:
        yield Path(path)


def running(folder: Path) -> list[str]:
    """Servers of this data folder that are alive."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder / "postgres") in line and "postgres" in line.split(" ", 1)[0].rsplit("/", 1)[-1]:
            found.append(line)
    return found


def ask(url: str, query: str) -> str:
    with psycopg.connect(libpq_url(url)) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row
    return str(row[0])


def test_it_starts_twice_in_seconds_and_leaves_no_process(folder: Path) -> None:
    for _ in range(2):
        begun = time.monotonic()
        server = start_embedded(folder)
        assert time.monotonic() - begun < 30  # about 0.6 s and 0.1 s on an idle machine
        assert running(folder)
        assert ask(server.url, "SELECT 1") == "1"
        server.stop()
        server.stop()
        assert running(folder) == []
    assert (folder / "postgres" / "PG_VERSION").exists()


def test_what_was_committed_is_there_after_a_restart(folder: Path) -> None:
    server = start_embedded(folder)
    with psycopg.connect(libpq_url(server.url)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    server.stop()
    server = start_embedded(folder)
    assert ask(server.url, "SELECT n FROM kept") == "7"
    server.stop()


def test_it_listens_on_no_port_logs_no_statement_and_answers_after_the_disk(folder: Path) -> None:
    server = start_embedded(folder)
    try:
        assert {name: ask(server.url, f"SHOW {name}") for name in SETTINGS} == SETTINGS
        assert {name: SETTINGS[name] for name in SETTINGS if "statement" in name or "sync" in name} == {
            "fsync": "on",
            "synchronous_commit": "on",
            "log_statement": "none",
            "log_min_error_statement": "panic",
            "log_min_duration_statement": "-1",
        }
        assert SETTINGS["listen_addresses"] == ""
        with pytest.raises(psycopg.Error), psycopg.connect(libpq_url(server.url)) as connection:
            connection.execute("SELECT 'marcador' FROM nowhere")
        assert "marcador" not in (folder / "postgres" / "server.log").read_text()
        assert (folder / "postgres").stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()


def test_the_last_of_several_holders_stops_it(folder: Path) -> None:
    first = start_embedded(folder)
    with subprocess.Popen([sys.executable, "-c", HOLD, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline().decode().strip() == first.url
        first.stop()
        assert running(folder)
        other.communicate()
    assert running(folder) == []


def test_a_server_left_by_a_killed_holder_is_joined_and_stopped(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        url = holder.stdout.readline().decode().strip()
        holder.kill()
    assert running(folder)
    server = start_embedded(folder)
    assert server.url == url
    server.stop()
    assert running(folder) == []


def test_a_process_number_left_by_a_crash_and_given_to_another_program_does_not_stop_it(folder: Path) -> None:
    server = start_embedded(folder)
    left = (folder / "postgres" / "postmaster.pid").read_text()
    server.stop()
    (folder / "postgres" / "postmaster.pid").write_text(left.replace(left.splitlines()[0], str(os.getpid()), 1))
    server = start_embedded(folder)
    assert ask(server.url, "SELECT 1") == "1"
    server.stop()


def test_a_data_folder_too_deep_for_a_socket_works(folder: Path) -> None:
    deep = folder / ("d" * 60) / ("e" * 60)
    server = start_embedded(deep)
    socket = Path(libpq_url(server.url).rsplit("host=")[1].replace("%2F", "/"))
    assert ask(server.url, "SELECT 1") == "1"
    server.stop()
    assert not socket.exists()


@pytest.mark.parametrize("deep", ["", f"{'d' * 60}/{'e' * 60}"], ids=["own folder", "lent folder"])
def test_a_server_that_was_killed_comes_back_at_the_same_address(folder: Path, deep: str) -> None:
    """Gateway and workers hold the address; only the server is new."""
    place = folder / deep
    server = start_embedded(place)
    os.kill(int((place / "postgres" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    again = until(lambda: start_embedded(place))
    assert again.url == server.url
    assert ask(again.url, "SELECT 1") == "1"
    socket = Path(libpq_url(again.url).rsplit("host=")[1].replace("%2F", "/"))
    again.stop()
    server.stop()  # the last holder stops it
    assert running(place) == []
    assert socket.exists() == (deep == "")


def test_a_server_that_died_by_itself_need_not_be_stopped(folder: Path) -> None:
    server = start_embedded(folder)
    os.kill(int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    until(lambda: not running(folder) or None)
    server.stop()


def until[T](work: Callable[[], T | None]) -> T:
    """Processes of a killed server linger for an instant, and none starts meanwhile."""
    end = time.monotonic() + 30
    while True:
        with suppress(DatabaseFailed):
            if (found := work()) is not None:
                return found
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another")
def test_it_works_for_one_who_is_not_root(folder: Path) -> None:
    own = folder / "own"
    own.mkdir()
    os.chown(own, 65534, 65534)
    folder.chmod(0o711)
    done = subprocess.run([sys.executable, "-c", AS_NOBODY, own], capture_output=True, text=True, check=False)
    assert done.stdout == "stopped\n", done.stderr
    assert running(own) == []


def test_a_folder_that_is_no_database_is_told_in_one_line(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(DatabaseFailed) as failure:
        start_embedded(folder)
    assert failure.value.detail
    assert "\n" not in failure.value.detail


def test_programs_installed_under_a_strict_umask_are_opened_for_reading_alone(folder: Path) -> None:
    (folder / "bin").mkdir(mode=0o700)
    program, library = folder / "bin" / "postgres", folder / "bin" / "lib.so"
    program.touch(0o700)
    library.touch(0o600)
    _open_to_all(folder)
    modes = [path.stat().st_mode & 0o777 for path in (folder, folder / "bin", program, library)]
    assert modes == [0o755, 0o755, 0o755, 0o644]
