"""The whole box, as the engine is put into it: each test fails when a piece of the wall is taken away."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.box import enter
from tests.bot.box.inside import boxed, goods, outside, tries

NOBODY = 65534
AS_WHOM = [None, NOBODY] if os.geteuid() == 0 else [None]  # an ordinary user needs no right either
NO_NETWORK = {"EPERM", "EACCES", "ENETUNREACH", "ENETDOWN", "EAFNOSUPPORT"}


@pytest.fixture(params=AS_WHOM, ids=lambda user: "as it is" if user is None else "as an ordinary user")
def user(request: pytest.FixtureRequest) -> int | None:
    chosen: int | None = request.param
    if chosen is not None:
        try:
            subprocess.run([sys.executable, "-c", ""], user=chosen, check=True, cwd="/", capture_output=True)
        except (PermissionError, subprocess.CalledProcessError):
            pytest.skip("our Python is closed to other accounts")
    return chosen


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not in pytest's folder, which other accounts may not pass."""
    with tempfile.TemporaryDirectory(prefix="faro-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_no_connection_leads_out_and_none_can_be_waited_for(folder: Path, user: int | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as named:
        hidden = f"\\0faro-{os.getpid()}"
        named.bind(hidden.replace("\\0", "\0"))
        named.listen()
        port = tcp.getsockname()[1]
        local = tries(
            loopback=f"linked(socket.SOCK_STREAM, ('127.0.0.1', {port}))",
            abstract=f"linked(socket.SOCK_STREAM, '{hidden}', socket.AF_UNIX)",
        )
        assert outside(local) == {"loopback": None, "abstract": None}
        assert set(boxed(folder / "a", local, user=user).values()) <= NO_NETWORK
    far = tries(
        internet="linked(socket.SOCK_STREAM, ('192.0.2.1', 443))",
        datagram="linked(socket.SOCK_DGRAM, ('192.0.2.1', 53))",
        listening="socket.create_server(('127.0.0.1', 0))",
        raw="socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
        kernel="socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    )
    found = boxed(folder / "b", far, user=user)
    assert len(found) == 5
    assert set(found.values()) <= NO_NETWORK


def test_no_file_is_read_but_its_own_and_none_written_but_in_its_own_folder(folder: Path, user: int | None) -> None:
    keys = folder / "keys"
    keys.mkdir()
    (keys / "digest.key").write_bytes(b"open to all, so that the box alone can keep it")
    (keys / "digest.key").chmod(0o644)
    steps = tries(
        keys=f"open({str(keys / 'digest.key')!r}).read()",
        keys_names=f"os.listdir({str(keys)!r})",
        passwords="open('/etc/shadow').read()",
        accounts="open('/etc/passwd').read()",
        home=f"os.listdir({str(Path.home())!r})",
        processes="open('/proc/1/cmdline').read()",
        own_socket=f"os.unlink({str(folder / 'x' / 'door')!r})",
        root="os.listdir('/')",
        written=f"open({str(folder / 'new')!r}, 'w')",
        code=f"open({str(goods().nlu / 'speech.py')!r}, 'a')",
        python=f"open({str(goods().python)!r}, 'ab')",
        shell="os.execv('/bin/sh', ['sh'])",
        older_model=f"open({str(goods().nlu / 'models' / 'another.tar.gz')!r}).read()",
    )
    found = boxed(folder / "x", steps, user=user)
    assert len(found) == 13
    assert set(found.values()) <= {"EACCES", "EPERM", "ENOENT", "EROFS"}
    own = tries(
        model=f"open({str(goods().model)!r}, 'rb').read(1)",
        words=f"open({str(goods().nlu / 'questions.yml')!r}).read()",
        temporary="open(os.environ['TMPDIR'] + '/new', 'w').write('x')",
    )
    assert boxed(folder / "y", own, user=user) == {"model": None, "words": None, "temporary": None}


def test_nobody_else_is_signalled_or_looked_into_and_no_new_box_is_built(folder: Path, user: int | None) -> None:
    steps = tries(
        signalled=f"os.kill({os.getpid()}, 0)",
        starter="os.kill(os.getppid(), 0)",
        everyone="os.kill(-1, 0)",
        itself="os.kill(os.getpid(), 0)",
    )
    found = boxed(folder / "x", steps, user=user)
    assert found.pop("itself") is None
    assert set(found.values()) == {"EPERM"}


WHO = """
import json, os
print(json.dumps({"uid": os.getresuid(), "groups": os.getgroups(), "environment": dict(os.environ),
                  "arguments": __import__("sys").argv[1:], "umask": os.umask(0)}))
"""


def test_it_is_nobody_of_consequence_and_knows_nothing_of_where_it_is(folder: Path, user: int | None) -> None:
    found = boxed(folder / "x", WHO, user=user)
    expected = user or os.geteuid()
    if expected:
        assert found["uid"] == [expected] * 3  # the account that started it
    else:
        assert len(set(found["uid"])) == 1
        assert found["uid"][0] not in (0, NOBODY)
        assert found["groups"] == []
    assert not {"FARO_ENGINE_TOKEN", "FARO_SMTP_URL", "PYTHONPATH"} & found["environment"].keys()
    assert set(found["environment"]) <= {*enter.KEPT, "HOME", "TMPDIR", "PYTHONDONTWRITEBYTECODE", "LC_CTYPE"}
    assert not any("a-word-that-nobody-sees" in argument for argument in found["arguments"])
    assert found["umask"] & 0o077 == 0o077


def test_a_measure_that_lacks_unforeseen_ends_it(folder: Path) -> None:
    """The kernel gave it when it was asked, and does not now: then nothing starts."""
    room = folder / "room"  # there is none, so no other file system can be mounted there
    command = [sys.executable, "-I", enter.__file__, "--room", room, "--socket", folder / "door"]
    run = subprocess.run([*command, "--", "/bin/true"], capture_output=True, text=True, check=False)
    assert run.returncode == enter.REFUSED
    assert "the engine's box lacks" in run.stderr
    assert "spaces" in run.stderr
