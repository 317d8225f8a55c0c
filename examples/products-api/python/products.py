"""What a product is: its fields, and what may be wrong with them. Knows nothing of HTTP or of AWS."""

import json
import re
from decimal import Decimal

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
FIELDS = ("id", "name", "price", "stock", "tags")
REQUIRED = ("name", "price")
MOST = 10**9
CENT = Decimal("0.01")


def parse(text):
    """JSON with exact numbers, as DynamoDB keeps them. Raises ValueError."""
    return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)


def dump(value):
    return json.dumps(value, default=_plain, ensure_ascii=False)


def errors_in(body):
    """Every problem, each with its field; an empty list means a valid product."""
    errors = [_error(field, "is not a field of a product") for field in body if field not in FIELDS]
    errors += [_error(field, "is required") for field in REQUIRED if field not in body]
    for field, check in CHECKS.items():
        problem = check(body[field]) if field in body else None
        if problem:
            errors.append(_error(field, problem))
    return errors


def _id(value):
    if not isinstance(value, str) or not ID.fullmatch(value):
        return "must be 1 to 64 letters, digits, - or _"
    return None


def _name(value):
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= 200:
        return "must be a text of 1 to 200 characters"
    return None


def _price(value):
    if not _is_number(value) or value < 0 or value > MOST:
        return "must be a number from 0 to 1000000000"
    if Decimal(value).quantize(CENT) != value:
        return "must have at most two decimal places"
    return None


def _stock(value):
    # The bound comes first: the whole part of 1e999999 is not to be computed.
    if not _is_number(value) or value < 0 or value > MOST or value != int(value):
        return "must be a whole number from 0 to 1000000000"
    return None


def _tags(value):
    if not isinstance(value, list) or len(value) > 20 or not all(isinstance(tag, str) and tag for tag in value):
        return "must be a list of at most 20 non-empty texts"
    return None


CHECKS = {"id": _id, "name": _name, "price": _price, "stock": _stock, "tags": _tags}


def _is_number(value):
    # A bool is an int to Python, not to a person.
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _error(field, problem):
    return {"field": field, "problem": problem}


def _no_constant(name):
    raise ValueError(f"{name} is not a number")


def _plain(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
