"""A workflow of thirty states: choices, retries, maps in branches, what is caught and what isn't."""


def passes(next_state=None, **more):
    return {"Type": "Pass", **({"Next": next_state} if next_state else {"End": True}), **more}


def task(function, next_state=None, **more):
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload.$": "$"},
        **({"Next": next_state} if next_state else {"End": True}),
        **more,
    }


def chain(*names):
    """States that only pass on, one after the other."""
    return {name: passes(after) for name, after in zip(names, [*names[1:], None])}


def retry(most):
    return [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": most, "BackoffRate": 1.0}]


def parcels(function):
    """A map whose items each check, weigh and ship a parcel; those without a weight fail."""
    states = {
        "Check parcel": passes("Heavy?"),
        "Heavy?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.weight", "NumericGreaterThan": 30, "Next": "Freight"}],
            "Default": "Post",
        },
        "Freight": passes("Ship parcel"),
        "Post": passes("Ship parcel"),
        "Ship parcel": task(function),
    }
    return {
        "Type": "Map",
        "ItemsPath": "$.parcels",
        "MaxConcurrency": 1,
        "ItemProcessor": {"StartAt": "Check parcel", "States": states},
        "ResultPath": "$.shipped",
        "Next": "Label all",
    }


def large(function):
    """`function` is called for each parcel, and may fail."""
    billing = {"StartAt": "Make invoice", "States": chain("Make invoice", "Round totals", "Sign invoice", "File invoice")}
    news = {"StartAt": "Find address", "States": chain("Find address", "Write mail", "Translate mail")}
    shipping = {
        "StartAt": "Ship parcels",
        "States": {"Ship parcels": parcels(function), **chain("Label all", "Book pickup")},
    }
    states = {
        "Validate order": passes("Known customer?", Assign={"order.$": "$.id"}),
        "Known customer?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.customer", "IsPresent": False, "Next": "Refuse order"},
                {
                    "And": [
                        {"Variable": "$.total", "NumericGreaterThanEquals": 1000},
                        {"Variable": "$.vip", "BooleanEquals": False},
                    ],
                    "Next": "Review by hand",
                },
            ],
            "Default": "Reserve stock",
        },
        "Review by hand": {"Type": "Wait", "Seconds": 60, "Next": "Reserve stock"},
        "Reserve stock": passes("Stock left?"),
        "Stock left?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.stock", "NumericLessThan": 1, "Next": "Order more"}],
            "Default": "Charge",
        },
        "Order more": passes("Wait for stock", Result=1, ResultPath="$.stock"),
        "Wait for stock": {"Type": "Wait", "Seconds": 0, "Next": "Stock left?"},
        "Charge": passes("Fulfil", Assign={"charged.$": "$.total"}),
        "Fulfil": {
            "Type": "Parallel",
            "Branches": [billing, shipping, news],
            "Catch": [{"ErrorEquals": ["Never"], "Next": "Refund"}],
            "Next": "Thank",
        },
        "Refund": passes("Release stock"),
        "Release stock": passes("Refuse order"),
        "Refuse order": {"Type": "Fail", "Error": "Refused", "Cause": "The order can't be served"},
        "Thank": passes("Archive"),
        "Archive": passes("Done"),
        "Done": {"Type": "Succeed"},
    }
    return {"StartAt": "Validate order", "States": states}


def order(parcels=12, broken=7):
    """An input; the parcel `broken` makes the function fail."""
    items = [{"number": at, "weight": at * 7 % 50, "broken": at == broken} for at in range(parcels)]
    return {"id": "o-1", "customer": "Ada", "total": 120, "vip": False, "stock": 0, "parcels": items}


SHIP = """
def handler(event, context):
    print("parcel", event["number"])
    if event["broken"]:
        raise ValueError(f"parcel {event['number']} has no label")
    return {"shipped": event["number"]}
"""
