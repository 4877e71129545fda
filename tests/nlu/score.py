"""Says how well held-out sentences are understood: `python -m tests.nlu.score [confusion.png]`, in the root."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.engine import PYTHON
from tests.nlu.measure import ANSWERS, URGENT, Measured, Understood, measured, model, sentences
from tests.nlu.test_examples import INTENTS, LANGUAGES

MOST = 12
"""Sentences shown of each kind of error."""


def main() -> int:
    """Print the tables; draw the confusion of all languages if a file is named."""
    names = sorted(INTENTS)
    print(f"{len(sentences())} sentences, {1000 * model()['seconds'] / len(sentences()):.1f} ms each\n")
    print("\n".join([*overview(), "", *recalls(names), "", *costliest(measured())]))
    if len(sys.argv) > 1:
        draw(measured(), [*names, "nlu_fallback"], Path(sys.argv[1]))
    return 0


def overview() -> Iterator[str]:
    """One line a language."""
    yield "language  sentences  accuracy  cries heard  false alarms  exit   watched  yes/no/unsure/skip"
    for language in (*LANGUAGES, ""):
        of = measured(language)
        yield (
            f"{language or 'all':<9} {len(of.sentences):>9}  {of.accuracy:>8.3f}  {of.alarms_heard:>11.3f}"
            f"  {of.false_alarms:>12.3f}  {of.heard('exit'):.3f}"
            f"  {of.heard('watched'):>7.3f}  {of.recall(*ANSWERS):.3f}"
        )


def recalls(names: list[str]) -> Iterator[str]:
    """One line an intent: how much of it is understood, in each language."""
    yield f"{'recall':<22}" + "".join(f"{language:>7}" for language in (*LANGUAGES, "all"))
    for name in names:
        shares = [measured(language).recall(name) for language in (*LANGUAGES, "")]
        yield f"{name:<22}" + "".join(f"{share:>7.2f}" for share in shares)


def costliest(of: Measured) -> Iterator[str]:
    """The errors that cost most, worst first."""
    wrong = [one for one in of.sentences if not one.right]
    kinds = {
        "cries that neither model nor list heard": [one for one in of.of(*URGENT) if not one.alarm],
        "watched, not heard": [one for one in of.of("watched") if not one.heard],
        "exit, not heard": [one for one in of.of("exit") if not one.heard],
        "false alarms": [one for one in of.sentences if one.alarm and one.meant not in URGENT],
        "yes for no, or no for yes": [one for one in wrong if {one.meant, one.found} == {"affirm", "deny"}],
    }
    for kind, errors in kinds.items():
        yield f"{kind}: {len(errors)}"
        yield from (f"  {shown(one)}" for one in errors[:MOST])
    yield "most frequent: " + ", ".join(f"{a} as {b} {n}" for (a, b), n in of.mistaken().most_common(MOST))


def shown(one: Understood) -> str:
    return f"{one.language} {one.meant} as {one.found}{f' (list: {one.sign})' if one.sign else ''}: {one.text}"


def draw(of: Measured, names: list[str], target: Path) -> None:
    """A picture of what is taken for what."""
    count = of.mistaken()
    rows = []
    for meant in names:
        total = len(of.of(meant)) or 1
        right = sum(one.right for one in of.of(meant))
        rows.append([(right if meant == found else count[meant, found]) / total for found in names])
    table = json.dumps({"names": names, "shares": rows}).encode()
    subprocess.run([PYTHON, Path(__file__).with_name("picture.py"), target.absolute()], input=table, check=True)


if __name__ == "__main__":
    sys.exit(main())
