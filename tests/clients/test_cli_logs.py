"""`updraft logs`: what there is, what comes, and only what is asked for."""

import http.client
import http.server
import json
import subprocess
import threading

import pytest

from harness import functions
from harness.clients import Clients
from harness.platform import binary
from harness.terminal import CommandLine
from harness.wait import wait_until

TALKS = """
import traceback
def handler(event, context):
    print(event["say"])
    if event.get("trace"):
        try:
            open("/nothing/here")
        except OSError:
            for line in traceback.format_exc().splitlines():
                print(line)
    print("done saying it")
"""


@pytest.fixture(scope="module")
def line(platform):
    return CommandLine(platform.url)


@pytest.fixture
def talks(function):
    return function(TALKS)


def kept(line, function, text):
    """All lines, once `text` is among them: they are written a moment after the call."""
    return wait_until(lambda: (out := line.run("logs", function.name).out) and text in out and out, 15, f"{text} in the log")


def test_what_was_printed_is_there_with_its_time(line, talks):
    talks.invoke({"say": "hello"})
    out = kept(line, talks, "REPORT")
    times, messages = zip(*(entry.split(" ", 1) for entry in out.splitlines()))
    assert all(time.endswith("Z") and len(time) == 24 for time in times)
    assert [message.split()[0] for message in messages] == ["INIT_START", "START", "hello", "done", "END", "REPORT"]


def test_on_a_terminal_the_platforms_lines_step_back(line, talks):
    talks.invoke({"say": "hello"})
    kept(line, talks, "REPORT")
    done = line.shown("logs", talks.name)
    dim, plain = "\x1b[2m", [entry for entry in done.out.splitlines() if entry.endswith("hello")]
    assert len(plain) == 1 and f"{dim}hello" not in plain[0]
    assert f"{dim}START RequestId: " in done.out and f"{dim}REPORT RequestId: " in done.out
    assert done.plain.startswith("── 20"), "the day is said once, in front"
    assert "\x1b[" not in line.run("logs", talks.name).out


def test_following_shows_what_comes_at_once_and_without_asking_again_and_again(platform, talks):
    with Counting(platform.url) as counting:
        shown = CommandLine(counting.url).started("logs", talks.name, "--follow")
        shown.await_text("waiting for some")
        talks.invoke({"say": "the first"})
        shown.await_text("REPORT", 5)
        asked = counting.pages
        pause(1.5)
        assert counting.pages - asked <= 1, "it waits for an answer, it doesn't poll"
        talks.invoke({"say": "the second"})
        shown.await_text("the second", 5)
        shown.interrupt()
        shown.ended(10)


def pause(seconds):
    """For a test of what doesn't happen."""
    threading.Event().wait(seconds)


class Counting:
    """Hands requests on to a platform, and counts those for pages of logs."""

    def __init__(self, url):
        self.pages = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.pages += self.path.startswith("/_updraft/logs")
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                upstream = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
                upstream.request(self.command, self.path, body, dict(self.headers))
                answer = upstream.getresponse()
                content = answer.read()
                self.send_response(answer.status)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                upstream.close()

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        # The command line may have ended meanwhile.
        self.server.handle_error = lambda *_: None
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()


def test_following_survives_a_restart_of_the_platform(fresh):
    own = fresh().start()
    talks = functions.create(Clients(own.url), TALKS)
    talks.invoke({"say": "before"})
    shown = CommandLine(own.url).started("logs", talks.name, "--follow")
    shown.await_text("before")
    assert own.terminate(10) == 0, "a client that waits doesn't hold the platform up"
    shown.await_text("the platform is away")
    own.start()
    shown.await_text("the platform is back")
    talks.invoke({"say": "after"})
    shown.await_text("after")
    assert shown.plain.count("before") == 1, "nothing twice"
    shown.stop()


def test_following_ends_when_nobody_reads_any_more(line, talks):
    talks.invoke({"say": "hello"})
    kept(line, talks, "REPORT")
    piped = f"{binary()} logs {talks.name} --follow | head -n 1"
    done = subprocess.run(["bash", "-c", f"{piped}; echo ${{PIPESTATUS[0]}}"], env=line.env({}), capture_output=True, text=True, timeout=20)
    assert done.stdout.splitlines()[-1] == "0" and not done.stderr, done


def test_only_what_is_young_enough_by_the_platforms_clock(fresh):
    own = fresh().start()
    line = CommandLine(own.url)
    talks = functions.create(Clients(own.url), TALKS)
    talks.invoke({"say": "yesterday"})
    kept(line, talks, "yesterday")
    own.advance(24 * 3600)
    talks.invoke({"say": "today"})
    kept(line, talks, "today")
    young = line.run("logs", talks.name, "--since", "10m").out
    assert "today" in young and "yesterday" not in young
    assert "yesterday" in line.run("logs", talks.name, "--since", "2d").out
    last = young.split(" ", 1)[0]
    assert "today" in line.run("logs", talks.name, "--since", last).out
    done = line.run("logs", talks.name, "--since", "soon")
    assert done.code == 2 and "10m" in done.err


def test_a_trace_is_found_whole_by_any_text_in_it(line, talks):
    talks.invoke({"say": "hello", "trace": True})
    kept(line, talks, "REPORT")
    out = line.run("logs", talks.name, "--filter", "FileNotFoundError").out
    said = [entry.split(" ", 1)[1] for entry in out.splitlines()]
    assert said[0] == "Traceback (most recent call last):" and said[-1].startswith("FileNotFoundError: "), out
    assert 'main.py", line 7, in handler' in out and "hello" not in out
    shown = line.shown("logs", talks.name, "--filter", "FileNotFoundError").out
    assert shown.count("\x1b[31m") == len(said), "an error is red, all of it"


def test_a_program_reads_one_object_a_line(line, talks):
    talks.invoke({"say": "hello"})
    kept(line, talks, "REPORT")
    entries = [json.loads(entry) for entry in line.run("logs", talks.name, "--json").out.splitlines()]
    assert all(set(entry) == {"time", "stream", "message"} for entry in entries)
    assert [entry["message"] for entry in entries if entry["message"].startswith("h")] == ["hello\n"]
    assert len({entry["stream"] for entry in entries}) == 1


def test_a_group_of_another_name_is_found_by_the_function(line, function):
    other = function(TALKS, LoggingConfig={"LogGroup": "/teams/blue"})
    other.invoke({"say": "in blue"})
    assert "in blue" in kept(line, other, "in blue")
    assert "in blue" in line.run("logs", "/teams/blue").out


def test_logs_outlive_their_function(line, clients):
    talks = functions.create(clients, TALKS)
    talks.invoke({"say": "the last words"})
    kept(line, talks, "the last words")
    talks.client.delete_function(FunctionName=talks.name)
    assert "the last words" in line.run("logs", talks.name).out


def test_no_logs_and_no_function_are_told_apart(line, talks):
    done = line.run("logs", talks.name)
    assert (done.code, done.out) == (0, "") and "has the function been invoked?" in done.err
    done = line.run("logs", f"{talks.name}x")
    assert done.code == 1 and f"is it {talks.name}?" in done.err


def test_accounts_have_their_own_logs(platform, clients):
    other = clients.other("222333444555")
    talks = functions.create(other, TALKS)
    talks.invoke({"say": "elsewhere"})
    line = CommandLine(platform.url, AWS_ACCESS_KEY_ID="222333444555", AWS_SECRET_ACCESS_KEY="test")
    assert "elsewhere" in kept(line, talks, "elsewhere")
    assert "elsewhere" in CommandLine(platform.url).run("logs", talks.name, "--account", "222333444555").out
    assert CommandLine(platform.url).run("logs", talks.name).code == 1
