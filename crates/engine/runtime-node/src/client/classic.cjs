"use strict";
// How functions for Node 22 and older are called: they may answer by a callback, by methods of their context, or by a
// promise, and what they leave to be done holds their answer up.

const { environmentData, forwardTrace, headerData, serialized } = require("./context.cjs");
const { faults, shownByClassic: shown, useFaults } = require("./errors.cjs");
const { classic, findHandler } = require("./function.cjs");
const { current, logError, whenPrinted } = require("./log.cjs");
const { callStreaming, isStreaming, setUpGlobal } = require("./streaming.cjs");

// AWS: where tools find these.
const REQUEST_ID = Symbol.for("aws.lambda.runtime.requestId");
const TENANT_ID = Symbol.for("aws.lambda.runtime.tenantId");

const isMissing = (value) => value === undefined || value === null;

class Runtime {
  constructor(api) {
    this.api = api;
    this.id = undefined;
    this.stream = undefined;
    /** What is done when nothing is left to do. */
    this.whenEmpty = undefined;
    this.leaving = false;
  }

  async start() {
    useFaults(false);
    setUpGlobal();
    process.on("beforeExit", () => this.whenEmpty && this.whenEmpty());
    process.on("uncaughtException", (error) => {
      logError("Uncaught Exception", error, shown);
      this.reportAndExit(error, 129);
    });
    process.on("unhandledRejection", (reason, promise) => {
      const error = Object.assign(new faults.UnhandledPromiseRejection(reason), { reason, promise });
      logError("Unhandled Promise Rejection", error, shown);
      this.reportAndExit(error, 128);
    });
    try {
      this.handler = await findHandler(process.env._HANDLER, classic);
    } catch (error) {
      logError("Uncaught Exception", error, shown);
      this.reportAndExit(error, 129);
      return;
    }
    this.go(this.api.next());
  }

  go(next) {
    next.then((work) => (isStreaming(this.handler) ? this.handleOnceStreaming(work) : this.handleOnceNonStreaming(work)));
  }

  begin(headers) {
    this.id = headers["lambda-runtime-aws-request-id"];
    current.requestId = globalThis[REQUEST_ID] = this.id;
    current.tenantId = globalThis[TENANT_ID] = headers["lambda-runtime-aws-tenant-id"];
  }

  context(headers, own) {
    forwardTrace(headers);
    const complain = (_header, name) => (error) => new Error(`Cannot parse ${name} as json: ${error}`);
    return Object.assign(own, environmentData(), headerData(headers, complain));
  }

  handleOnceNonStreaming({ headers, body }) {
    this.begin(headers);
    const { callback, context } = this.ways();
    // AWS: a handler that neither answers nor leaves anything to wait for has answered null.
    this.whenEmpty = () => this.post("response", "null");
    try {
      const result = this.handler(JSON.parse(body.toString()), this.context(headers, context), callback);
      if (result && typeof result.then === "function") {
        result.then(context.succeed, context.fail).catch(context.fail);
      }
    } catch (error) {
      callback(error);
    }
  }

  /** All the ways to end one invocation, of which the first counts that doesn't fail. */
  ways() {
    let over = false;
    let waits = true;
    const { id } = this;
    const once = (end) => (...args) => {
      if (!over && this.id === id) {
        end(...args);
        over = true;
      }
    };
    const done = (error, result) => (isMissing(error) ? this.complete(result) : this.fail(error));
    const callback = (error, result) => {
      if (isMissing(error) && waits) {
        this.whenEmpty = () => setImmediate(() => this.complete(result));
      } else {
        done(error, result);
      }
    };
    const context = {
      get callbackWaitsForEmptyEventLoop() {
        return waits;
      },
      set callbackWaitsForEmptyEventLoop(value) {
        waits = value;
      },
      succeed: once((result) => done(null, result)),
      fail: once((error) => done(error ?? "handled", null)),
      done: once(done),
    };
    return { callback: once(callback), context };
  }

  complete(result) {
    this.whenEmpty = undefined;
    this.post("response", serialized(result, Error));
  }

  fail(error) {
    logError("Invoke Error", error, shown);
    this.post("error", JSON.stringify(shown(error)));
  }

  post(kind, body) {
    this.whenEmpty = undefined;
    if (this.leaving) {
      return;
    }
    whenPrinted(() => this.go(this.api.postThenNext(`invocation/${this.id}/${kind}`, body)));
  }

  async handleOnceStreaming({ headers, body }) {
    this.begin(headers);
    await callStreaming({
      api: this.api,
      caller: this,
      id: this.id,
      event: () => JSON.parse(body.toString()),
      context: () => this.context(headers, { callbackWaitsForEmptyEventLoop: true }),
      whenPrinted,
      logError,
      shown,
      complain: (sentence) => sentence,
      began: (stream) => (this.stream = stream),
    });
    this.stream = undefined;
    whenPrinted(() => this.go(this.api.next()));
  }

  /** What nobody caught ends the process, after it was reported. */
  reportAndExit(error, code) {
    // What the handler still comes to is nobody's: a process that is frozen here would go on with it when it is thawed.
    this.leaving = true;
    const exit = () => process.exit(code);
    if (this.stream) {
      whenPrinted(() => this.stream.fail(shown(error)).then(exit));
      return;
    }
    const to = this.id ? `invocation/${this.id}/error` : "init/error";
    const told = shown(error);
    whenPrinted(() => this.api.post(to, JSON.stringify(told), told.errorType).then(exit));
  }
}

module.exports = { Runtime };
