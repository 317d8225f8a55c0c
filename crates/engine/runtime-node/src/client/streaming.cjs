"use strict";
// How handlers say that they stream.

const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");
const HTTP_RESPONSE = "application/vnd.awslambda.http-integration-response";
const DELIMITER = 8;

const hasGlobal = () => !["1", "true"].includes(process.env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA);

const isStreaming = (handler) => handler[STREAMING] === "response";
isStreaming.symbol = STREAMING;

/** The global through which they do. */
function setUpGlobal(more) {
  if (!hasGlobal()) {
    return;
  }
  globalThis.awslambda = {
    ...globalThis.awslambda,
    streamifyResponse(handler, options) {
      handler[STREAMING] = "response";
      if (typeof options?.highWaterMark === "number") {
        handler[HIGH_WATER_MARK] = Math.trunc(options.highWaterMark);
      }
      return handler;
    },
    HttpResponseStream: class HttpResponseStream {
      /** The same stream, which begins with status and headers for who asked by HTTP. */
      static from(stream, prelude) {
        stream.setContentType(HTTP_RESPONSE);
        const head = JSON.stringify(prelude);
        stream._onBeforeFirstWrite = (write) => {
          write(head);
          write(new Uint8Array(DELIMITER));
        };
        return stream;
      }
    },
    ...more,
  };
}

/** Calls the handler of `caller`, which streams, and has its answer posted to its end. `complain`: from a sentence, what to throw. */
async function callStreaming({ api, caller, id, event, context, whenPrinted, logError, shown, complain, began }) {
  // Loaded when a handler streams: the others need no streams at all.
  const { ResponseStream } = require("./response-stream.cjs");
  const stream = new ResponseStream({ api, id }, caller.handler[HIGH_WATER_MARK], whenPrinted);
  began(stream);
  // A stream that is destroyed says why in the handler's own promise; nobody else listens.
  stream.on("error", () => {});
  try {
    const result = caller.handler(event(), stream, context());
    if (typeof result?.then !== "function") {
      throw complain("Streaming does not support non-async handlers.");
    }
    if ((await result) !== undefined) {
      console.warn("Streaming handlers ignore return values.");
    }
    if (stream.destroyed && !stream.writableFinished) {
      throw complain("Response stream is not finished.");
    }
    await stream.taken;
  } catch (error) {
    logError("Invoke Error", error, shown);
    await stream.fail(shown(error));
  }
}

module.exports = { hasGlobal, isStreaming, setUpGlobal, callStreaming };
