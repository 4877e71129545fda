"""The one thing that all refusals of sealed files, signed documents and keys have in common."""

from typing import ClassVar


class Refused(Exception):
    """What was handed over cannot be read or trusted.

    Trying again cannot help. The message names the rule that was broken and holds no value: it may be logged.
    """

    retry: ClassVar[bool] = False

    @property
    def code(self) -> str:
        return type(self).__name__
