"""Log records as AWS's client writes them: the root logger's handler, as text or as JSON."""

import json
import logging
import os
import time
import traceback

from . import bootstrap

TEXT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
SECONDS = "%Y-%m-%dT%H:%M:%S"

# What every record has, and what the handler adds: the rest is a function's own.
OWN = {*vars(logging.makeLogRecord({})), "aws_request_id", "tenant_id"} - {"taskName"}


class LambdaLoggerHandler(logging.Handler):
    def __init__(self, log_sink):
        super().__init__()
        self.log_sink = log_sink

    def emit(self, record):
        self.log_sink.log(self.format(record))


class LambdaLoggerHandlerWithFrameType(LambdaLoggerHandler):
    """The same under AWS's other name: what is told by it is which it is."""


class LambdaLoggerFilter(logging.Filter):
    """Adds what the formats show of the call at work."""

    def filter(self, record):
        record.aws_request_id = bootstrap._GLOBAL_AWS_REQUEST_ID or ""
        record.tenant_id = bootstrap._GLOBAL_TENANT_ID
        return True


class JsonFormatter(logging.Formatter):
    """One object per record. What can't be written as JSON becomes its text."""

    encode = json.JSONEncoder(ensure_ascii=False, default=str).encode

    def __init__(self):
        super().__init__(datefmt=SECONDS + "Z")

    def format(self, record):
        # AWS: levels of a function's own are shown as the next lower standard one.
        record.levelno = min(50, max(0, record.levelno)) // 10 * 10
        record.levelname = logging.getLevelName(record.levelno)
        as_it_is = isinstance(record.msg, dict) and not record.args
        shown = {
            "timestamp": self.formatTime(record, self.datefmt),
            "level": record.levelname,
            "message": record.msg if as_it_is else record.getMessage(),
            "logger": record.name,
            **exception(record),
            "requestId": getattr(record, "aws_request_id", None),
            "location": f"{record.pathname}:{record.funcName}:{record.lineno}" if record.exc_info else None,
        }
        if getattr(record, "tenant_id", None) is not None:
            shown["tenantId"] = record.tenant_id
        for name, value in vars(record).items():
            if name not in OWN:
                shown.setdefault(name, value)
        return self.encode({name: value for name, value in shown.items() if value is not None}) + "\n"


def exception(record):
    if not record.exc_info:
        return {}
    kind, value, trace = record.exc_info
    # AWS: who asks for the exception to be logged when there is none gets one.
    return {"stackTrace": traceback.format_tb(trace), "errorType": kind.__name__, "errorMessage": str(value)}


def set_up(log_sink):
    """Gives the root logger AWS's handler, and the level that the function's configuration asks for."""
    logging.Formatter.converter = time.gmtime
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "")
    level = "DEBUG" if level == "TRACE" else level.upper()
    is_json = bootstrap.logs_json()
    logger = logging.getLogger()
    handler = (LambdaLoggerHandlerWithFrameType if is_json or level else LambdaLoggerHandler)(log_sink)
    handler.setFormatter(JsonFormatter() if is_json else logging.Formatter(TEXT, SECONDS))
    handler.addFilter(LambdaLoggerFilter())
    if level in logging._nameToLevel:
        logger.setLevel(level)
    logger.addHandler(handler)
