import stat
import subprocess
import sys
from pathlib import Path

from bot import engine_token
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
RACE = """
import sys
from pathlib import Path
from bot import engine_token
from bot.settings import Settings
settings = Settings(_env_file=None, data_dir=Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
print(engine_token.of(settings))
"""


def settings(folder: Path, **more: str) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **more)


def test_the_word_is_made_once_and_is_long(tmp_path: Path) -> None:
    first = engine_token.of(settings(tmp_path))
    assert len(first) >= 43  # 32 random bytes
    assert engine_token.of(settings(tmp_path)) == first
    assert engine_token.of(settings(tmp_path / "other")) != first


def test_nobody_but_the_owner_can_read_it_and_nothing_else_is_left(tmp_path: Path) -> None:
    engine_token.of(settings(tmp_path))
    (file,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_word_that_is_set_is_taken_and_none_is_made(tmp_path: Path) -> None:
    assert engine_token.of(settings(tmp_path, engine_token="given")) == "given"
    assert not (tmp_path / "keys").exists()


def test_processes_that_start_at_once_agree_on_one_word(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RACE, str(tmp_path)]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for process in started:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    words = {process.communicate(timeout=30)[0] for process in started}
    assert len(words) == 1
    assert words == {engine_token.of(settings(tmp_path)) + "\n"}
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["engine.token"]
