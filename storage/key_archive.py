"""The long-lived keys as one age file, for those who may bring a server back. They are never written in the clear.

Folders of short-lived keys carry a CACHEDIR.TAG (keyfiles.py) and stay out: a copy would undo every shredding.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from storage import age, keyfiles, plain_tar
from storage.age import HybridIdentity, HybridRecipient
from storage.refused import Refused

TAG = "CACHEDIR.TAG"
NEVER = ("epochs", "pseudonyms")  # also without their tag
RING = "keys"
FOLDERS = (RING, "practice")  # in practice the officers' keys lie on the server too
LONGEST = 64 * 1024  # bytes of one file


class KeysRefused(Refused):
    """Not an archive of keys, not addressed to this key, or other keys lie there already."""


def write(path: Path, root: Path, folders: Sequence[str], recipients: Sequence[HybridRecipient]) -> list[str]:
    """Seals the keys in these folders of `root` into a new file for its owner alone. Gives their names, sorted.

    Raises FileExistsError, `age.RecipientsRefused` without a recipient."""
    names = sorted(name for folder in folders for name in _names(root, root / folder))
    sealed = age.encrypt(_packed(root, names), recipients)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    return names


def read(path: Path, identity: HybridIdentity) -> dict[str, bytes]:
    """The keys, by name below the root. Raises KeysRefused."""
    try:
        packed = age.decrypt(path.read_bytes(), [identity])
        with plain_tar.opened(io.BytesIO(packed)) as archive:
            return {name: _key(name, archive.read(name, LONGEST)) for name in archive.names}
    except age.NoMatch:
        raise KeysRefused("the archive of keys is not addressed to this key") from None
    except (age.AgeError, plain_tar.TarRefused):
        raise KeysRefused("not an archive of keys, or a damaged one") from None


def lay(root: Path, keys: dict[str, bytes]) -> None:
    """Writes the keys below `root`; those that lie there must be the same. Raises KeysRefused before writing any."""
    for name, key in keys.items():
        if keyfiles.read(root / name) not in (None, key):
            raise KeysRefused(f"another {name} lies there; nothing is replaced")
    for name, key in keys.items():
        keyfiles.folder((root / name).parent)
        if keyfiles.read(root / name) is None:
            keyfiles.publish(root / name, key)


def _names(root: Path, folder: Path) -> Iterator[str]:
    for place, folders, files in folder.walk():
        folders[:] = [one for one in folders if one not in NEVER and not (place / one / TAG).exists()]
        for file in files:
            if not file.startswith("."):  # drafts of a key that is just being made
                yield str((place / file).relative_to(root))


def _packed(root: Path, names: Sequence[str]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name in names:
            data = (root / name).read_bytes()
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o600
            archive.addfile(member, io.BytesIO(data))
    return target.getvalue()


def _key(name: str, key: bytes) -> bytes:
    """Who knows the card alone can seal an archive too: what stands in it is believed no more than that."""
    folder, *parts = name.split("/")
    if folder not in FOLDERS or not parts or set(parts) & set(NEVER):
        raise KeysRefused("a name that no key has")
    if folder == RING and name.endswith(".key") and len(key) != keyfiles.KEY_BYTES:
        raise KeysRefused("a key of another length")
    return key
