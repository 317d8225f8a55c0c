"""updraft's Lambda runtime client for Python.

Speaks the Runtime API over one plain socket and behaves towards the function as AWS's client does: handler names,
context, error shapes, log format. It imports as little as it can, since every import is paid for by each cold start.
"""

import _socket
import json
import os
import sys
import time

API = "/2018-06-01/runtime/"
TASK = os.environ.get("LAMBDA_TASK_ROOT", "/var/task")
SDK = "/var/lang/sdk"
NO_BREAK_SPACE = "\u00a0"
ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
ERROR_BODY = "Lambda-Runtime-Function-Error-Body"
HTTP_RESPONSE = "application/vnd.awslambda.http-integration-response"
# In bytes, before it becomes base64: the platform reads trailers of 16 KiB.
LONGEST_ERROR = 9000
# AWS: from this version on, answers hold characters as they are instead of \u escapes.
PLAIN_TEXT_SINCE = (3, 12)

# Where the language's own modules are.
STANDARD = tuple(sys.path)

# The invocation at work; the log format shows it.
request_id = ""


class Fault(Exception):
    """What keeps a function from being called, in AWS's words."""

    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.trace = trace or []


# --- the Runtime API ---------------------------------------------------------------------------------------------


class Api:
    """One connection, kept open; requests may be sent before earlier answers are read."""

    def __init__(self, address):
        self.host = address
        host, _, port = address.partition(":")
        self.sock = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        self.sock.connect((host, int(port)))
        self.sock.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        self.rest = b""
        self.ask = self._head("GET", "invocation/next", "") + b"\r\n"

    def _head(self, method, path, more):
        return f"{method} {API}{path} HTTP/1.1\r\nHost: {self.host}\r\n{more}".encode()

    def next(self):
        """Waits for work: headers (lower case) and body."""
        self.sock.sendall(self.ask)
        return self._next_answer()

    def post(self, path, body, kind=None, then_next=False):
        """Posts JSON. With `then_next` the question for more work goes along in the same write."""
        more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        if kind:
            more += f"{ERROR_TYPE}: {kind}\r\n"
        ask = self.ask if then_next else b""
        self.sock.sendall(self._head("POST", path, more) + b"\r\n" + body + ask)
        self._answer()
        return self._next_answer() if then_next else None

    def begin(self, path, kind):
        """Begins a post whose body comes in pieces: `chunk` and then `end` go on with it."""
        more = f"Content-Type: {kind}\r\nTransfer-Encoding: chunked\r\nTrailer: {ERROR_TYPE}, {ERROR_BODY}\r\n"
        more += "Lambda-Runtime-Function-Response-Mode: streaming\r\n"
        self.sock.sendall(self._head("POST", path, more) + b"\r\n")

    def chunk(self, data):
        if data:
            self.sock.sendall(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self, error=None):
        """Ends the body, with the error that came up in between, and asks for more work."""
        trailers = b""
        if error:
            import base64

            body = base64.b64encode(fitting(error)).decode()
            trailers = f"{ERROR_TYPE}: {error['errorType']}\r\n{ERROR_BODY}: {body}\r\n".encode()
        self.sock.sendall(b"0\r\n" + trailers + b"\r\n" + self.ask)
        self._answer()
        return self._next_answer()

    def _next_answer(self):
        status, headers, body = self._answer()
        if status != 200:
            raise SystemExit(f"the Runtime API answered {status}")
        return headers, body

    def _answer(self):
        data = self.rest
        end = data.find(b"\r\n\r\n")
        while end < 0:
            data += self._receive(65536)
            end = data.find(b"\r\n\r\n")
        lines = data[:end].split(b"\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            headers[name.strip().lower().decode()] = value.strip().decode("utf-8", "replace")
        body = data[end + 4 :]
        size = int(headers.get("content-length", "0"))
        if len(body) < size:
            body = self._rest_of(body, size)
        self.rest = body[size:]
        return int(lines[0].split(b" ", 2)[1]), headers, body[:size]

    def _rest_of(self, body, size):
        parts, have = [body], len(body)
        while have < size:
            part = self._receive(min(size - have, 1 << 20))
            parts.append(part)
            have += len(part)
        return b"".join(parts)

    def _receive(self, most):
        data = self.sock.recv(most)
        if not data:
            raise SystemExit(0)
        return data


# --- JSON --------------------------------------------------------------------------------------------------------


class Encoder(json.JSONEncoder):
    """Decimals become numbers, as AWS's client writes them. The standard encoder can't write raw text, so they are
    written as marked strings first, and the marks are replaced."""

    def __init__(self):
        super().__init__(ensure_ascii=sys.version_info < PLAIN_TEXT_SINCE)
        # Drawn when it is first needed, in the function's own process.
        self.mark = None
        self.decimals = []

    def default(self, value):
        decimal = sys.modules.get("decimal")
        if decimal is None or not isinstance(value, decimal.Decimal):
            return super().default(value)
        if self.mark is None:
            self.mark = f"decimal-{os.urandom(8).hex()}-"
        self.decimals.append("NaN" if value.is_nan() else str(value))
        return f"{self.mark}{len(self.decimals) - 1}"

    def write(self, value):
        self.decimals = []
        text = self.encode(value)
        for index, number in enumerate(self.decimals):
            text = text.replace(f'"{self.mark}{index}"', number, 1)
        return text.encode()


ENCODER = Encoder()


def marshal(value):
    if isinstance(value, bytes):
        return value
    try:
        return ENCODER.write(value)
    except Exception as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def unmarshal(body):
    try:
        return json.loads(body)
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None


# --- the context -------------------------------------------------------------------------------------------------


class Record:
    """An object with named fields, `None` where nothing is known."""

    fields = ()

    def __init__(self, values=None):
        for field in self.fields:
            setattr(self, field, (values or {}).get(field))

    def __repr__(self):
        shown = ",".join(f"{field}={getattr(self, field)}" for field in self.fields)
        return f"{type(self).__name__}([{shown}])"


class CognitoIdentity(Record):
    fields = ("cognito_identity_id", "cognito_identity_pool_id")


class Client(Record):
    fields = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")


class ClientContext(Record):
    fields = ("custom", "env", "client")


class LambdaContext:
    """What handlers get as their second argument."""

    def __init__(self, headers):
        env = os.environ.get
        self.aws_request_id = headers.get("lambda-runtime-aws-request-id")
        self.log_group_name = env("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = env("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = env("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = env("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        self.client_context = client_context(headers.get("lambda-runtime-client-context"))
        self.identity = identity(headers.get("lambda-runtime-cognito-identity"))
        self._deadline = int(headers.get("lambda-runtime-deadline-ms", "0"))

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        names = (name for name in vars(self) if not name.startswith("_"))
        return "LambdaContext([" + ",".join(f"{name}={getattr(self, name)}" for name in names) + "])"


def from_header(text, what):
    try:
        return json.loads(text)
    except Exception as error:
        kind = "Runtime.LambdaContextUnmarshalError"
        raise Fault(kind, f"Unable to parse {what} JSON: {error}") from None


def client_context(header):
    if not header:
        return None
    context = ClientContext(from_header(header, "Client Context"))
    if context.client is not None:
        context.client = Client(context.client)
    return context


def identity(header):
    if not header:
        return CognitoIdentity()
    given = from_header(header, "Cognito Identity")
    return CognitoIdentity(
        {
            "cognito_identity_id": given.get("cognitoIdentityId"),
            "cognito_identity_pool_id": given.get("cognitoIdentityPoolId"),
        }
    )


# --- errors ------------------------------------------------------------------------------------------------------


def error_of(kind, message, trace, invocation=""):
    return {"errorMessage": message, "errorType": kind, "requestId": invocation, "stackTrace": trace}


def error_from_exception(invocation=""):
    """The exception at hand, without the frames of this file. AWS: those of the import machinery stay."""
    import traceback

    kind, value, trace = sys.exc_info()
    frames = traceback.extract_tb(trace)
    ours = error_of.__code__.co_filename
    theirs = [i for i, frame in enumerate(frames) if frame.filename != ours]
    frames = frames[theirs[0] :] if theirs else []
    return error_of(kind.__name__, str(value), traceback.format_list(frames), invocation)


def fitting(error):
    """The error as JSON, with as much of its trace and message as fits into a trailer."""
    error = dict(error, stackTrace=list(error["stackTrace"]))
    while error["stackTrace"] and len(ENCODER.write(error)) > LONGEST_ERROR:
        error["stackTrace"].pop()
    if len(ENCODER.write(error)) > LONGEST_ERROR:
        error["errorMessage"] = error["errorMessage"][: LONGEST_ERROR // 8]
    return ENCODER.write(error)


def log_error(error):
    """One log event: line breaks within it are carriage returns until the log has it."""
    lines = [f"[ERROR] {error['errorType']}: {error['errorMessage']}", "Traceback (most recent call last):"]
    for entry in error["stackTrace"]:
        for line in entry.splitlines():
            bare = line.lstrip(" ")
            lines.append(NO_BREAK_SPACE * (len(line) - len(bare)) + bare)
    sys.stdout.write("\r".join(lines) + "\n")


# --- logging -----------------------------------------------------------------------------------------------------


def set_up_logging(logging):
    """Gives the root logger AWS's handler."""

    class LambdaLoggerHandler(logging.Handler):
        def emit(self, record):
            record.aws_request_id = request_id
            sys.stdout.write(self.format(record))

    logging.Formatter.converter = time.gmtime
    handler = LambdaLoggerHandler()
    form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
    handler.setFormatter(logging.Formatter(form, "%Y-%m-%dT%H:%M:%S"))
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL")
    if level:
        logging.getLogger().setLevel(level)
    logging.getLogger().addHandler(handler)


class LoggingOnDemand:
    """Sets logging up when somebody imports it, so that who doesn't log doesn't pay."""

    def find_spec(self, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(self)
        import importlib.util

        spec = importlib.util.find_spec(name)
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            set_up_logging(module)

        spec.loader.exec_module = exec_module
        return spec


# --- the function ------------------------------------------------------------------------------------------------


def set_up_paths():
    # A layer is made for the version that was asked for, which another one may stand in for.
    asked = os.environ.get("AWS_EXECUTION_ENV", "").rpartition("AWS_Lambda_")[2]
    versions = dict.fromkeys([f"python{sys.version_info.major}.{sys.version_info.minor}", asked])
    layers = [f"/opt/python/lib/{version}/site-packages" for version in versions if version.startswith("python")]
    own = os.environ.get("PYTHONPATH", "").split(":")
    first = [TASK, *(path for path in own if path), *layers, "/opt/python"]
    sys.path[:] = [*first, *sys.path, SDK]


# --- what is loaded ahead of time --------------------------------------------------------------------------------


def preload():
    """Loads the AWS SDK, and what making a client of it loads: half a second that no function has to spend."""
    sys.path.append(SDK)
    try:
        import boto3

        # Nobody's: nothing is signed with them, and nothing is sent.
        keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
        for service in ("dynamodb", "s3"):
            boto3.session.Session(**keys).client(service)
    except Exception:
        # There is none, or one that doesn't work: that is told to functions that import it.
        pass
    sys.path.remove(SDK)


def forget_if_brought():
    """What the function or a layer brings of the SDK is what it gets, and then nothing of ours stays loaded."""
    ours = [name for name, module in sys.modules.items() if (getattr(module, "__file__", None) or "").startswith(SDK)]
    tops = {name.partition(".")[0] for name in ours}
    folders = sys.path[: sys.path.index(SDK)]
    places = [os.path.join(folder, name) for folder in folders if folder not in STANDARD for name in tops]
    if any(os.path.exists(place) or os.path.exists(place + ".py") for place in places):
        for name in ours:
            del sys.modules[name]


def occupy(seat, gate):
    """A fork's life: it is told its function, and waits until it may load it."""
    size = int.from_bytes(read_exactly(seat, 4), "little")
    env = json.loads(read_exactly(seat, size))["env"]
    os.close(seat)
    read_exactly(gate, 1)
    os.close(gate)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(TASK)
    main()


def read_exactly(fd, size):
    data = b""
    while len(data) < size:
        part = os.read(fd, size - len(data))
        if not part:
            raise SystemExit(0)
        data += part
    return data


def set_up_builtins():
    """What `site` would have added: it is not run, since it reads the host's configuration."""
    import builtins

    import _sitebuiltins

    for name in ("exit", "quit"):
        setattr(builtins, name, _sitebuiltins.Quitter(name, "Ctrl-D (i.e. EOF)"))
    builtins.help = _sitebuiltins._Helper()


def find_handler(name):
    module_name, dot, function = name.rpartition(".")
    if not dot:
        # AWS's client unpacks a split into two, and reports Python's own complaint.
        complaint = "not enough values to unpack (expected 2, got 1)"
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': {complaint}")
    module = load(module_name)
    try:
        return getattr(module, function)
    except AttributeError:
        message = f"Handler '{function}' missing on module '{module_name}'"
        raise Fault("Runtime.HandlerNotFound", message) from None


def load(name):
    if name.split(".")[0] in sys.builtin_module_names:
        raise Fault("Runtime.BuiltInModuleConflict", f"Cannot use built-in module {name} as a handler module")
    import importlib

    try:
        return importlib.import_module(name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{name}': {error}") from None
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        message = f"Syntax error in module '{name}': {error}"
        raise Fault("Runtime.UserCodeSyntaxError", message, trace) from None


def call(api, handler, headers, body):
    """Answers one event; returns the next."""
    invocation = headers["lambda-runtime-aws-request-id"]
    try:
        answer = handler(unmarshal(body), LambdaContext(headers))
        # Not AWS's: its client for Python has no streams, and can't write generators as JSON.
        streams = headers.get("lambda-runtime-function-response-mode") == "streaming"
        if streams and type(answer).__name__ == "generator":
            return stream(api, invocation, answer)
        path, answer = f"invocation/{invocation}/response", marshal(answer)
    except Exception as problem:
        error = what_happened(problem, invocation)
        path, answer = f"invocation/{invocation}/error", ENCODER.write(error)
    flush()
    return api.post(path, answer, then_next=True)


def what_happened(problem, invocation):
    """The exception at hand, which is in the log then."""
    if isinstance(problem, Fault):
        error = error_of(problem.kind, problem.message, problem.trace, invocation)
    else:
        error = error_from_exception(invocation)
    log_error(error)
    return error


def stream(api, invocation, pieces):
    """Answers with what a generator yields, as it comes. A first piece that has a `statusCode` is the head of a
    response to somebody who asked by HTTP."""
    path, error, begun = f"invocation/{invocation}/response", None, False
    try:
        for piece in pieces:
            if not begun:
                begun, is_head = True, isinstance(piece, dict) and "statusCode" in piece
                api.begin(path, HTTP_RESPONSE if is_head else "application/octet-stream")
                if is_head:
                    piece = marshal(piece) + bytes(8)
            api.chunk(piece.encode() if isinstance(piece, str) else marshal(piece))
    except Exception as problem:
        error = what_happened(problem, invocation)
    flush()
    if not begun:
        api.begin(path, "application/octet-stream")
    return api.end(error)


def flush():
    """What was printed is in the log before the answer is out."""
    sys.stdout.flush()
    sys.stderr.flush()


def serve(api, handler):
    global request_id
    headers, body = api.next()
    while True:
        request_id = headers["lambda-runtime-aws-request-id"]
        trace = headers.get("lambda-runtime-trace-id")
        if trace:
            os.environ["_X_AMZN_TRACE_ID"] = trace
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        headers, body = call(api, handler, headers, body)


def give_up(api, error):
    log_error(error)
    sys.stdout.flush()
    api.post("init/error", ENCODER.write(error), kind=error["errorType"])
    raise SystemExit(1)


def main():
    sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
    set_up_paths()
    set_up_builtins()
    forget_if_brought()
    if "logging" in sys.modules:
        set_up_logging(sys.modules["logging"])
    else:
        sys.meta_path.insert(0, LoggingOnDemand())
    api = Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = find_handler(os.environ["_HANDLER"])
    except Fault as fault:
        give_up(api, error_of(fault.kind, fault.message, fault.trace))
    except Exception:
        give_up(api, error_from_exception())
    serve(api, handler)


if __name__ == "__main__":
    main()
