"""`python -m bench.skewed SECONDS UNTIL COMMAND`: a command of `bot.cli` whose service believes it is so much later,
until its clock is set right so many seconds after the start.

For the chaos run alone. The service takes its clock as an argument with a default; this puts another default there.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta

from bot import app, cli, service


def main(seconds: float, until: float) -> None:
    right = time.monotonic() + until

    def ahead() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=0 if time.monotonic() > right else seconds)

    service.open_service.__wrapped__.__defaults__ = (ahead,)  # type: ignore[attr-defined]
    app.create_app.__defaults__ = (None, ahead)
    cli.main()


if __name__ == "__main__":
    ahead_by, set_right = float(sys.argv.pop(1)), float(sys.argv.pop(1))
    main(ahead_by, set_right)
