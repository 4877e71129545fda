"""A tar that somebody hands in, of which plain files are read and nothing else.

The library would follow links inside of it, fill holes with gigabytes of zeros, and stumble over odd headers in a dozen
ways. Nothing is ever unpacked to a path that stands in it: a name is only compared.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from storage.refused import Refused

MOST = 1000  # members; ours have a few dozen. A size beyond 8 GiB stands in a header of its own, the only one allowed
_STUMBLES = (tarfile.TarError, ValueError, OverflowError, EOFError, RecursionError)  # of the library, over odd headers


class TarRefused(Refused):
    """No tar, a damaged one, or one that holds more than plain files of plain names."""


@dataclass(frozen=True)
class PlainTar:
    """Its files by name. Sizes are those that really lie in it, so that a file is never larger than the tar."""

    _archive: tarfile.TarFile
    _members: dict[str, tarfile.TarInfo]

    @property
    def names(self) -> list[str]:
        """In their order."""
        return list(self._members)

    def file(self, name: str) -> IO[bytes]:
        """To be read while the tar is open. Raises TarRefused if it is not there."""
        found = self._archive.extractfile(self._members[name]) if name in self._members else None
        if found is None:
            raise TarRefused(f"{name} is missing")
        return found

    def read(self, name: str, most: int) -> bytes:
        """The whole file. Raises TarRefused if it is not there, or longer than `most` bytes."""
        file = self.file(name)
        if self._members[name].size > most:
            raise TarRefused(f"{name} is larger than it may be")
        return file.read()


@contextmanager
def opened(source: Path | IO[bytes]) -> Iterator[PlainTar]:
    """Looks at every header first, so that what is read later is known to be there. Raises TarRefused."""
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(_archive(source))
            plain = PlainTar(archive, dict(_plain(archive)))
        except _STUMBLES:
            raise TarRefused("not an archive, or a damaged one") from None
        yield plain


def _archive(source: Path | IO[bytes]) -> tarfile.TarFile:
    return tarfile.open(source, "r:") if isinstance(source, Path) else tarfile.open(fileobj=source, mode="r:")


def _plain(archive: tarfile.TarFile) -> Iterator[tuple[str, tarfile.TarInfo]]:
    seen: set[str] = set()
    for member in archive:
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or not set(member.pax_headers) <= {"size"}:
            raise TarRefused("a member that is no plain file")
        if not _is_name(member.name) or member.name in seen:
            raise TarRefused("a member whose name leads elsewhere, or that is there twice")
        if len(seen) == MOST:
            raise TarRefused("more members than it may have")
        seen.add(member.name)
        yield member.name, member


def _is_name(name: str) -> bool:
    parts = name.split("/")
    return name.isprintable() and len(name) < 256 and not {"", ".", ".."} & set(parts)
