"""Handlers as Powertools' guide has them, one for each of its tools that have here what they need."""

import os

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent
from aws_lambda_powertools.utilities.parameters import DynamoDBProvider

TABLE = os.environ["TABLE"]
logger = Logger(service="shop")
metrics = Metrics(namespace="Shop", service="shop")
tracer = Tracer(service="shop")
app = LambdaFunctionUrlResolver()


@logger.inject_lambda_context(correlation_id_path="id", log_event=True, clear_state=True)
def logs(event, context):
    logger.append_keys(order=7)
    logger.debug("details")
    logger.info("paid", extra={"amount": 3})
    try:
        raise ValueError("no money")
    except ValueError:
        logger.exception("refused")


@metrics.log_metrics(capture_cold_start_metric=True)
def measures(event, context):
    metrics.add_dimension(name="country", value="at")
    metrics.add_metric(name="orders", unit=MetricUnit.Count, value=event["orders"])
    metrics.add_metadata(key="id", value="a")


@tracer.capture_lambda_handler
def traces(event, context):
    tracer.put_annotation(key="order", value="7")
    return work(event)


@tracer.capture_method
def work(event):
    if event.get("fail"):
        raise ValueError("as asked")
    return tracer.provider.current_subsegment().trace_id


@app.get("/orders/<number>")
def order(number):
    if number == "0":
        raise NotFoundError("no such order")
    return {"number": number, "by": app.current_event.get_query_string_value("by")}


@app.post("/orders")
def add():
    return {"made": app.current_event.json_body}, 201


def serves(event, context):
    return app.resolve(event, context)


made = 0


@idempotent(persistence_store=DynamoDBPersistenceLayer(TABLE), config=IdempotencyConfig(event_key_jmespath="id"))
def once(event, context):
    global made
    made += 1
    if event.get("fail"):
        raise ValueError("as asked")
    return {"made": made, "id": event["id"]}


processor = BatchProcessor(event_type=EventType.SQS)


def one_of_many(record):
    if record.json_body["fail"]:
        raise ValueError("as asked")


def batches(event, context):
    return process_partial_response(event=event, record_handler=one_of_many, processor=processor, context=context)


def looks_up(event, context):
    return DynamoDBProvider(table_name=TABLE, value_attr="data").get(event["name"], max_age=0)
