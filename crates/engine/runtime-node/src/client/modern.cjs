"use strict";
// How functions for Node 24 are called: what they return is the answer, or a promise of it. AWS has taken all other ways
// to answer away.

const { environmentData, forwardTrace, headerData, serialized } = require("./context.cjs");
const { faults, shownByModern: shown, useFaults } = require("./errors.cjs");
const { findHandler, modern } = require("./function.cjs");
const { current, logError, ways, whenPrinted } = require("./log.cjs");
const { callStreaming, hasGlobal, isStreaming, setUpGlobal } = require("./streaming.cjs");

const NO_CALLBACKS =
  "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.";
const CALLBACK_AT = 3;

const PROTECTED_KEYS = {
  REQUEST_ID: Symbol.for("_AWS_LAMBDA_REQUEST_ID"),
  X_RAY_TRACE_ID: Symbol.for("_AWS_LAMBDA_X_RAY_TRACE_ID"),
  TENANT_ID: Symbol.for("_AWS_LAMBDA_TENANT_ID"),
};

/** What libraries ask of the call at work, through `awslambda.InvokeStore`. */
class InvokeStore {
  static PROTECTED_KEYS = PROTECTED_KEYS;
  #context;

  getContext() {
    return this.#context;
  }

  hasContext() {
    return this.#context !== undefined;
  }

  get(key) {
    return this.#context?.[key];
  }

  set(key, value) {
    if (this.isProtectedKey(key)) {
      throw new Error(`Cannot modify protected Lambda context field: ${String(key)}`);
    }
    this.#context ??= {};
    this.#context[key] = value;
  }

  run(context, call) {
    this.#context = context;
    return call();
  }

  isProtectedKey(key) {
    return Object.values(PROTECTED_KEYS).includes(key);
  }

  getRequestId() {
    return this.get(PROTECTED_KEYS.REQUEST_ID) ?? "-";
  }

  getXRayTraceId() {
    return this.get(PROTECTED_KEYS.X_RAY_TRACE_ID);
  }

  getTenantId() {
    return this.get(PROTECTED_KEYS.TENANT_ID);
  }
}

// AWS: these names show in traces.
class BufferedInvokeProcessor {
  constructor(handler) {
    this.handler = handler;
  }
}
class StreamingInvokeProcessor extends BufferedInvokeProcessor {}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

class Runtime {
  constructor(api) {
    this.api = api;
    this.store = new InvokeStore();
    Object.assign(ways, { noId: "-", errorsFrom: 1 });
  }

  /** Whatever fails in here ends the process in Node's own way. */
  async start() {
    useFaults(true);
    setUpGlobal({ InvokeStore: this.store });
    this.store = hasGlobal() ? globalThis.awslambda.InvokeStore : this.store;
    try {
      this.handler = await findHandler(process.env._HANDLER, modern);
      if (this.handler.length >= CALLBACK_AT && !isStreaming(this.handler)) {
        throw new faults.CallbackHandlerDeprecated(NO_CALLBACKS);
      }
    } catch (error) {
      logError("Init Error", error, shown);
      const told = shown(error);
      await new Promise(whenPrinted);
      await this.api.post("init/error", JSON.stringify(told), told.errorType);
      throw error;
    }
    let work = await this.api.next();
    for (;;) {
      work = await this.handle(work);
    }
  }

  /** Answers one event; resolves to the next. */
  async handle({ headers, body }) {
    const context = this.context(headers);
    const event = JSON.parse(body.toString());
    current.requestId = context.awsRequestId;
    const { awsRequestId, xRayTraceId } = context;
    const known = { [PROTECTED_KEYS.REQUEST_ID]: awsRequestId, [PROTECTED_KEYS.X_RAY_TRACE_ID]: xRayTraceId };
    const how = isStreaming(this.handler) ? "processStreaming" : "processInvoke";
    return this.store.run(known, () => this[how](context, event));
  }

  context(headers) {
    const complain = (header) => (error) => new faults.PlatformError(`Failed to parse ${header} as JSON: ${error.message}`);
    const { getRemainingTimeInMillis, ...data } = headerData(headers, complain);
    forwardTrace(headers);
    const xRayTraceId = headers["lambda-runtime-trace-id"];
    const { functionVersion, functionName, ...environment } = environmentData();
    return { ...data, xRayTraceId, getRemainingTimeInMillis, functionName, functionVersion, ...environment };
  }

  async processInvoke(context, event) {
    let answer;
    try {
      const caller = new BufferedInvokeProcessor(this.handler);
      const result = await caller.handler(event, context);
      await nextTurn();
      answer = ["response", serialized(result, faults.JSONStringifyError)];
    } catch (error) {
      await nextTurn();
      logError("Invoke Error", error, shown);
      answer = ["error", JSON.stringify(shown(error))];
    }
    await new Promise(whenPrinted);
    return this.api.postThenNext(`invocation/${context.awsRequestId}/${answer[0]}`, answer[1]);
  }

  async processStreaming(context, event) {
    await callStreaming({
      api: this.api,
      caller: new StreamingInvokeProcessor(this.handler),
      id: context.awsRequestId,
      event: () => event,
      context: () => context,
      whenPrinted,
      logError,
      shown,
      complain: (sentence) => new Error(sentence),
      began: () => {},
    });
    await new Promise(whenPrinted);
    return this.api.next();
  }
}

module.exports = { Runtime };
