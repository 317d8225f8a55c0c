"""Functions that are WebAssembly components: bare handlers, and those that serve HTTP."""

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness import function_urls, wasm
from harness.clients import Clients
from harness.platform import ROOT, run_updraft
from harness.wait import wait_until

FOREVER = "(loop $forever (br $forever)) unreachable"
GROW = "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (call $number (i64.const 1))"
CALLS = "(call $number (i64.extend_i32_u (global.get $calls)))"
NOW = "(call $now (i32.const 64)) (call $number (i64.load (i32.const 64)))"
DEADLINE = "(call $number (local.get $deadline))"
# Looks OWN up, which is at 1024, and answers with its value.
OWN = """
(local $at i32) (local $left i32)
(call $get-environment (i32.const 64))
(local.set $at (i32.load (i32.const 64)))
(local.set $left (i32.load (i32.const 68)))
(loop $next
  (if (i32.and (i32.eq (i32.load (i32.add (local.get $at) (i32.const 4))) (i32.const 3))
        (i32.eq (i32.and (i32.load (i32.load (local.get $at))) (i32.const 0xffffff)) (i32.load (i32.const 1024))))
    (then (return (call $ok (i32.load offset=8 (local.get $at)) (i32.load offset=12 (local.get $at))))))
  (local.set $at (i32.add (local.get $at) (i32.const 16)))
  (local.set $left (i32.sub (local.get $left) (i32.const 1)))
  (br_if $next (local.get $left)))
(call $number (i64.const 0))
"""
# Asks AUTHORITY where the path is `/away` (five letters long), and answers with what came of it.
AWAY = """
(if (i32.eq (local.get $size) (i32.const 5))
  (then
    (local.set $path (call $digits (call $go-away)))
    (local.set $size (i32.sub (i32.const 2048) (local.get $path)))))
"""
DENIED = 1015
# Puts its event, if that isn't `{}`, into a file of /tmp, and answers with what is in there.
KEPT = """
(if (i32.gt_u (local.get $event-size) (i32.const 2))
  (then (call $write-file (call $open (i32.const 1) (i32.const 1024) (i32.const 4) (i32.const 9) (i32.const 2))
    (local.get $event) (local.get $event-size) (i64.const 0) (i32.const 64))))
(local.set $n (call $open (i32.const 1) (i32.const 1024) (i32.const 4) (i32.const 0) (i32.const 1)))
(if (i32.lt_s (local.get $n) (i32.const 0))
  (then (return (call $number (i64.extend_i32_u (i32.sub (i32.const -1) (local.get $n)))))))
(call $read-file (local.get $n) (i64.const 65536) (i64.const 0) (i32.const 64))
(call $ok (i32.load (i32.const 68)) (i32.load (i32.const 72)))
"""
NO_ENTRY, NOT_PERMITTED, READ_ONLY = 20, 31, 33


@pytest.fixture(autouse=True, scope="module")
def runs_components():
    wasm.needed()


@pytest.fixture
def component(clients):
    """Makes functions of components and deletes them at the end."""
    made = []

    def make(component, **settings):
        made.append(wasm.create(clients, component, **settings))
        return made[-1]

    yield make
    for one in made:
        one.client.delete_function(FunctionName=one.name)


def test_a_component_is_invoked_and_its_log_is_a_functions(component):
    one = component(wasm.handler(f"(call $print (i32.const 1024) (i32.const 6)) {wasm.ECHO}", data="hello\\n"))
    error, told, tail = one.invoke_with_log({"a": [1, "ä"]})
    assert (error, told) == (None, {"a": [1, "ä"]})
    lines = tail.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["START", "hello", "END", "REPORT"], tail
    assert "Init Duration: " in lines[-1] and "Memory Size: 128 MB" in lines[-1], tail
    assert "Init Duration" not in one.invoke_with_log(1)[2], "a warm call"


def test_what_it_keeps_is_there_in_the_next_call(component):
    one = component(wasm.handler(CALLS))
    assert [one.invoke()[2] for _ in range(3)] == [1, 2, 3]


def test_instances_keep_apart(component):
    # Each call takes a moment, so that they need several instances.
    wait = "(loop $again (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $again (i32.lt_u (local.get $n) (i32.const 3000000))))"
    one = component(wasm.handler(wait + CALLS), MemorySize=1769)
    told = []
    threads = [threading.Thread(target=lambda: told.append(one.invoke())) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(error is None for _, error, _ in told), told
    counts = sorted(count for _, _, count in told)
    assert len(counts) == 24 and counts[0] == 1


def test_an_error_of_its_own(component):
    one = component(wasm.handler("(call $failed (i32.const 1024) (i32.const 3) (i32.const 1027) (i32.const 8))", data="Ownas asked"))
    assert one.invoke() == (200, "Unhandled", {"errorType": "Own", "errorMessage": "as asked"})


def test_the_environment(component):
    environment = {"Variables": {"OWN": '{"mine": 1}'}}
    body = "(return (call $own))"
    more = f"(func $own (result i32) {OWN})"
    one = component(wasm.handler(body, more, "OWN\\00"), Environment=environment)
    assert one.invoke()[1:] == (None, {"mine": 1})


def test_a_function_that_computes_for_ever_times_out_and_others_go_on(component):
    hangs, echo = component(wasm.handler(FOREVER), Timeout=1), component(wasm.handler(wasm.ECHO))
    calls = [threading.Thread(target=hangs.invoke) for _ in range(8)]
    for call in calls:
        call.start()
    for n in range(20):
        assert echo.invoke(n)[2] == n
    for call in calls:
        call.join()
    error, told, tail = hangs.invoke_with_log()
    assert error == "Unhandled" and told["errorType"] == "Sandbox.Timedout"
    assert told["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert "Status: timeout" in tail


def test_its_share_of_the_processor_goes_with_its_memory(fresh):
    platform = fresh().start()
    hangs = wasm.create(Clients(platform.url), wasm.handler(FOREVER), MemorySize=128, Timeout=3)
    # The first call compiles it, which is not its own time.
    hangs.invoke()
    before = processor_seconds(platform)
    hangs.invoke()
    # A fourteenth of three seconds, and what the platform does besides.
    assert processor_seconds(platform) - before < 1


def processor_seconds(platform):
    fields = Path(f"/proc/{platform.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_memory_has_a_limit(component):
    one = component(wasm.handler(GROW))
    for _ in range(2):
        error, told, tail = one.invoke_with_log()
        assert (error, told["errorType"]) == ("Unhandled", "Runtime.ExitError")
        assert told["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
        assert "Max Memory Used: 128 MB" in tail
    roomy = component(wasm.handler("(drop (memory.grow (i32.const 1600))) (call $number (i64.extend_i32_u (memory.size)))"))
    assert roomy.invoke()[2] == 1601


def test_a_trap_says_what_it_was(component):
    one = component(wasm.handler("unreachable"))
    error, told, tail = one.invoke_with_log()
    assert (error, told["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert told["errorMessage"].endswith("Runtime exited with error: wasm trap: wasm `unreachable` instruction executed")
    assert "unreachable" in tail
    deep = component(wasm.handler("(call $deep)", "(func $deep (result i32) (call $deep))"))
    assert deep.invoke()[2]["errorMessage"].endswith("wasm trap: call stack exhausted")
    beyond = component(wasm.handler("(i32.load (i32.const -8))"))
    assert beyond.invoke()[2]["errorMessage"].endswith("wasm trap: out of bounds memory access")


def test_an_exit(component):
    one = component(wasm.handler("(call $exit (i32.const 1)) unreachable"))
    assert one.invoke()[2]["errorMessage"].endswith("Error: Runtime exited with error: exit status 1")


def test_an_answer_that_is_too_large(component):
    one = component(wasm.handler("(drop (memory.grow (i32.const 120))) (call $ok (i32.const 0) (i32.const 7000000))"))
    assert one.invoke()[2]["errorType"] == "Function.ResponseSizeTooLarge"


def test_time_is_the_platforms(fresh):
    platform = fresh().start()
    clients = Clients(platform.url)
    now, deadline = (wasm.create(clients, wasm.handler(body)) for body in (NOW, DEADLINE))
    first = now.invoke()[2]
    platform.advance(86400)
    second = now.invoke()[2]
    assert 86400 <= second - first < 86400 + 60
    assert 0 < deadline.invoke()[2] / 1000 - second < 70


def test_files_of_its_own_stay_between_calls(component):
    one = component(wasm.handler(KEPT, data="kept"))
    assert one.invoke({})[2] == NO_ENTRY
    assert one.invoke({"to": "keep"})[2] == {"to": "keep"}
    assert one.invoke({})[2] == {"to": "keep"}
    assert component(wasm.handler(KEPT, data="kept")).invoke({})[2] == NO_ENTRY, "another one's"


@pytest.mark.parametrize(("folder", "path"), [(0, "bootstrap"), (0, "new"), (1, "../code"), (1, "/etc/passwd")])
def test_files_elsewhere_are_not_written(component, folder, path):
    how = 1 if path == "new" else 0
    name = f"(i32.const {folder}) (i32.const 1024) (i32.const {len(path)})"
    one = component(wasm.handler(f"(call $number (i64.extend_i32_u (i32.sub (i32.const -1) (call $open {name} (i32.const {how}) (i32.const 2)))))", data=path))
    assert one.invoke({})[2] in (NOT_PERMITTED, READ_ONLY)


def test_chance_differs(component):
    one = component(wasm.handler("(call $number (call $random-u64))"))
    assert len({one.invoke()[2] for _ in range(4)}) == 4


def test_a_url_of_a_component_that_serves_http(component, platform):
    one = component(wasm.proxy())
    url = function_urls.FunctionUrl(platform, one)
    answer = url.call("POST", "/some/path", "the body", {"content-type": "text/plain"}, {"q": "1 2"})
    assert (answer.status, answer.text) == (200, "/some/path?q=1+2the body")
    assert answer.headers["x-made-by"] == "-mad"
    large = "x" * 100_000
    assert url.call("POST", "/", large).text == "/" + large


def test_a_streamed_url_of_such_a_component(component, platform):
    url = function_urls.FunctionUrl(platform, component(wasm.proxy()), InvokeMode="RESPONSE_STREAM")
    answer = url.call("POST", "/path", "the body")
    assert (answer.status, answer.text, answer.headers["x-made-by"]) == (200, "/paththe body", "-mad")


def test_an_event_that_is_no_request_is_posted(component):
    one = component(wasm.proxy("(local.set $size (i32.const 0))"))
    assert one.invoke({"an": "event"})[1:] == (None, {"an": "event"})
    event = {"httpMethod": "GET", "path": "/p", "requestContext": {}, "body": "hi", "multiValueQueryStringParameters": {"a": ["1", "2"]}}
    told = component(wasm.proxy()).invoke(event)[2]
    assert (told["statusCode"], told["body"], told["multiValueHeaders"]) == (200, "/p?a=1&a=2hi", {"x-made-by": ["-mad"]})


def test_each_request_has_an_instance_of_its_own(component, platform):
    seen = "(local.set $path (call $digits (global.get $seen))) (local.set $size (i32.sub (i32.const 2048) (local.get $path)))"
    url = function_urls.FunctionUrl(platform, component(wasm.proxy(seen)))
    assert [url.call().text for _ in range(3)] == ["1", "1", "1"]


def test_what_it_reaches_is_the_platform_and_what_is_named(fresh):
    named, other = fresh("other").start(), fresh("another").start()
    platform = fresh(extra=("--function-network-allow", f"named=127.0.0.1:{named.port}")).start()
    clients = Clients(platform.url)

    def reached(authority):
        return json.loads(function_urls.FunctionUrl(platform, wasm.create(clients, wasm.proxy(AWAY, authority))).call(path="/away").text)

    # No service is asked: any answer of HTTP will do.
    assert 200 <= reached("127.0.0.1:4566") < 600
    assert 200 <= reached(f"named:{named.port}") < 600
    assert reached(f"127.0.0.1:{other.port}") == DENIED
    assert reached(f"localhost:{platform.port}") == DENIED
    assert reached("169.254.169.254") == DENIED


def test_a_trap_while_serving_http_is_an_error_of_the_function(component, platform):
    one = component(wasm.proxy("unreachable"))
    assert "wasm trap" in one.invoke()[2]["errorMessage"]
    assert function_urls.FunctionUrl(platform, one).call().status == 502


def test_a_file_that_the_handler_names(component):
    one = component(wasm.handler(wasm.ECHO), name="echo.wasm", Handler="echo.wasm")
    assert one.invoke(7)[1:] == (None, 7)


def test_what_is_no_component_says_so(component, clients):
    module = component(wasm.assembled("(module)"))
    told = module.invoke()[2]
    assert told["errorType"] == "Runtime.InvalidEntrypoint" and "wasm-tools component new" in told["errorMessage"]
    empty = component(wasm.assembled("(component)"))
    assert "exports neither" in empty.invoke()[2]["errorMessage"]
    broken = component(wasm.handler(wasm.ECHO)[:200])
    assert broken.invoke()[2]["errorType"] == "Runtime.InvalidEntrypoint"
    foreign = component(wasm.assembled('(component (import "some:host/thing" (instance (export "f" (func)))))'))
    assert "some:host/thing" in foreign.invoke()[2]["errorMessage"]


def test_an_operator_may_refuse_them(fresh):
    platform = fresh(extra=("--no-wasm",)).start()
    told = wasm.create(Clients(platform.url), wasm.handler(wasm.ECHO)).invoke()[2]
    assert told["errorType"] == "Runtime.InvalidEntrypoint" and "isn't run here" in told["errorMessage"]
    assert "refused (--no-wasm)" in run_updraft("doctor", "--no-wasm", "--allow-weak-sandbox", seconds=60).stdout


def test_it_is_compiled_once(fresh):
    platform = fresh().start()
    one = wasm.create(Clients(platform.url), wasm.handler(wasm.ECHO))
    assert one.invoke(1)[2] == 1

    def compiled():
        return sorted((platform.data / "wasm").rglob("*.compiled"))

    (file,) = compiled()
    made = file.stat().st_mtime_ns
    platform.terminate()
    platform.start()
    assert one.invoke(2)[2] == 2
    assert [file.stat().st_mtime_ns for file in compiled()] == [made], "read, and not written again"
    platform.terminate()
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    platform.start()
    assert one.invoke(3)[2] == 3
    assert file.stat().st_mtime_ns != made and "compiled code is damaged" in platform.log.read_text()


def test_the_guides_example(component, tmp_path):
    tool = Path(sys.executable).with_name("componentize-py")
    if not tool.exists():
        pytest.skip("componentize-py isn't installed; an interpreter of 18 MB takes a build for tests minutes to compile")
    guide = (ROOT / "docs" / "guide" / "wasm.md").read_text()
    (tmp_path / "app.py").write_text(re.search(r"```python\n(.*?)```", guide, re.DOTALL).group(1))
    wit = ROOT / "crates" / "engine" / "runtime-wasm" / "wit"
    subprocess.run([tool, "-d", wit, "-w", "function", "componentize", "app", "-o", "bootstrap"], cwd=tmp_path, check=True)
    one = component((tmp_path / "bootstrap").read_bytes(), MemorySize=512, Timeout=600)
    error, told, tail = one.invoke_with_log({"id": 7})
    assert (error, told["id"]) == (None, 7) and told["request"] in tail
    assert one.invoke({}) == (200, "Unhandled", {"errorType": "BadOrder", "errorMessage": "an order has an id"})


def test_provisioned_instances_are_there_before_a_call(component):
    one = component(wasm.handler(CALLS))
    version = one.client.publish_version(FunctionName=one.name)["Version"]
    one.client.put_provisioned_concurrency_config(FunctionName=one.name, Qualifier=version, ProvisionedConcurrentExecutions=2)

    def status():
        return one.client.get_provisioned_concurrency_config(FunctionName=one.name, Qualifier=version)["Status"] == "READY"

    wait_until(status, 30, "instances that are ready")
    assert one.invoke(Qualifier=version)[1:] == (None, 1)


def test_an_http_apis_event_is_answered_in_its_own_form(component):
    event = {"version": "2.0", "rawPath": "/x", "rawQueryString": "", "headers": {}, "requestContext": {"http": {"method": "GET"}}}
    told = component(wasm.proxy()).invoke(event)[2]
    assert told == {"statusCode": 200, "headers": {"x-made-by": "-mad"}, "isBase64Encoded": False, "body": "/x"}
