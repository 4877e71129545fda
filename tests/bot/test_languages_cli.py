import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import languages_cli
from bot.languages import DATA
from bot.languages_cli import languages


def test_all_five_are_listed_as_offered() -> None:
    result = CliRunner().invoke(languages)
    assert result.exit_code == 0
    assert re.findall(r"^(\w\w) .*? (yes|no) ", result.output, re.MULTILINE) == [
        (code, "yes") for code in ("en", "es", "fr", "ht", "pt")
    ]


def test_what_another_one_lacks_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(DATA / "es", tmp_path / "es")
    shutil.copytree(DATA / "en", tmp_path / "en")
    (tmp_path / "en" / "nlu.yml").unlink()
    monkeypatch.setattr(languages_cli, "folders", lambda: sorted(tmp_path.iterdir()))
    result = CliRunner().invoke(languages)
    assert result.exit_code == 1
    assert "en lacks nlu.yml" in result.output
    assert not re.search(r"es lacks", result.output)
