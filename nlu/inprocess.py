"""Runs actions.py inside the engine, so that no action server is needed and no message leaves the process."""

from __future__ import annotations

from typing import Any, Optional

from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from store import failing


class InProcessActions(EndpointConfig):
    """Stands where endpoints.yml names an action server: takes the same call, and gives the same answer."""

    def __init__(self) -> None:
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(
        self,
        method: str = "post",
        subpath: Optional[str] = None,
        content_type: Optional[str] = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Optional[Any]:
        """`json`: the call as Rasa sends it to an action server."""
        with failing():
            return await self._executor.run(kwargs["json"])
