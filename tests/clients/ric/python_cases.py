"""What a Python function may do, one function a case: the same over AWS's client and over ours."""

import asyncio
import collections
import datetime
import decimal
import enum
import json
import logging
import os
import sys
import time
import warnings

logger = logging.getLogger()
Point = collections.namedtuple("Point", "x y")
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def handler(event, context):
    return CASES[event["case"]](event, context)


# --- answers -----------------------------------------------------------------------------------------------------


@case
def plain_values(event, context):
    return {"list": [1, -2.5, 1e300, None, True], "text": "ä\u2028\u2029\x7f\x00\"\\", "empty": [{}, [], ""], "event": event}


@case
def long_numbers(event, context):
    return [2**70, -(2**63), 0.1, 1e-7, 123456789012345680.0]


@case
def not_numbers(event, context):
    # Read as text: it is no JSON.
    return json.dumps([float("nan"), float("inf")])


@case
def decimals(event, context):
    return [decimal.Decimal("1.10"), {"a": decimal.Decimal("1E+3")}, decimal.Decimal(7), (decimal.Decimal("-0.0"),)]


@case
def named_tuples(event, context):
    return {"one": Point(1, [Point("a", None)]), "two": [(1, 2), Point(1, decimal.Decimal("2.50"))]}


class WithDict:
    def _asdict(self):
        return {"as": "dict"}


@case
def objects_that_are_dicts(event, context):
    return [WithDict(), collections.OrderedDict(b=1, a=2), collections.defaultdict(list, x=[1])]


@case
def odd_keys(event, context):
    return {1: "int", 2.5: "float", True: "bool", None: "none", b"bytes": "bytes"}


@case
def bytes_within(event, context):
    return {"bytes": "ü".encode(), "list": [b"x"]}


@case
def bytes_that_are_no_text(event, context):
    return {"bytes": b"\xff"}


@case
def bytes_as_answer(event, context):
    return b'{"raw":   true}'


class Colour(enum.Enum):
    RED = 1


class Size(enum.IntEnum):
    LARGE = 3


class Text(str):
    pass


@case
def subclasses(event, context):
    return [Size.LARGE, Text("text"), collections.UserDict and {"k": Text("v")}]


@case
def an_enum(event, context):
    return Colour.RED


@case
def a_set(event, context):
    return {"in": {1, 2}}


@case
def a_date(event, context):
    return datetime.date(2020, 1, 1)


@case
def tuple_keys(event, context):
    return {(1, 2): 3}


@case
def a_generator(event, context):
    return (n for n in range(3))


@case
def a_circle(event, context):
    circle = [1]
    circle.append(circle)
    return circle


@case
def a_circle_of_dicts(event, context):
    circle = {}
    circle["self"] = {"in": circle}
    return circle


@case
def the_same_twice(event, context):
    shared = [Point(1, 2)]
    return [shared, shared]


# --- errors ------------------------------------------------------------------------------------------------------


class Own(Exception):
    pass


class Odd(Exception):
    def __str__(self):
        return "odd text"


@case
def raises(event, context):
    raise KeyError("k")


@case
def raises_in_an_expression(event, context):
    values = {"a": 1}
    return values["a"] + len([n for n in (1, 2, 0) if 1 / n > 0])


@case
def raises_deep_down(event, context):
    def down(n):
        if n == 0:
            raise Own("deep", 7)
        return down(n - 1)

    return down(5)


@case
def raises_without_a_message(event, context):
    raise Own


@case
def raises_lines(event, context):
    raise ValueError("one\n  two\n\nthree\t ü")


@case
def raises_odd_text(event, context):
    raise Odd("ignored")


@case
def raises_from_another(event, context):
    try:
        1 / 0
    except ZeroDivisionError as error:
        raise Own("outer") from error


@case
def recurses(event, context):
    def on(n):
        return on(n + 1)

    sys.setrecursionlimit(80)
    try:
        return on(0)
    finally:
        sys.setrecursionlimit(1000)


@case
def raises_from_json(event, context):
    return json.loads("{")


@case
def raises_in_asyncio(event, context):
    async def work():
        await asyncio.sleep(0)
        raise Own("async")

    return asyncio.run(work())


@case
def raises_from_compiled_text(event, context):
    exec(compile("\nraise LookupError('compiled')", "<generated>", "exec"))


@case
def exits(event, context):
    print("partial", end="")
    sys.exit(3)


@case
def exits_with_text(event, context):
    sys.exit("a reason")


@case
def exits_at_once(event, context):
    sys.stdout.write("no line end")
    os._exit(4)


@case
def is_interrupted(event, context):
    raise KeyboardInterrupt


# --- the log -----------------------------------------------------------------------------------------------------


@case
def prints(event, context):
    print("one", 2, {"three": 3})
    print("two\nlines")
    print("no end", end="")
    print(" and its end")
    sys.stdout.write("written\n")
    print("to stderr", file=sys.stderr)
    print("ünïcödé \u2028")


@case
def logs_at_all_levels(event, context):
    for level in ("debug", "info", "warning", "error", "critical"):
        getattr(logger, level)("at %s: %d", level, 7)
    logger.log(25, "between")
    logger.log(5, "below")
    logger.log(99, "above")


@case
def logs_as_a_child(event, context):
    child = logging.getLogger("a.child")
    child.warning("from a child")
    child.setLevel("INFO")
    child.info("lower by itself")
    child.setLevel("NOTSET")


@case
def logs_lines(event, context):
    logger.error("one\ntwo\n\nthree")


@case
def logs_objects(event, context):
    logger.warning({"a": 1, "when": datetime.date(2020, 1, 1)})
    logger.warning(["a", 1])
    logger.warning(None)
    logger.warning({"with": "args %s"}, "x")


@case
def logs_more_fields(event, context):
    logger.warning("extra", extra={"own": 1, "ü": "ü", "odd": {1, }, "none": None, "level": "mine", "aws_request_id": "y"})


@case
def logs_an_exception(event, context):
    try:
        json.loads("{")
    except ValueError:
        logger.exception("it %s", "failed")
        logger.warning("with", exc_info=True)
        logger.warning("with its stack", stack_info=True)


@case
def logs_no_exception(event, context):
    logger.warning("there is none", exc_info=True)


@case
def logs_wrong_arguments(event, context):
    logger.warning("%d", "x")


@case
def changes_the_level(event, context):
    before = logger.level
    logger.setLevel(logging.DEBUG)
    logger.debug("now shown")
    logger.setLevel(before)
    return before


@case
def logs_by_the_context(event, context):
    context.log("by the context\n")
    context.log(7)
    context.log("\n")


@case
def warns(event, context):
    warnings.warn("careful")


@case
def basic_config(event, context):
    logging.basicConfig(level="DEBUG", format="%(message)s")
    logger.debug("unchanged")
    return [type(one).__name__ for one in logger.handlers]


@case
def own_formatter(event, context):
    kept = logger.handlers[0].formatter
    logger.handlers[0].setFormatter(logging.Formatter("%(levelname)s %(aws_request_id)s %(message)s\n"))
    logger.warning("in my own format")
    logger.handlers[0].setFormatter(kept)


@case
def the_formatter(event, context):
    return [type(logger.handlers[0].formatter).__name__, len(logger.handlers), logging.Formatter.converter is time.gmtime]


# --- the context -------------------------------------------------------------------------------------------------


@case
def context_in_words(event, context):
    return repr(context)


@case
def context_fields(event, context):
    kind = type(context)
    return [sorted(vars(context)), kind.__module__, kind.__name__, sorted(name for name in dir(context) if name[0] != "_")]


@case
def context_values(event, context):
    left = context.get_remaining_time_in_millis()
    names = ("function_version", "memory_limit_in_mb", "tenant_id")
    return [type(left).__name__, 0 < left <= 60_000, {name: getattr(context, name) for name in names}, context.w3c()]


@case
def context_of_the_client(event, context):
    client = context.client_context
    whole = client and [client.custom, client.env, client.client and client.client.app_title, repr(client)]
    return [whole, repr(context.identity), context.w3c()]


@case
def context_may_be_written(event, context):
    context.own = 1
    context.identity.own = 1


@case
def trace_in_the_environment(event, context):
    return os.environ["_X_AMZN_TRACE_ID"].startswith("Root=")


@case
def log_settings(event, context):
    return {name: os.environ.get(name) for name in ("AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL")}


@case
def modules_of_the_client(event, context):
    import __main__
    from awslambdaric.lambda_context import LambdaContext
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    found = getattr(__main__, "awslambdaricmain", __main__)
    return [isinstance(context, LambdaContext), callable(found.bootstrap.handle_event_request), LambdaRuntimeClient.__name__]
