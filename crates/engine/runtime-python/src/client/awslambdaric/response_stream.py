"""Answers in pieces. Not AWS's: its client for Python has no streams, and can't write generators as JSON."""

from .bootstrap import what_happened
from .lambda_runtime_marshaller import to_json

HTTP_RESPONSE = "application/vnd.awslambda.http-integration-response"
BYTES = "application/octet-stream"
# In bytes, before it becomes base64: the platform reads trailers of 16 KiB.
LONGEST_ERROR = 9000


def stream(client, invoke_id, pieces, log_sink):
    """Answers with what a generator yields, as it comes. A first piece that has a `statusCode` is the head of a
    response to somebody who asked by HTTP."""
    error, begun = None, False
    try:
        for piece in pieces:
            if not begun:
                begun, is_head = True, isinstance(piece, dict) and "statusCode" in piece
                client.begin_stream(invoke_id, HTTP_RESPONSE if is_head else BYTES)
                if is_head:
                    piece = written(client, piece) + bytes(8)
            client.chunk(written(client, piece))
    except Exception as problem:
        error = what_happened(problem, invoke_id, log_sink)
    if not begun:
        client.begin_stream(invoke_id, BYTES)
    client.end_stream(error and (error["errorType"], fitting(error)))


def written(client, piece):
    text = piece if isinstance(piece, str) else client.marshaller.marshal_response(piece)[0]
    return text.encode() if isinstance(text, str) else text


def fitting(error):
    """The error as JSON, with as much of its trace and message as fits into a trailer."""
    error = dict(error, stackTrace=list(error["stackTrace"]))
    while error["stackTrace"] and len(to_json(error).encode()) > LONGEST_ERROR:
        error["stackTrace"].pop()
    if len(to_json(error).encode()) > LONGEST_ERROR:
        error["errorMessage"] = error["errorMessage"][: LONGEST_ERROR // 8]
    return to_json(error).encode()
