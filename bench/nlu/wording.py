"""Run by the engine's own Python: prints, as JSON, how each question is put and what its buttons say, by language."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "nlu"))

from words import load

SHORTER = ("ask", "sms", "other", "minor", "back", "other_back", "minor_back", "whatsapp", "telegram", "terminal")


def main() -> None:
    questions, words = load()
    found: dict[str, dict[str, object]] = {}
    for code, language in words.languages.items():
        found[code] = {
            question.id: {
                "asks": [str(text) for name in SHORTER if (text := language.questions.get(question.id, {}).get(name))],
                "titles": {option: language.title(question, option) for option in question.options},
            }
            for question in questions.all
        }
    json.dump(found, sys.stdout)


main()
