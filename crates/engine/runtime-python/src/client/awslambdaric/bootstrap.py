"""A function's life: its handler is found, and called with one event after the other."""

import os
import sys
import time

from .lambda_context import LambdaContext
from .lambda_runtime_exception import FaultException
from .lambda_runtime_marshaller import to_json

NO_BREAK_SPACE = "\u00a0"
# What AWS's client says before it gives up: it goes to the log, as a warning.
UNHANDLED = (
    "LAMBDA_WARNING: Unhandled exception. The most likely cause is an issue in the function code. However, in rare "
    "cases, a Lambda runtime update can cause unexpected function behavior. For functions using managed runtimes, "
    "runtime updates can be triggered by a function change, or can be applied automatically. To determine if the runtime "
    "has been updated, check the runtime version in the INIT_START log entry. If this error correlates with a change in "
    "the runtime version, you may be able to mitigate this error by temporarily rolling back to the previous runtime "
    "version. For more information, see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html\r"
)

# The call at work; log formats show it.
_GLOBAL_AWS_REQUEST_ID = None
_GLOBAL_TENANT_ID = None


def logs_json():
    return os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"


class StandardLogSink:
    """Each message is one log event: line breaks within it are carriage returns until the log has it."""

    def log(self, msg, frame_type=None):
        body, end = (msg[:-1], "\n") if msg.endswith("\n") else (msg, "")
        sys.stdout.write(body.replace("\n", "\r") + end)

    def log_error(self, message_lines):
        sys.stdout.write("\r".join(message_lines) + "\n")


# --- errors ------------------------------------------------------------------------------------------------------


def make_error(error_message, error_type, stack_trace, invoke_id=None):
    return {
        "errorMessage": error_message or "",
        "errorType": error_type or "",
        "requestId": "" if invoke_id is None else invoke_id,
        "stackTrace": stack_trace or [],
    }


def error_from_exception(invoke_id=None):
    """The exception at hand. AWS: its client's own frames are left out, unless there are no others; those of the import
    machinery stay."""
    import traceback

    kind, value, trace = sys.exc_info()
    frames = [shown(frame) for frame in traceback.extract_tb(trace)]
    theirs = [i for i, frame in enumerate(frames) if "/bootstrap.py" not in frame[0]]
    frames = frames[theirs[0] :] if theirs else frames
    return make_error(str(value), kind.__name__, traceback.format_list(frames), invoke_id)


def shown(frame):
    """File, line, name and text: no marks below the text, as newer Pythons make them."""
    ours = frame.name == handle_event_request.__name__ and not frame.line
    return (frame.filename, frame.lineno, frame.name, CALL if ours else frame.line)


def log_error(error_result, log_sink):
    if logs_json():
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return log_sink.log_error([to_json({"timestamp": now, "level": "ERROR", **error_result})])
    told = ": ".join(part for part in (error_result["errorType"], error_result["errorMessage"]) if part)
    lines = [f"[ERROR] {told}" if told else "[ERROR]", "Traceback (most recent call last):"]
    for entry in error_result["stackTrace"]:
        for line in entry.splitlines() or [""]:
            bare = line.lstrip(" ")
            lines.append(NO_BREAK_SPACE * (len(line) - len(bare)) + bare)
    log_sink.log_error(lines)


def what_happened(problem, invoke_id, log_sink):
    """The exception at hand, which is in the log then."""
    if isinstance(problem, FaultException):
        error = make_error(problem.msg, problem.exception_type, problem.trace, invoke_id)
    else:
        error = error_from_exception(invoke_id)
    log_error(error, log_sink)
    return error


# --- logging -----------------------------------------------------------------------------------------------------


class LoggingOnDemand:
    """Sets logging up when somebody imports it, so that who doesn't log doesn't pay."""

    def __init__(self, log_sink):
        self.log_sink = log_sink

    def find_spec(self, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(self)
        import importlib.util

        spec = importlib.util.find_spec(name)
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            from . import lambda_runtime_log_utils

            lambda_runtime_log_utils.set_up(self.log_sink)

        spec.loader.exec_module = exec_module
        return spec


def set_up_logging(log_sink):
    if "logging" in sys.modules:
        from . import lambda_runtime_log_utils

        lambda_runtime_log_utils.set_up(log_sink)
    else:
        sys.meta_path.insert(0, LoggingOnDemand(log_sink))


# --- the function ------------------------------------------------------------------------------------------------


def _get_handler(handler):
    try:
        module_name, function = handler.rsplit(".", 1)
    except ValueError as error:
        # AWS: in Python's own words.
        raise FaultException(FaultException.MALFORMED_HANDLER_NAME, f"Bad handler '{handler}': {error}") from None
    module = load(module_name)
    try:
        return getattr(module, function)
    except AttributeError:
        message = f"Handler '{function}' missing on module '{module_name}'"
        raise FaultException(FaultException.HANDLER_NOT_FOUND, message) from None


def load(name):
    if name.split(".")[0] in sys.builtin_module_names:
        message = f"Cannot use built-in module {name} as a handler module"
        raise FaultException(FaultException.BUILT_IN_MODULE_CONFLICT, message)
    import importlib

    try:
        return importlib.import_module(name.replace("/", "."))
    except ImportError as error:
        message = f"Unable to import module '{name}': {error}"
        raise FaultException(FaultException.IMPORT_MODULE_ERROR, message) from None
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        message = f"Syntax error in module '{name}': {error}"
        raise FaultException(FaultException.USER_CODE_SYNTAX_ERROR, message, trace) from None


# Shown where there is nothing else to show; the source isn't there when it runs.
CALL = "response = request_handler(event, lambda_context)"


def handle_event_request(
    lambda_runtime_client,
    request_handler,
    invoke_id,
    event_body,
    content_type,
    client_context_json,
    cognito_identity_json,
    invoked_function_arn,
    epoch_deadline_time_in_ms,
    tenant_id,
    log_sink,
    invocation_id=None,
    wants_stream=False,
):
    """Answers one event. Tools that wrap handlers replace this function and call it, hence its arguments."""
    marshaller = lambda_runtime_client.marshaller
    try:
        lambda_context = LambdaContext(
            invoke_id,
            from_header(client_context_json, "Client Context"),
            from_header(cognito_identity_json, "Cognito Identity"),
            epoch_deadline_time_in_ms,
            invoked_function_arn,
            tenant_id,
        )
        event = marshaller.unmarshal_request(event_body, content_type)
        response = request_handler(event, lambda_context)
        if wants_stream and type(response).__name__ == "generator":
            from .response_stream import stream

            return stream(lambda_runtime_client, invoke_id, response, log_sink)
        result, result_type = marshaller.marshal_response(response)
    except Exception as problem:
        error = what_happened(problem, invoke_id, log_sink)
        return lambda_runtime_client.post_invocation_error(invoke_id, to_json(error), "", invocation_id)
    lambda_runtime_client.post_invocation_result(invoke_id, result, result_type, invocation_id)


def from_header(text, what):
    if not text:
        return None
    import json

    try:
        return json.loads(text)
    except Exception as error:
        message = f"Unable to parse {what} JSON: {error}"
        raise FaultException(FaultException.LAMBDA_CONTEXT_UNMARSHAL_ERROR, message) from None


def run(handler, lambda_runtime_client):
    """Calls the handler of this name until the process ends."""
    log_sink = StandardLogSink()
    set_up_logging(log_sink)
    try:
        request_handler = _get_handler(handler)
    except Exception as problem:
        give_up(lambda_runtime_client, problem, log_sink)
    while True:
        call_once(lambda_runtime_client, request_handler, log_sink)


def call_once(lambda_runtime_client, request_handler, log_sink):
    global _GLOBAL_AWS_REQUEST_ID, _GLOBAL_TENANT_ID
    request = lambda_runtime_client.wait_next_invocation()
    _GLOBAL_AWS_REQUEST_ID, _GLOBAL_TENANT_ID = request.invoke_id, request.tenant_id
    if request.x_amzn_trace_id is None:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    else:
        os.environ["_X_AMZN_TRACE_ID"] = request.x_amzn_trace_id
    stream = {"wants_stream": True} if request.wants_stream else {}
    handle_event_request(
        lambda_runtime_client,
        request_handler,
        request.invoke_id,
        request.event_body,
        request.content_type,
        request.client_context,
        request.cognito_identity,
        request.invoked_function_arn,
        request.deadline_time_in_ms,
        request.tenant_id,
        log_sink,
        request.invocation_id,
        **stream,
    )


def give_up(lambda_runtime_client, problem, log_sink):
    import logging

    logging.warning(UNHANDLED)
    error = what_happened(problem, None, log_sink)
    lambda_runtime_client.post_init_error(error)
    raise SystemExit(1)
