"""What makes a process of the interpreter into a function's: paths, streams, built-in names. In a fork, also what the
function is."""

import _socket
import gc
import io
import json
import os
import struct
import sys
import time

TASK = "/var/task"
SDK = "/var/lang/sdk"

# Of a program that the platform starts: what it reads from and writes to come last.
SEAT, GATE, PIPES = 3, 4, (5, 6)

# Where the language's own modules are.
STANDARD = tuple(path for path in sys.path if path not in ("/var/runtime", "/var/zygote"))


def main(client, debugger=None):
    """`client`: the module that calls the function. `debugger`: lets one in, if there is to be one."""
    sys.stdout, sys.stderr = Unbuffered(1), Unbuffered(2)
    set_up_paths()
    set_up_builtins()
    forget_if_brought()
    if sys.argv[-1] == "--seated":
        sys.argv.pop()
        client.LambdaRuntimeClient.pipes = PIPES
        for fd in PIPES:
            os.set_inheritable(fd, False)
        take_seat(client, SEAT, GATE)
    if debugger:
        debugger()
    client.main(os.environ["_HANDLER"], os.environ["AWS_LAMBDA_RUNTIME_API"])


class Unbuffered(io.TextIOWrapper):
    """Whatever is written leaves the process at once: the log has it, even if the process is killed next."""

    def __init__(self, fd):
        super().__init__(open(fd, "wb", closefd=False), encoding="utf-8", errors="backslashreplace")
        self.mode = "w"

    def write(self, text):
        size = super().write(text)
        self.flush()
        return size

    def writelines(self, lines):
        super().writelines(lines)
        self.flush()


def set_up_paths():
    # A layer is made for the version that was asked for, which another one may stand in for.
    asked = os.environ.get("AWS_EXECUTION_ENV", "").rpartition("AWS_Lambda_")[2]
    versions = dict.fromkeys([f"python{sys.version_info.major}.{sys.version_info.minor}", asked])
    layers = [f"/opt/python/lib/{version}/site-packages" for version in versions if version.startswith("python")]
    own = os.environ.get("PYTHONPATH", "").split(":")
    first = [os.environ.get("LAMBDA_TASK_ROOT", TASK), *(path for path in own if path), *layers, "/opt/python"]
    sys.path[:] = [*first, *STANDARD, SDK]


def set_up_builtins():
    """What `site` would have added: it is not run, since it reads the host's configuration."""
    import builtins

    import _sitebuiltins

    for name in ("exit", "quit"):
        setattr(builtins, name, _sitebuiltins.Quitter(name, "Ctrl-D (i.e. EOF)"))
    builtins.help = _sitebuiltins._Helper()


# --- what is loaded ahead of time --------------------------------------------------------------------------------


# In a fork: what of the SDK was loaded ahead of time, and the names at the top of it.
LOADED, TOPS = [], set()


def preload(sdk):
    """Loads the AWS SDK, and what making a client of it loads: half a second that no function has to spend."""
    sys.path.append(SDK)
    try:
        sdk.prepare(SDK)
        import awslambdaric.lambda_runtime_log_utils
    except Exception:
        # There is none, or one that doesn't work: that is told to functions that import it.
        pass
    sys.path.remove(SDK)
    use_once()
    # Here and not in each fork: looking at a module writes to its page of memory.
    LOADED[:] = [
        name for name, module in sys.modules.items() if (getattr(module, "__file__", None) or "").startswith(SDK)
    ]
    TOPS.update(name.partition(".")[0] for name in LOADED)
    gc.collect()
    # A collection in a fork doesn't write to what it shares.
    gc.freeze()


def use_once():
    """Whatever the interpreter sets up when something is first used: the compiler's types alone take a fork a millisecond."""
    import importlib

    import _sitebuiltins

    importlib.invalidate_caches()
    compile("def handler(event, context):\n    return event\n", "<ahead>", "exec")
    json.loads(json.dumps({"env": {}}))


def forget_if_brought():
    """What the function or a layer brings of the SDK is what it gets, and then nothing of ours stays loaded."""
    folders = sys.path[: sys.path.index(SDK)]
    places = [os.path.join(folder, name) for folder in folders if folder not in STANDARD for name in TOPS]
    if any(os.path.exists(place) or os.path.exists(place + ".py") for place in places):
        for name in LOADED:
            del sys.modules[name]


def occupy(seat, gate):
    """A fork's life: it is told its function, and waits until it may load it."""
    client = sys.modules["__main__"].awslambdaricmain
    env = take_seat(client, seat, gate)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(TASK)
    main(client)


def take_seat(client, seat, gate):
    """Hears what the function is, and waits until it may be loaded. A fork's client has the pipes that come with that."""
    way = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, seat)
    head, ancillary, _, _ = way.recvmsg(4, _socket.CMSG_SPACE(8))
    body = read_exactly(seat, int.from_bytes(head + read_exactly(seat, 4 - len(head)), "little"))
    way.close()
    for _, _, fds in ancillary:
        client.LambdaRuntimeClient.pipes = struct.unpack("2i", fds)
    read_exactly(gate, 1)
    os.close(gate)
    return json.loads(body)["env"]


def read_exactly(fd, size):
    data = b""
    while len(data) < size:
        part = os.read(fd, size - len(data))
        if not part:
            raise SystemExit(0)
        data += part
    return data
