"""What handlers get as their second argument."""

import os
import sys
import time

# What of a trace in the client's context is shown, by `LambdaContext.w3c`.
W3C_FIELDS = ("traceparent", "tracestate", "baggage")


class Record:
    """An object with the fields that its class names, `None` where nothing is known, and no others."""

    __slots__ = ()

    def __init__(self, values):
        for field in self.__slots__:
            setattr(self, field, values.get(field))

    def __repr__(self):
        return described(self, self.__slots__)


class CognitoIdentity(Record):
    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]


class Client(Record):
    __slots__ = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]


class ClientContext(Record):
    __slots__ = ["custom", "env", "client"]


class LambdaContext:
    """`client_context` and `cognito_identity` are parsed JSON or `None`; the deadline is in milliseconds since 1970."""

    def __init__(
        self,
        invoke_id,
        client_context,
        cognito_identity,
        epoch_deadline_time_in_ms,
        invoked_function_arn=None,
        tenant_id=None,
    ):
        env = os.environ.get
        self.aws_request_id = invoke_id
        self.log_group_name = env("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = env("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = env("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = env("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = invoked_function_arn
        self.tenant_id = tenant_id
        self._w3c_fields = taken_w3c(client_context)
        self.client_context = None if client_context is None else ClientContext(client_context)
        if self.client_context is not None and self.client_context.client is not None:
            self.client_context.client = Client(self.client_context.client)
        identity = {} if cognito_identity is None else cognito_identity
        self.identity = CognitoIdentity(
            {
                "cognito_identity_id": identity.get("cognitoIdentityId"),
                "cognito_identity_pool_id": identity.get("cognitoIdentityPoolId"),
            }
        )
        self._epoch_deadline_time_in_ms = epoch_deadline_time_in_ms

    def get_remaining_time_in_millis(self):
        return max(self._epoch_deadline_time_in_ms - int(time.time() * 1000), 0)

    def w3c(self):
        """The trace of the call, by W3C's names."""
        return dict(self._w3c_fields)

    def log(self, msg):
        sys.stdout.write(str(msg))

    def __repr__(self):
        identity = ("aws_request_id", "log_group_name", "log_stream_name", "function_name", "memory_limit_in_mb")
        call = ("function_version", "invoked_function_arn", "client_context", "identity", "tenant_id")
        return described(self, identity + call)


def described(thing, fields):
    return f"{type(thing).__name__}([" + ",".join(f"{field}={getattr(thing, field)}" for field in fields) + "])"


def taken_w3c(client_context):
    """The trace, which handlers don't find in the client's context any more."""
    if not isinstance(client_context, dict):
        return {}
    trace = client_context.pop("w3c", None)
    if not isinstance(trace, dict):
        return {}
    return {field: trace[field] for field in W3C_FIELDS if isinstance(trace.get(field), str)}
