"use strict";
// Errors as the callers of functions get to see them.

const util = require("util");

const KINDS = [
  "ImportModuleError",
  "HandlerNotFound",
  "MalformedHandlerName",
  "UserCodeSyntaxError",
  "MalformedStreamingHandler",
  "InvalidStreamingOperation",
  "UnhandledPromiseRejection",
  "JSONStringifyError",
  "PlatformError",
  "CallbackHandlerDeprecated",
];
// AWS: classes whose names, which its client for Node 24 writes into JSON logs, differ from their kinds.
const NAMED_ERROR = ["HandlerNotFound", "MalformedHandlerName", "CallbackHandlerDeprecated"];

/** The errors of the client at work, by kind. */
const faults = {};

/** AWS: the errors of its client for Node 24 have their names themselves, those of the older one by their kinds. */
function useFaults(modern) {
  for (const kind of KINDS) {
    const called = modern && NAMED_ERROR.includes(kind) ? `${kind}Error` : kind;
    faults[kind] = modern ? ownNamed(called, `Runtime.${kind}`) : named(called, `Runtime.${kind}`);
  }
}

function named(called, name) {
  const Fault = { [called]: class extends Error {} }[called];
  Fault.prototype.name = name;
  return Fault;
}

function ownNamed(called, name) {
  const Fault = class extends Error {
    constructor(message) {
      super(message);
      this.name = name;
    }
  };
  return Object.defineProperty(Fault, "name", { value: called });
}

function looksLikeError(value) {
  return value && [value.name, value.message, value.stack].every((part) => part && typeof part === "string");
}

// AWS: this one character is shown in another way.
const withoutDelete = (text) => text?.replace(/\x7f/g, "%7F");

const UNREADABLE =
  "callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack";

/** What AWS's client for Node 22 and older says of an error. */
function shownByClassic(error) {
  try {
    if (util.types.isNativeError(error) || looksLikeError(error)) {
      return {
        errorType: withoutDelete(error.name),
        errorMessage: withoutDelete(error.message),
        trace: withoutDelete(error.stack).split("\n"),
      };
    }
    return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
  } catch {
    return { errorType: "handled", errorMessage: UNREADABLE };
  }
}

/** What the one for Node 24 says. */
function shownByModern(error) {
  try {
    if (error instanceof Error) {
      return {
        errorType: withoutDelete(error.name),
        errorMessage: withoutDelete(error.message),
        trace: withoutDelete(error.stack)?.split("\n") || [],
      };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    return { errorType: "handled", errorMessage: UNREADABLE, trace: [] };
  }
}

module.exports = { faults, useFaults, shownByClassic, shownByModern };
