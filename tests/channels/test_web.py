"""The page as a channel: the kit, and what is the page's own."""

from __future__ import annotations

import pytest

from bot.channels.web import Web
from tests.channels.kit import ChannelKit, Rig
from tests.channels.platforms.web import MailboxPhone, WebPlatform
from tests.channels.rigs import web_rig


class TestWeb(ChannelKit):
    @pytest.fixture
    async def rig(self, web: Web, postgres: WebPlatform, page: MailboxPhone) -> Rig:
        return web_rig(web, postgres, page)
