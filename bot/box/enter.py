"""Goes into the box and becomes the engine: `python -I enter.py [OPTION…] -- COMMAND…`, in place of itself.

Its socket is bound and its token read here, outside; the engine is handed both as open files. A measure that this
kernel does not give is named by `--probe`; only if it is named again by `--without` does the engine run without it.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

if __name__ == "__main__":  # by -I neither the working folder nor PYTHONPATH counts
    sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.box import landlock, rights, seccomp, spaces

TOKEN = "FARO_ENGINE_TOKEN"
DEVICES = (Path("/dev/null"), Path("/dev/zero"), Path("/dev/urandom"))
REFUSED = 3  # exit status: a measure lacks that was not named
KEPT = ("LANG", "LC_ALL", "TZ", "PYTHONUNBUFFERED")  # of the environment


def main() -> None:
    given = arguments()
    parent = os.getppid()
    door = None if given.probe else listen(given.socket, given.host, given.port)
    token = None if given.probe else handed(os.environ.get(TOKEN, ""))
    box = Box(given)
    temporary = box.enter()
    if given.probe:
        sys.stdout.write(json.dumps(box.missing))
        return
    if unforeseen := box.missing.keys() - set(given.without):
        sys.stderr.write(f"the engine's box lacks {', '.join(sorted(unforeseen))}\n")
        raise SystemExit(REFUSED)
    if sys.platform == "linux":
        rights.leashed(parent)
    assert door is not None
    command = [*given.command, "--socket-fd", str(door.fileno()), "--token-fd", str(token), "--of", str(given.room)]
    os.execve(command[0], command, environment(temporary))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--room", type=Path, required=True, help="an empty folder, of the engine alone")
    parser.add_argument("--see", type=Path, action="append", default=[], help="a file or folder that may be read")
    parser.add_argument("--names", type=Path, action="append", default=[], help="a folder whose names may be read")
    parser.add_argument("--run", type=Path, action="append", default=[], help="a program that may be executed")
    parser.add_argument("--socket", type=Path, help="where to listen; or:")
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    parser.add_argument("--without", action="append", default=[], help="a measure that may lack; any other ends it")
    parser.add_argument("--probe", action="store_true", help="only tell which measures lack, as JSON")
    parser.add_argument("command", nargs="*")
    return parser.parse_args()


def listen(path: Path | None, host: str | None, port: int | None) -> socket.socket:
    """A socket that goes on to the engine: at `path`, for the owner alone, or at host and port."""
    if path is None:
        door = socket.create_server((host or "", port or 0))
    else:
        path.unlink(missing_ok=True)
        door = socket.socket(socket.AF_UNIX)
        before = os.umask(0o177)
        door.bind(str(path))
        os.umask(before)
    door.set_inheritable(True)
    return door


def handed(token: str) -> int:
    """An open file from which the token can be read, once."""
    reading, writing = os.pipe()
    os.write(writing, token.encode())
    os.close(writing)
    os.set_inheritable(reading, True)
    return reading


class Box:
    """What the engine gets to see, and, once entered, which measures lack: name -> why."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self._temporary: Path = given.room
        self.missing: dict[str, str] = {}

    def enter(self) -> Path:
        """Goes in, as far as the kernel lets us. Gives the folder that may be written to."""
        self._try("privileges", rights.pinned)
        if os.geteuid() == 0:
            furnished = self._try("spaces", lambda: self._furnish(with_user=False))
            self._try("account", lambda: self._change_account(furnished=furnished))
        if self._temporary == self._given.room:
            self._try("spaces", lambda: self._furnish(with_user=True))
        self._try("capabilities", rights.without_capabilities)
        self._try("landlock", lambda: landlock.restrict(self._allowed()))
        self._try("seccomp", seccomp.restrict)
        return self._temporary

    def _try(self, measure: str, step: Callable[[], None]) -> bool:
        try:
            step()
        except OSError as error:
            self.missing[measure] = errno.errorcode.get(error.errno or 0, "UNKNOWN")
            return False
        self.missing.pop(measure, None)
        return True

    def _furnish(self, *, with_user: bool) -> None:
        spaces.leave(with_user=with_user)
        spaces.furnish(self._given.room, self._given.see, DEVICES)
        self._temporary = spaces.TEMPORARY

    def _change_account(self, *, furnished: bool) -> None:
        """Inside new walls only the things themselves must be open to all; else also the way to them."""
        way = [] if furnished else [parent for path in self._given.see for parent in path.resolve().parents]
        rights.another_account(self._given.see, way, self._given.room)

    def _allowed(self) -> Mapping[Path, int]:
        return {
            **dict.fromkeys(self._given.see, landlock.READ),
            **dict.fromkeys(DEVICES, landlock.READ_FILE | landlock.WRITE_FILE),
            **dict.fromkeys(self._given.names, landlock.READ_DIR),
            **dict.fromkeys(self._given.run, landlock.RUN),
            self._temporary: landlock.everything(),
        }


def environment(temporary: Path) -> dict[str, str]:
    """What the engine is told of its surroundings: no secret, and no folder but its own."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "HOME": str(temporary), "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"}


if __name__ == "__main__":
    main()
