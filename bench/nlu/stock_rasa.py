"""Stock Rasa: `stock_rasa.py ORIGIN run …` is `rasa run …`, and its Twilio connector calls ORIGIN for api.twilio.com.

Run by the engine's own Python. Nothing else is changed: Rasa's server, its connector with Twilio's package, its tracker
store, its client of the action server.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from rasa.__main__ import main
from rasa.core.channels.twilio import TwilioOutput

NLU = Path(__file__).parent.parent.parent / "nlu"  # where Rasa finds the parts of the model


def redirect(origin: str) -> None:
    """Rasa has no setting for the address of Twilio's API."""
    begin = TwilioOutput.__init__

    def begun(self: TwilioOutput, *arguments: Any, **named: Any) -> None:
        begin(self, *arguments, **named)
        self.api.base_url = origin

    TwilioOutput.__init__ = begun


if __name__ == "__main__":
    os.chdir(NLU)
    redirect(sys.argv.pop(1))
    sys.exit(main())
