"""Real PostgreSQL servers: one that is given (UPDRAFT_TEST_POSTGRES), or our own, which may be killed."""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from .platform import free_port
from .wait import wait_until

USER, PASSWORD = "updraft", "a-secret-of-tests"
GIVEN = "UPDRAFT_TEST_POSTGRES"
_numbers = itertools.count(1)


def tool(name):
    """A program of PostgreSQL's: on PATH, or where Debian keeps those of the server."""
    found = shutil.which(name)
    if found:
        return found
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    assert installed, f"{name} is missing: install PostgreSQL (Debian: apt install postgresql), or set {GIVEN}"
    return str(installed[-1])


def given_or_own():
    """The server for tests that leave it alive."""
    return Given(os.environ[GIVEN]) if os.environ.get(GIVEN) else Server().start()


class Databases:
    """What both kinds of server can do. `url` names a database to connect to for making others."""

    def sql(self, text, url=None):
        """Runs statements; the rows as lines."""
        command = [tool("psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
        done = subprocess.run(
            [*command, "--command", text, url or self.url],
            capture_output=True,
            text=True,
            timeout=60,
            env={"PATH": os.environ["PATH"], "PGCONNECT_TIMEOUT": "10"},
        )
        assert done.returncode == 0, f"{text}: {done.stderr.strip()}"
        return done.stdout.splitlines()

    def fresh_database(self):
        """The URL of a new, empty one."""
        name = f"updraft_test_{os.getpid()}_{next(_numbers)}"
        self.sql(f"CREATE DATABASE {name}")
        return with_database(self.url, name)

    def drop(self, url):
        self.sql(f"DROP DATABASE IF EXISTS {database_of(url)} WITH (FORCE)")

    def disconnect(self, url):
        """Ends everybody's connections to a database, as a fail-over or a pooler does."""
        here = f"datname = '{database_of(url)}' AND pid <> pg_backend_pid()"
        self.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {here}")

    def busy(self, url):
        """Whether a statement or a transaction is under way there: of a client that died, it may still be."""
        here = f"datname = '{database_of(url)}' AND backend_type = 'client backend'"
        (count,) = self.sql(f"SELECT count(*) FROM pg_stat_activity WHERE {here} AND state <> 'idle'")
        return int(count) > 0


class Given(Databases):
    """Somebody else's server."""

    def __init__(self, url):
        self.url = url

    def remove(self):
        """It isn't ours."""


class Server(Databases):
    """Our own, in a folder of its own, on a free port of loopback."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="updraft-postgres-"))
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.port = free_port()
        self.process = None
        self.frozen = []

    @property
    def url(self):
        return f"postgres://{USER}:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def start(self, seconds=60.0, **settings):
        """Makes the cluster if there is none yet. `settings` are the server's own."""
        if not self.data.exists():
            self.make()
        options = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self.folder, **settings}
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            command = [tool("postgres"), "-D", str(self.data), *words]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **self.who())
        wait_until(self._answers_or_dead, seconds, "PostgreSQL's readiness")
        assert self.process.poll() is None, f"PostgreSQL ended:\n{self.tail()}"
        return self

    def make(self):
        if "user" in self.who():
            shutil.chown(self.folder, "postgres", "postgres")
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        auth = ["--auth-host=scram-sha-256", "--auth-local=trust", f"--pwfile={secret}"]
        self.run("initdb", "-D", self.data, "-U", USER, "--no-sync", "--encoding=UTF8", "--locale=C", *auth)

    def standby(self):
        """A second server that follows this one, read-only until it is promoted."""
        other = Server()
        if "user" in self.who():
            shutil.chown(other.folder, "postgres", "postgres")
        self.run("pg_basebackup", "-D", other.data, "-d", self.url, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        return other.start()

    def promote(self):
        self.run("pg_ctl", "promote", "-w", "-D", self.data)

    def run(self, name, *args):
        done = subprocess.run([tool(name), *map(str, args)], capture_output=True, text=True, timeout=120, **self.who())
        assert done.returncode == 0, f"{name}: {done.stderr.strip()}"

    @staticmethod
    def who():
        """PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return {}
        account = pwd.getpwnam("postgres")
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"}

    def _answers_or_dead(self):
        if self.process.poll() is not None:
            return True
        ready = [tool("pg_isready"), "--quiet", "--timeout=5", "--host=127.0.0.1", f"--port={self.port}"]
        return subprocess.run(ready, timeout=30).returncode == 0

    def kill(self):
        """SIGKILL for the server and all of its processes: what a power cut looks like to its clients."""
        family = [self.process.pid, *children_of(self.process.pid)]
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # Its own end came first.
        self.process.wait(30)
        wait_until(lambda: not any(map(alive, family)), 30, "the end of PostgreSQL's processes")

    def freeze(self):
        """SIGSTOP for all of it: connections stay open, and nothing answers."""
        self.frozen = [self.process.pid, *children_of(self.process.pid)]
        for pid in self.frozen:
            os.kill(pid, signal.SIGSTOP)

    def thaw(self):
        for pid in self.frozen:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass

    def stop(self, how=signal.SIGINT):
        """SIGINT is PostgreSQL's fast shutdown: clients are cut off."""
        self.process.send_signal(how)
        self.process.wait(60)

    def remove(self):
        if self.process and self.process.poll() is None:
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def tail(self, lines=30):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def children_of(pid):
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(word) for word in listed.split()]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def database_of(url):
    return urlsplit(url).path.removeprefix("/")


def with_database(url, name):
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def with_password(url, password):
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.username}:{password}@{parts.hostname}:{parts.port}"))
