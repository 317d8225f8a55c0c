"use strict";
// updraft's Lambda runtime client for Node.
//
// Speaks the Runtime API over one plain socket and behaves towards the function as AWS's client does: handler names,
// context, callbacks, error shapes, log format. Loads nothing of Node that it doesn't need.

const fs = require("fs");
const net = require("net");
const path = require("path");
const util = require("util");
const Module = require("module");

const API = "/2018-06-01/runtime/";
const RESPONSE_MODE = "Lambda-Runtime-Function-Response-Mode";
const ERROR_TYPE = "Lambda-Runtime-Function-Error-Type";
const ERROR_BODY = "Lambda-Runtime-Function-Error-Body";
// In bytes, before they become base64: the platform reads trailers of 16 KiB.
const LONGEST_ERROR = 9000;
const ROOT = process.env.LAMBDA_TASK_ROOT || "/var/task";
// AWS: modules are looked up as if from its own client's file, whose name shows in error messages.
const requireFrom = Module.createRequire("/var/runtime/index.mjs");

// --- the Runtime API ---------------------------------------------------------------------------------------------

/** One connection, kept open; requests may be sent before earlier answers are read. */
class Api {
  constructor(address) {
    const [host, port] = address.split(":");
    this.host = address;
    this.waiting = [];
    this.chunks = [];
    this.size = 0;
    this.needed = 0;
    this.socket = net.connect({ host, port: Number(port), noDelay: true });
    this.socket.on("data", (chunk) => this.receive(chunk));
    this.socket.on("error", () => process.exit(1));
    this.socket.on("close", () => process.exit(0));
    this.ask = `GET ${API}invocation/next HTTP/1.1\r\nHost: ${address}\r\n\r\n`;
  }

  /** Waits for work. Meanwhile, and only then, the connection keeps the process alive. */
  next() {
    return this.send(this.ask).then((answer) => this.expectWork(answer));
  }

  /** Posts JSON. */
  post(to, body, kind) {
    return this.send(this.head(to, body, kind) + body);
  }

  /** Begins a post whose body comes in pieces: `chunk` and then `lastChunk` go on with it. Resolves as `post` does. */
  begin(to, type) {
    return this.send(
      `POST ${API}${to} HTTP/1.1\r\nHost: ${this.host}\r\nContent-Type: ${oneLine(type)}\r\nTransfer-Encoding: chunked\r\n` +
        `${RESPONSE_MODE}: streaming\r\nTrailer: ${ERROR_TYPE}, ${ERROR_BODY}\r\n\r\n`,
    );
  }

  /** Calls back when the platform has taken it, so that nothing piles up here. */
  chunk(data, then) {
    this.socket.cork();
    this.socket.write(`${data.length.toString(16)}\r\n`);
    this.socket.write(data);
    this.socket.write("\r\n", then);
    this.socket.uncork();
  }

  /** Ends the body. An error that came up in between goes along. */
  lastChunk(error) {
    let trailers = "";
    if (error) {
      const body = Buffer.from(JSON.stringify(fitting(error))).toString("base64");
      trailers = `${ERROR_TYPE}: ${oneLine(error.errorType)}\r\n${ERROR_BODY}: ${body}\r\n`;
    }
    this.socket.write(`0\r\n${trailers}\r\n`);
  }

  /** Posts JSON and asks for more work in the same write. */
  postThenNext(to, body) {
    this.send(this.head(to, body) + body + this.ask);
    return this.answer().then((answer) => this.expectWork(answer));
  }

  head(to, body, kind) {
    const error = kind ? `${ERROR_TYPE}: ${oneLine(kind)}\r\n` : "";
    const size = Buffer.byteLength(body);
    return (
      `POST ${API}${to} HTTP/1.1\r\nHost: ${this.host}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${size}\r\n${error}\r\n`
    );
  }

  send(text) {
    this.socket.ref();
    const answer = this.answer();
    this.socket.write(text);
    return answer;
  }

  answer() {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  expectWork(answer) {
    if (answer.status !== 200) {
      process.exit(1);
    }
    // While the function works, only what it does itself keeps the process alive.
    this.socket.unref();
    return answer;
  }

  receive(chunk) {
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size < this.needed) {
      return;
    }
    let data = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    this.needed = 0;
    for (let parsed = this.parse(data); parsed; parsed = this.parse(data)) {
      data = data.subarray(parsed.end);
      this.waiting.shift()(parsed);
    }
    this.chunks = data.length ? [data] : [];
    this.size = data.length;
  }

  parse(data) {
    const head = data.indexOf("\r\n\r\n");
    if (head < 0) {
      return undefined;
    }
    const [first, ...lines] = data.toString("utf8", 0, head).split("\r\n");
    const headers = {};
    for (const line of lines) {
      const colon = line.indexOf(":");
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    const end = head + 4 + Number(headers["content-length"] || 0);
    if (data.length < end) {
      this.needed = end;
      return undefined;
    }
    return { status: Number(first.split(" ")[1]), headers, body: data.subarray(head + 4, end), end };
  }
}

// --- errors ------------------------------------------------------------------------------------------------------

function fault(kind) {
  const Fault = class extends Error {};
  Fault.prototype.name = `Runtime.${kind}`;
  return Fault;
}

const ImportModuleError = fault("ImportModuleError");
const HandlerNotFound = fault("HandlerNotFound");
const MalformedHandlerName = fault("MalformedHandlerName");
const UserCodeSyntaxError = fault("UserCodeSyntaxError");
const UnhandledPromiseRejection = fault("UnhandledPromiseRejection");

/** What can stand in a header. */
function oneLine(text) {
  return String(text).replace(/[^\x20-\x7e]/g, " ");
}

/** An error with as much of its message and trace as fits into a trailer. */
function fitting(error) {
  let left = LONGEST_ERROR;
  const fits = (text) => (left -= Buffer.byteLength(JSON.stringify(text)) + 1) >= 0;
  const message = error.errorMessage ?? "";
  const errorMessage = fits(message) ? message : message.slice(0, LONGEST_ERROR / 8);
  return { ...error, errorMessage, trace: (error.trace || []).filter(fits) };
}

function looksLikeError(value) {
  return value && [value.name, value.message, value.stack].every((part) => part && typeof part === "string");
}

/** What the caller of the function gets to see. */
function shown(error) {
  try {
    if (util.types.isNativeError(error) || looksLikeError(error)) {
      return { errorType: error.name, errorMessage: error.message, trace: error.stack.split("\n") };
    }
    return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
  } catch {
    const errorMessage =
      "callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack";
    return { errorType: "handled", errorMessage };
  }
}

/** What the log says. */
function logged(error) {
  const whole = error instanceof Error ? error : new Error(error);
  try {
    return JSON.stringify(whole, (_key, value) => {
      if (!(value instanceof Error)) {
        return value;
      }
      const stack = typeof value.stack === "string" ? value.stack.split("\n") : value.stack;
      return { errorType: value.name, errorMessage: value.message, code: value.code, ...value, stack };
    });
  } catch {
    return JSON.stringify(shown(whole));
  }
}

function logError(what, error) {
  console.error(what, `\t${logged(error)}`);
}

// --- the console -------------------------------------------------------------------------------------------------

let requestId;

function writeLine(level, args) {
  const line = `${new Date().toISOString()}\t${requestId}\t${level}\t${util.format(...args)}`;
  write(line.replace(/\n/g, "\r") + "\n");
}

// `process.stdout` writes in the background. As long as the function has not touched it, lines are written directly;
// from then on through it, so that they stay in order.
let stdout;

function watchStdout() {
  const { get } = Object.getOwnPropertyDescriptor(process, "stdout");
  const watched = () => (stdout = get.call(process));
  Object.defineProperty(process, "stdout", { configurable: true, enumerable: true, get: watched });
}

function write(text) {
  if (stdout) {
    stdout.write(text);
  } else {
    fs.writeSync(1, text);
  }
}

/** Calls back when everything that was printed has left the process. */
function whenPrinted(then) {
  if (stdout && stdout.writableLength > 0) {
    stdout.write("", then);
  } else {
    then();
  }
}

function patchConsole() {
  const levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
  const least = Math.max(levels.indexOf((process.env.AWS_LAMBDA_LOG_LEVEL || "").toUpperCase()), 0);
  levels.forEach((level, rank) => {
    console[level.toLowerCase()] = rank >= least ? (...args) => writeLine(level, args) : () => {};
  });
  console.log = console.info;
}

// --- answers in pieces -------------------------------------------------------------------------------------------

const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");
const HTTP_RESPONSE = "application/vnd.awslambda.http-integration-response";
const DELIMITER = 8;

/** The global through which handlers say that they stream. */
function setUpGlobal() {
  if (["1", "true"].includes(process.env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA)) {
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
  };
}

// --- the function ------------------------------------------------------------------------------------------------

async function findHandler(name) {
  if (name.includes("..")) {
    const hint = "Use absolute paths when specifying root directories in handler names.";
    throw new MalformedHandlerName(`'${name}' is not a valid handler name. ${hint}`);
  }
  const base = path.basename(name);
  const parts = base.match(/^([^.]*)\.(.*)$/);
  if (!parts) {
    throw new MalformedHandlerName("Bad handler");
  }
  const folder = name.slice(0, name.indexOf(base));
  const exported = await load(folder, parts[1]);
  const handler = parts[2].split(".").reduce((object, key) => object && object[key], exported);
  if (!handler) {
    throw new HandlerNotFound(`${name} is undefined or not exported`);
  }
  if (typeof handler !== "function") {
    throw new HandlerNotFound(`${name} is not a function`);
  }
  return handler;
}

async function load(folder, module) {
  try {
    return await loadFile(path.resolve(ROOT, folder, module), folder, module);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new UserCodeSyntaxError(error);
    }
    if (error && error.code === "MODULE_NOT_FOUND") {
      throw new ImportModuleError(error);
    }
    throw error;
  }
}

/** AWS: the order in which a handler's file is looked for. */
function loadFile(file, folder, module) {
  if (fs.existsSync(file)) {
    return requireFrom(file);
  }
  const script = `${file}.js`;
  if (fs.existsSync(script)) {
    return isModulePackage(path.dirname(script)) ? import(script) : requireFrom(script);
  }
  if (fs.existsSync(`${file}.mjs`)) {
    return import(`${file}.mjs`);
  }
  if (fs.existsSync(`${file}.cjs`)) {
    return requireFrom(`${file}.cjs`);
  }
  return requireFrom(requireFrom.resolve(module, { paths: [ROOT, folder] }));
}

/** Does the nearest package.json say that .js files are ES modules? */
function isModulePackage(folder) {
  if (folder.endsWith("/node_modules")) {
    return false;
  }
  const file = path.join(folder, "package.json");
  if (fs.existsSync(file)) {
    try {
      return JSON.parse(fs.readFileSync(file, "utf8")).type === "module";
    } catch (error) {
      console.warn(`${file} cannot be read, it will be ignored for ES module detection purposes.`, error);
      return false;
    }
  }
  return folder === "/" ? false : isModulePackage(path.dirname(folder));
}

function fromHeader(text, name) {
  if (text === undefined) {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Cannot parse ${name} as json: ${error}`);
  }
}

function contextData(headers) {
  const env = process.env;
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: fromHeader(headers["lambda-runtime-client-context"], "ClientContext"),
    identity: fromHeader(headers["lambda-runtime-cognito-identity"], "CognitoIdentity"),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: requestId,
    tenantId: headers["lambda-runtime-aws-tenant-id"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

function serialize(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? "null";
  } catch {
    throw new Error("Unable to stringify response body");
  }
}

/** One invocation at a time: what was posted, and what happens when nothing is left to do. */
class Invocation {
  constructor(api, handler) {
    this.api = api;
    this.handler = handler;
  }

  run({ headers, body }) {
    requestId = headers["lambda-runtime-aws-request-id"];
    this.id = requestId;
    this.over = false;
    this.waits = true;
    // AWS: a handler that neither answers nor leaves anything to wait for has answered null.
    this.whenEmpty = () => this.respond(null);
    const trace = headers["lambda-runtime-trace-id"];
    if (trace) {
      process.env._X_AMZN_TRACE_ID = trace;
    } else {
      delete process.env._X_AMZN_TRACE_ID;
    }
    this.stream = undefined;
    if (this.handler[STREAMING] === "response") {
      this.runStreaming(headers, body);
      return;
    }
    this.prepare();
    try {
      const result = this.handler(JSON.parse(body.toString()), this.context(headers), this.once(this.callback));
      if (result && typeof result.then === "function") {
        result.then(this.succeed, this.fail);
      }
    } catch (error) {
      this.fail(error);
    }
  }

  /** As AWS's newest client does: the next event is asked for as soon as the answer is out. */
  async runStreaming(headers, body) {
    this.whenEmpty = undefined;
    // Loaded when a handler streams: the others need no streams at all.
    const { ResponseStream } = require("./response-stream.cjs");
    const stream = new ResponseStream(this, this.handler[HIGH_WATER_MARK], whenPrinted);
    this.stream = stream;
    // A stream that is destroyed says why in the handler's own promise; nobody else listens.
    stream.on("error", () => {});
    try {
      const result = this.handler(JSON.parse(body.toString()), stream, this.streamingContext(headers));
      if (typeof result?.then !== "function") {
        throw new Error("Streaming does not support non-async handlers.");
      }
      if ((await result) !== undefined) {
        console.warn("Streaming handlers ignore return values.");
      }
      if (stream.destroyed && !stream.writableFinished) {
        throw new Error("Response stream is not finished.");
      }
      await stream.taken;
    } catch (error) {
      logError("Invoke Error", error);
      await stream.fail(shown(error));
    }
    this.stream = undefined;
    whenPrinted(() => this.go(this.api.next()));
  }

  streamingContext(headers) {
    return Object.assign({ callbackWaitsForEmptyEventLoop: true }, contextData(headers));
  }

  prepare() {
    this.succeed = this.once((result) => this.respond(result));
    this.fail = this.once((error) => this.reject(error ?? "handled"));
  }

  context(headers) {
    const invocation = this;
    const done = this.once((error, result) => (error == null ? this.respond(result) : this.reject(error)));
    const context = {
      get callbackWaitsForEmptyEventLoop() {
        return invocation.waits;
      },
      set callbackWaitsForEmptyEventLoop(value) {
        invocation.waits = value;
      },
      succeed: this.succeed,
      fail: this.fail,
      done,
    };
    return Object.assign(context, contextData(headers));
  }

  /** The first of all the ways to end an invocation counts. */
  once(end) {
    const id = this.id;
    return (...args) => {
      if (!this.over && this.id === id) {
        this.over = true;
        end.apply(this, args);
      }
    };
  }

  callback(error, result) {
    if (error != null) {
      this.reject(error);
    } else if (this.waits) {
      this.whenEmpty = () => setImmediate(() => this.respond(result));
    } else {
      this.respond(result);
    }
  }

  respond(result) {
    this.over = true;
    this.whenEmpty = undefined;
    let body;
    try {
      body = serialize(result);
    } catch (error) {
      this.reject(error);
      return;
    }
    this.answer("response", body);
  }

  reject(error) {
    this.over = true;
    this.whenEmpty = undefined;
    logError("Invoke Error", error);
    this.answer("error", JSON.stringify(shown(error)));
  }

  answer(kind, body) {
    whenPrinted(() => this.go(this.api.postThenNext(`invocation/${this.id}/${kind}`, body)));
  }

  go(next) {
    next.then((work) => this.run(work));
  }
}

// --- the process -------------------------------------------------------------------------------------------------

/** What nobody caught ends the process, after it was reported. */
function reportAndExit(api, invocation, code) {
  return (error) => {
    if (invocation.stream) {
      whenPrinted(() => invocation.stream.fail(shown(error)).then(() => process.exit(code)));
      return;
    }
    const body = JSON.stringify(shown(error));
    const to = invocation.id ? `invocation/${invocation.id}/error` : "init/error";
    whenPrinted(() => api.post(to, body, shown(error).errorType).then(() => process.exit(code)));
  };
}

/** Descriptors of a process that was started before its function was known. */
const SEAT = 3;
const GATE = 4;

function readExactly(fd, size) {
  const data = Buffer.alloc(size);
  for (let have = 0; have < size; ) {
    const got = fs.readSync(fd, data, have, size - have);
    if (got === 0) {
      process.exit(0);
    }
    have += got;
  }
  return data;
}

/** Waits to be told the function, and until it may be loaded. */
function takeSeat() {
  const size = readExactly(SEAT, 4).readUInt32LE();
  const { env } = JSON.parse(readExactly(SEAT, size).toString());
  fs.closeSync(SEAT);
  readExactly(GATE, 1);
  fs.closeSync(GATE);
  for (const name of Object.keys(process.env)) {
    delete process.env[name];
  }
  Object.assign(process.env, env);
  process.chdir(ROOT);
  // Looked at when Node starts.
  Module._initPaths();
}

async function main() {
  if (process.argv[2] === "--seated") {
    process.argv.splice(2, 1);
    // The first import of a file costs more than all that follow.
    await import("/var/runtime/warm.mjs");
    takeSeat();
  }
  watchStdout();
  patchConsole();
  setUpGlobal();
  const api = new Api(process.env.AWS_LAMBDA_RUNTIME_API);
  const invocation = new Invocation(api);
  const uncaught = reportAndExit(api, invocation, 129);
  const unhandled = reportAndExit(api, invocation, 128);
  process.on("uncaughtException", (error) => {
    logError("Uncaught Exception", error);
    uncaught(error);
  });
  process.on("unhandledRejection", (reason, promise) => {
    const error = Object.assign(new UnhandledPromiseRejection(reason), { reason, promise });
    logError("Unhandled Promise Rejection", error);
    unhandled(error);
  });
  process.on("beforeExit", () => invocation.whenEmpty && invocation.whenEmpty());
  try {
    invocation.handler = await findHandler(process.env._HANDLER);
  } catch (error) {
    logError("Uncaught Exception", error);
    uncaught(error);
    return;
  }
  invocation.go(api.next());
}

main();
