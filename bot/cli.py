"""`./run faro …`: the commands by name. A command's module is loaded when it is called, so that help comes at once."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import override

import click

from bot.errors import SettingsError
from storage.errors import DatabaseDown

# name -> where it lives, and the line that help shows
COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("bot.serve:serve", "Start everything on this machine; Ctrl-C stops it."),
    "gateway": ("bot.gateway:gateway", "Run the public door alone."),
    "console": ("bot.console.command:console", "Run the officers' door alone."),
    "worker": ("bot.worker:worker", "Run one worker alone."),
    "engine": ("bot.engines:engine", "Run one dialogue engine alone."),
    "migrate": ("bot.gateway:migrate", "Bring the database's tables up to date."),
    "doctor": ("bot.doctor:doctor", "Check settings, keys, model, database and platforms; says what to do."),
    "drill": ("bot.drill:drill", "Take what a seizure of this host would take, and tell what a reader learns."),
    "backup": ("bot.backup:backup", "Write database and keys, kept apart, for a server that is lost."),
    "restore": ("bot.backup:restore", "Bring a backup into an empty database."),
    "keys": ("bot.keys_cli:keys", "Secrets: how old they are, and another in the place of one."),
    "webhooks": ("bot.webhooks:webhooks", "Tell the platforms where to deliver."),
    "talk": ("bot.talk:talk", "Talk to Faro in the terminal (practice mode)."),
    "officer": ("bot.officer:officer", "Officer's side: keys, list, fetch, open, acknowledge, verify."),
    "roster": ("bot.roster_cli:roster", "Directors' side: who may open reports."),
    "languages": ("bot.languages_cli:languages", "Languages: which people are offered, and what the others lack."),
    "behaviours": ("bot.behaviours_cli:behaviours", "Run the tests of SAFETY.md and print what became of each line."),
    "directory": ("bot.directory_cli:directory", "Telephone numbers: which are unverified or stale."),
    "statistics": ("bot.statistics_cli:statistics", "How many conversations began by each placement's code, by month."),
    "placements": ("bot.placements_cli:placements", "Cards: is their list as it must be, and codes for new ones."),
    "cards": ("bot.cards.cli:cards", "Print-ready sheets of the cards and posters of placements.csv."),
}


class _Lazy(click.Group):
    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
def faro() -> None:
    """Faro: a chatbot through which possible victims of human trafficking report by themselves."""


def main() -> None:
    """One clear line for wrong settings (exit code 2), no database or a file that can't be used (1); a traceback only
    for faults of ours."""
    try:
        faro(prog_name="faro")
    except SettingsError as error:
        click.echo(f"faro: {error}", err=True)
        sys.exit(2)
    except DatabaseDown:
        click.echo("faro: the database does not answer, or does not let us in; look at FARO_DATABASE_URL.", err=True)
        sys.exit(1)
    except OSError as error:
        if error.filename is None:
            raise
        click.echo(f"faro: {error.filename}: {error.strerror}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
