"""Events and answers as JSON, as AWS's client writes it: with simplejson's rules, by the standard library's means."""

import json
import os
import sys

from .lambda_runtime_exception import FaultException

# AWS: up to this version's runtime, answers hold \u escapes instead of characters.
LAST_WITH_ESCAPES = 11


def escapes():
    version = os.environ.get("AWS_EXECUTION_ENV", "").rpartition("AWS_Lambda_python3.")[2]
    return not version.isdigit() or int(version) <= LAST_WITH_ESCAPES


class Encoder(json.JSONEncoder):
    """Decimals become numbers, named tuples objects, and bytes text. The standard encoder can't write raw text, so
    decimals are written as marked strings first, and the marks are replaced."""

    def __init__(self):
        super().__init__(ensure_ascii=escapes())
        # Drawn when it is first needed, in the function's own process.
        self.mark = None
        self.decimals = []

    def default(self, o):
        if isinstance(o, bytes):
            return o.decode()
        as_dict = getattr(o, "_asdict", None)
        if callable(as_dict):
            return as_dict()
        decimal = sys.modules.get("decimal")
        if decimal is None or not isinstance(o, decimal.Decimal):
            return super().default(o)
        if o.is_nan():
            return float("nan")
        if self.mark is None:
            self.mark = f"decimal-{os.urandom(8).hex()}-"
        self.decimals.append(str(o))
        return f"{self.mark}{len(self.decimals) - 1}"

    def encode(self, o):
        self.decimals = []
        text = super().encode(o if is_plain(o) else plain(o, set()))
        for index, number in enumerate(self.decimals):
            text = text.replace(f'"{self.mark}{index}"', number, 1)
        return text


# What can hold nothing.
LEAVES = {str, int, float, bool, type(None)}


def is_plain(value):
    """Nowhere in it is what the standard encoder would write in another way: tuples with names, keys that are bytes."""
    seen, left = set(), [value]
    while left:
        one = left.pop()
        if type(one) in LEAVES or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, dict):
            if bytes in set(map(type, one)):
                return False
            one = one.values()
        elif isinstance(one, tuple) and hasattr(one, "_asdict"):
            return False
        elif not isinstance(one, (list, tuple)):
            continue
        if not set(map(type, one)) <= LEAVES:
            left.extend(one)
    return True


def plain(value, around):
    """The same in lists and dictionaries. `around`: the ids of what this lies in."""
    if not isinstance(value, (dict, list, tuple)):
        return value
    if id(value) in around:
        raise ValueError("Circular reference detected")
    around = around | {id(value)}
    if isinstance(value, tuple) and callable(getattr(value, "_asdict", None)):
        value = value._asdict()
    if isinstance(value, dict):
        decoded = ((key.decode() if isinstance(key, bytes) else key, one) for key, one in value.items())
        return {key: plain(one, around) for key, one in decoded}
    return [plain(one, around) for one in value]


def to_json(obj):
    return Encoder().encode(obj)


class LambdaMarshaller:
    """Functions may put one of their own into `LambdaRuntimeClient.marshaller`."""

    def __init__(self):
        self.jsonEncoder = None

    def unmarshal_request(self, request, content_type="application/json"):
        if content_type != "application/json":
            return request
        try:
            return json.loads(request)
        except Exception as error:
            raise FaultException(FaultException.UNMARSHAL_ERROR, f"Unable to unmarshal input: {error}") from None

    def marshal_response(self, response):
        """The answer, and the type of its content."""
        if isinstance(response, bytes):
            return response, "application/unknown"
        # Made late: who is forked has learned by now which version is asked for.
        self.jsonEncoder = self.jsonEncoder or Encoder()
        try:
            return self.jsonEncoder.encode(response), "application/json"
        except Exception as error:
            raise FaultException(FaultException.MARSHAL_ERROR, f"Unable to marshal response: {error}") from None
