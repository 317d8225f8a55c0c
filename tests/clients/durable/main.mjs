// What the tests of durable functions ask for, in JavaScript. main.py does the same.

import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";

import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CallbackError, InvokeError, StepError, withDurableExecution } from "@aws/durable-execution-sdk-js";

const dynamodb = new DynamoDBClient({});

/** Leaves a mark outside, under an id of its own, which it returns. */
async function put(event, what) {
  const mark = randomUUID();
  await dynamodb.send(new PutItemCommand({ TableName: event.table, Item: { id: { S: mark }, what: { S: what } } }));
  return mark;
}

/** Whether nobody has asked for this before. */
async function first(event, what) {
  const item = { id: { S: what } };
  const unless = "attribute_not_exists(id)";
  try {
    await dynamodb.send(new PutItemCommand({ TableName: event.table, Item: item, ConditionExpression: unless }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

const said = (error) => ({ error: error.constructor.name, message: error.message });

const workflows = {
  async steps(event, context) {
    const one = await context.step("one", async () => event.n + 1);
    return context.step("two", async () => ({ one, two: 2 * one }));
  },

  async wait(event, context) {
    const before = await context.step("before", () => put(event, "before"));
    await context.wait("pause", { seconds: event.seconds });
    return { before, after: await context.step("after", () => put(event, "after")) };
  },

  async many(event, context) {
    const marks = [];
    for (let n = 0; n < event.steps; n += 1) {
      marks.push(await context.step(`step ${n}`, () => put(event, `step ${n}`)));
      await context.wait(`pause ${n}`, { seconds: 1 });
    }
    return marks;
  },

  /** More than any one invocation is told at once. */
  async big(event, context) {
    const texts = [];
    for (let n = 0; n < event.steps; n += 1) {
      const letter = String.fromCharCode(97 + (n % 26));
      texts.push(await context.step(`text ${n}`, async () => letter.repeat(event.size)));
    }
    await context.wait("pause", { seconds: 60 });
    return [texts.length, texts.reduce((sum, text) => sum + text.length, 0), texts.map((text) => text[0]).join("")];
  },

  async parallel(event, context) {
    const branch = (n) => async (child) => {
      await child.wait(`pause ${n}`, { seconds: n });
      return child.step(`after ${n}`, async () => 10 * n);
    };
    return (await context.parallel("all", event.waits.map(branch))).getResults();
  },

  async squares(event, context) {
    const square = (child, item, index, items) =>
      child.step("square", async () => [index, item * item, items.length]);
    return (await context.map("squares", event.items, square)).getResults();
  },

  /** Results too large to be kept together, so that they are put together again from their parts. */
  async large(event, context) {
    const text = (child, item) => child.step(async () => item.repeat(100_000));
    const texts = await context.map("texts", event.items, text);
    await context.wait("pause", { seconds: 60 });
    return texts.getResults().map((one) => one.length);
  },

  async children(event, context) {
    return context.runInChildContext("outer", async (child) => {
      const one = await child.step("one", async () => 1);
      await child.wait("pause", { seconds: 30 });
      return child.runInChildContext("inner", (deep) => deep.step("two", async () => one + 1));
    });
  },

  async callback(event, context) {
    const config = {};
    if (event.timeout) config.timeout = { seconds: event.timeout };
    if (event.heartbeat) config.heartbeatTimeout = { seconds: event.heartbeat };
    const [asked] = await context.createCallback("approval", config);
    try {
      return { answer: await asked };
    } catch (error) {
      if (error instanceof CallbackError) return said(error);
      throw error;
    }
  },

  async submit(event, context) {
    return context.waitForCallback("approval", async (callbackId) => {
      const item = { id: { S: event.run }, callback: { S: callbackId } };
      await dynamodb.send(new PutItemCommand({ TableName: event.table, Item: item }));
    });
  },

  async flaky(event, context) {
    const attempt = async (step) => {
      if (step.attempt < event.good) throw new Error(`attempt ${step.attempt}`);
      return step.attempt;
    };
    const retryStrategy = (_, made) => ({ shouldRetry: made < event.most, delay: { seconds: 10 * 2 ** made } });
    try {
      return { attempt: await context.step("flaky", attempt, { retryStrategy }) };
    } catch (error) {
      if (error instanceof StepError) return said(error);
      throw error;
    }
  },

  async condition(event, context) {
    const waitStrategy = (state) =>
      state >= event.until ? { shouldContinue: false } : { shouldContinue: true, delay: { seconds: 30 } };
    return context.waitForCondition("enough", async (state) => state + 1, { waitStrategy, initialState: 0 });
  },

  async call(event, context) {
    try {
      return { answer: await context.invoke("other", event.function, event.payload) };
    } catch (error) {
      if (error instanceof InvokeError) return said(error);
      throw error;
    }
  },

  async crash(event, context) {
    const mark = await context.step("before", () => put(event, "before"));
    if (await first(event, `crash ${event.run}`)) {
      await setTimeout(1000 * event.sleep);
      process.exit(1);
    }
    return mark;
  },

  async fail() {
    throw new Error("no");
  },
};

export const handler = withDurableExecution((event, context) => workflows[event.do](event, context));
