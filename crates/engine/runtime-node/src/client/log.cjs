"use strict";
// The console, as AWS's client makes it: each call is one event of the log, as text or as JSON.

const fs = require("fs");
const util = require("util");

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/** Whose log it is: the ids of the call at work. */
const current = { requestId: undefined, tenantId: undefined };
/** What differs between AWS's clients: what stands for the id of no call, and from which argument on an error is told. */
const ways = { noId: undefined, errorsFrom: 0 };

// `process.stdout` writes in the background. As long as the function has not touched it, lines are written directly;
// from then on through it, so that they stay in order.
let stdout;

function watchStdout() {
  const { get } = Object.getOwnPropertyDescriptor(process, "stdout");
  const watched = () => (stdout = get.call(process));
  Object.defineProperty(process, "stdout", { configurable: true, enumerable: true, get: watched });
}

function write(line) {
  // Within an event, breaks are carriage returns until the log has them.
  const text = line.replace(/\n/g, "\r") + "\n";
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

const requestId = () => current.requestId ?? ways.noId;

function asText(level, message, params) {
  return `${new Date().toISOString()}\t${requestId()}\t${level}\t${util.format(message, ...params)}`;
}

function asJson(level, message, params) {
  const shown = { timestamp: new Date().toISOString(), level, requestId: requestId() };
  if (current.tenantId) {
    shown.tenantId = current.tenantId;
  }
  if (params.length === 0) {
    shown.message = message;
    try {
      return JSON.stringify(shown, (_key, value) => (value instanceof Error ? { ...told(value), ...value } : value));
    } catch {
      return JSON.stringify({ ...shown, message: util.format(message) });
    }
  }
  shown.message = util.format(message, ...params);
  const error = [message, ...params].slice(ways.errorsFrom).find((param) => param instanceof Error);
  return JSON.stringify(error ? { ...shown, ...told(error, []) } : shown);
}

function told(error, otherwise = error.stack) {
  return {
    errorType: error.constructor?.name ?? "UnknownError",
    errorMessage: error.message,
    stackTrace: typeof error.stack === "string" ? error.stack.split("\n") : otherwise,
  };
}

function isJson() {
  return process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === "JSON";
}

function patchConsole() {
  const format = isJson() ? asJson : asText;
  const least = LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase());
  LEVELS.forEach((level, rank) => {
    const log = (message, ...params) => write(format(level, message, params));
    console[level.toLowerCase()] = rank >= least ? log : () => {};
  });
  console.log = console.info;
}

/** `shown`: how the caller gets to see errors. */
function logError(what, error, shown) {
  const whole = error instanceof Error ? error : new Error(String(error));
  if (isJson()) {
    console.error(whole);
  } else {
    console.error(what, `\t${enumerated(whole, shown)}`);
  }
}

function enumerated(whole, shown) {
  try {
    return JSON.stringify(whole, (_key, value) => {
      if (!(value instanceof Error)) {
        return value;
      }
      const all = { errorType: value.name, errorMessage: value.message, code: value.code, ...value };
      return typeof value.stack === "string" ? { ...all, stack: value.stack.split("\n") } : all;
    });
  } catch {
    return JSON.stringify(shown(whole));
  }
}

module.exports = { current, ways, watchStdout, whenPrinted, patchConsole, logError };
