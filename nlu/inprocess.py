"""Runs actions.py inside the engine, so that no action server is needed and no message leaves the process."""

from __future__ import annotations

from typing import Any

from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from store import failing


class InProcessActions(EndpointConfig):
    """Stands where endpoints.yml names an action server: takes the same call, and gives the same answer."""

    def __init__(self) -> None:
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package("actions")
        trust_own_answers()

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any | None:
        """`json`: the call as Rasa sends it to an action server."""
        with failing():
            return await self._executor.run(kwargs["json"])


def trust_own_answers() -> None:
    """Rasa checks each answer of an action server against a JSON schema, and each time that schema itself: 23 of 25 ms
    a turn. Answers that rasa_sdk made in this process are not checked; those of a server still are."""
    check = RemoteAction._validate_action_result

    def checked(self: RemoteAction, result: dict[str, Any]) -> bool:
        return isinstance(self.action_endpoint, InProcessActions) or check(self, result)

    RemoteAction._validate_action_result = checked
