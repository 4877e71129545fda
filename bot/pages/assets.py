"""Files that pages need: read once, packed once, and named by what is in them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

STATIC = Path(__file__).parent / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
DIGITS = 10  # of the hash that stands in a name
_IMPORTED = re.compile(rb'(?<= from ")\./([\w-]+\.js)(?=";)')


@dataclass(frozen=True, slots=True)
class Packed:
    """Bytes of an answer, as they are and as every browser unpacks them."""

    plain: bytes
    gzipped: bytes

    @classmethod
    def of(cls, plain: bytes) -> Packed:
        return cls(plain, gzip.compress(plain, 9, mtime=0))

    def answer(self, request: Request, media_type: str) -> Response:
        """Packed where the browser unpacks it; its headers tell of nothing else."""
        zipped = "gzip" in request.headers.get("accept-encoding", "")
        response = Response(self.gzipped if zipped else self.plain, media_type=media_type)
        response.headers["Vary"] = "Accept-Encoding"
        if zipped:
            response.headers["Content-Encoding"] = "gzip"
        return response


@dataclass(frozen=True, slots=True)
class File:
    """One file. `address`: where the browser finds it; another content has another one."""

    address: str
    media_type: str
    packed: Packed


@dataclass(frozen=True, slots=True)
class Assets:
    """Every file of the folder, by its name in it."""

    by_name: Mapping[str, File]

    @classmethod
    def load(cls, folder: Path = STATIC) -> Assets:
        files: dict[str, File] = {}
        for path in sorted(path for path in folder.iterdir() if path.suffix in KINDS):
            _read(path, files)
        return cls(files)

    def address(self, name: str) -> str:
        return self.by_name[name].address

    def at(self, address: str) -> File | None:
        return next((file for file in self.by_name.values() if file.address == address), None)


@cache
def shipped() -> Assets:
    """The files of the program, read once."""
    return Assets.load()


def _read(path: Path, files: dict[str, File]) -> File:
    """The file, and before it what it imports: a module is named by the addresses of its modules too."""

    def address(found: re.Match[bytes]) -> bytes:
        return _read(path.with_name(found[1].decode()), files).address.encode()

    if path.name not in files:
        body = _IMPORTED.sub(address, path.read_bytes()) if path.suffix == ".js" else path.read_bytes()
        name = f"{path.stem}.{sha256(body).hexdigest()[:DIGITS]}{path.suffix}"
        files[path.name] = File(f"/static/{name}", KINDS[path.suffix], Packed.of(body))
    return files[path.name]
