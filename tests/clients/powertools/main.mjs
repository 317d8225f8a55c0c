// Handlers as Powertools' guide has them, one for each of its tools that have here what they need.

import { Router } from "@aws-lambda-powertools/event-handler/http";
import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { Logger } from "@aws-lambda-powertools/logger";
import { MetricUnit, Metrics } from "@aws-lambda-powertools/metrics";
import { Tracer } from "@aws-lambda-powertools/tracer";

const logger = new Logger({ serviceName: "shop" });
const metrics = new Metrics({ namespace: "Shop", serviceName: "shop" });
const tracer = new Tracer({ serviceName: "shop" });

export const logs = async (event, context) => {
  logger.addContext(context);
  logger.setCorrelationId(event.id);
  logger.appendKeys({ order: 7 });
  logger.debug("details");
  logger.info("paid", { amount: 3 });
  logger.error("refused", new RangeError("no money"));
};

export const measures = async (event, context) => {
  metrics.setFunctionName(context.functionName);
  metrics.captureColdStartMetric();
  metrics.addDimension("country", "at");
  metrics.addMetric("orders", MetricUnit.Count, event.orders);
  metrics.addMetadata("id", "a");
  metrics.publishStoredMetrics();
};

export const traces = async (event) => {
  const parent = tracer.getSegment();
  const segment = parent.addNewSubsegment("## work");
  tracer.setSegment(segment);
  tracer.annotateColdStart();
  tracer.addServiceNameAnnotation();
  tracer.putAnnotation("order", 7);
  try {
    if (event.fail) {
      throw new RangeError("as asked");
    }
    return tracer.getRootXrayTraceId();
  } catch (error) {
    tracer.addErrorAsMetadata(error);
    throw error;
  } finally {
    segment.close();
    tracer.setSegment(parent);
  }
};

const app = new Router();
app.get("/orders/:number", ({ params, req }) => {
  return { number: params.number, by: new URL(req.url).searchParams.get("by") };
});
app.post("/orders", async ({ req }) => Response.json({ made: await req.json() }, { status: 201 }));

export const serves = (event, context) => app.resolve(event, context);

let made = 0;
const work = async (event) => {
  made += 1;
  if (event.fail) {
    throw new RangeError("as asked");
  }
  return { made, id: event.id };
};

export const once = makeIdempotent(work, {
  persistenceStore: new DynamoDBPersistenceLayer({ tableName: process.env.TABLE }),
  config: new IdempotencyConfig({ eventKeyJmesPath: "id" }),
});
