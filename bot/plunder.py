"""Takes what a host holds beside its database, and searches everything that was taken for words."""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bot.settings import Settings

AT_ONCE = 1 << 24  # bytes
SHORTEST = 8  # characters of base64; fewer would be found anywhere
VANISHING = ("epochs", "pseudonyms")  # a copy of these keys would undo every exit after it


def files(data_dir: Path, target: Path) -> None:
    """Copies the data folder: keys, database files, write-ahead log, logs."""
    shutil.copytree(data_dir, target, ignore=_passing, ignore_dangling_symlinks=True)


def names_of_settings(settings: Settings) -> list[str]:
    """Those that are set, in the environment or `.env`. Their values are not written down."""
    return sorted(f"FARO_{name.upper()}" for name in settings.model_fields_set if getattr(settings, name))


def processes() -> list[str]:
    """Command lines of all processes, as any account of the machine sees them; not of those that led to this drill,
    which name what it searches for."""
    own = set(_line_of_descent(os.getpid()))
    places = [place for place in Path("/proc").glob("[0-9]*/cmdline") if int(place.parent.name) not in own]
    return sorted({line for place in places if (line := _line(place))})


def forms(word: str) -> list[bytes]:
    """The word as it may stand in a file: UTF-8, UTF-16, hexadecimal, JSON, base64 at each of its three places."""
    plain = word.encode()
    json = word.encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00")
    inner = [form for shift in range(3) if len(form := _base64(plain, shift)) >= SHORTEST]
    all_forms = {plain, word.encode("utf-16-le"), word.encode("utf-16-be"), plain.hex().encode(), json, *inner}
    return sorted(form.lower() for form in all_forms)


def _base64(plain: bytes, shift: int) -> bytes:
    """The characters that depend on the word alone, if so many bytes stand before it."""
    whole = 8 * (shift + len(plain)) // 6
    return base64.b64encode(bytes(shift) + plain)[-(-8 * shift // 6) : whole]


def with_word(folder: Path, word: str) -> list[str]:
    """Files below the folder that hold it, whatever its case, by their place in it."""
    wanted = forms(word)
    return [str(path.relative_to(folder)) for path in sorted(_all(folder)) if _holds(path, wanted)]


def read(folder: Path) -> tuple[int, int]:
    """How many files, and bytes, were taken."""
    sizes = [path.stat().st_size for path in _all(folder)]
    return len(sizes), sum(sizes)


def clean(target: Path) -> None:
    """Of what is left behind, the keys that are meant to vanish do."""
    for name in VANISHING:
        shutil.rmtree(target / "keys" / name, ignore_errors=True)


def _passing(folder: str, names: list[str]) -> Iterable[str]:
    """Sockets, which are no bytes, and what the database moved away meanwhile."""
    places = [Path(folder, name) for name in names]
    return [place.name for place in places if not (place.is_file() or place.is_dir())]


def _all(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _holds(path: Path, wanted: Sequence[bytes]) -> bool:
    overlap = max(map(len, wanted))
    rest = b""
    with path.open("rb") as file:
        while block := file.read(AT_ONCE):
            text = (rest + block).lower()
            if any(form in text for form in wanted):
                return True
            rest = text[-overlap:]
    return False


def _line_of_descent(process: int) -> Iterator[int]:
    while process > 1:
        yield process
        status = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        process = int(status[1])


def _line(place: Path) -> str:
    try:
        return place.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:  # it ended
        return ""
