"""`python -m tests.vignettes [FILE]`: plays every case, prints the table of what came of it, and writes it to FILE."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.vignettes.table import HEAD, markdown

TEST = Path(__file__).parent.parent / "test_vignettes.py"


class Rows:
    """A plugin of pytest that keeps the row which each case left."""

    def __init__(self) -> None:
        self.all: list[list[str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.all += [row for name, row in report.user_properties if name == HEAD[0] and isinstance(row, list)]


def main(file: Path | None) -> int:
    rows = Rows()
    failed = pytest.main([str(TEST), "-k", "comes_out", "--tb=short"], plugins=[rows])
    text = markdown(rows.all)
    print(text)
    if file:
        file.write_text(text, encoding="utf-8")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
