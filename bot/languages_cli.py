"""`faro languages`: which languages people are offered, and what the others lack."""

from __future__ import annotations

import sys

import click

from bot.languages import examples, folders, missing, read

SHOWN = 20  # names of what lacks; a language that somebody just began lacks hundreds


@click.command()
@click.option("--all", "every", is_flag=True, help="Name everything that lacks, not only the first few.")
def languages(every: bool) -> None:
    """List the languages, what each holds and lacks; exit code 1 if one is not offered."""
    lacking = {folder.name: missing(folder) for folder in folders()}
    click.echo(f"{'':4} {'language':18} {'offered':8} {'texts':>6} {'examples':>9}")
    for folder in folders():
        say = read(folder / "say.yml")
        nlu = folder / "nlu.yml"
        count = sum(examples(nlu).values()) if nlu.is_file() else 0
        texts = len(say.get("messages", {})) + len(say.get("questions", {}))
        offered = "no" if lacking[folder.name] else "yes"
        click.echo(f"{folder.name:4} {say.get('language', '?'):18} {offered:8} {texts:6} {count:9}")
    for code, names in lacking.items():
        _tell(code, names if every else names[:SHOWN], len(names))
    sys.exit(1 if any(lacking.values()) else 0)


def _tell(code: str, names: list[str], count: int) -> None:
    if names:
        more = f", and {count - len(names)} more (--all)" if count > len(names) else ""
        click.echo(f"\n{code} lacks {', '.join(names)}{more}")
