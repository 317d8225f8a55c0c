// What a Node function may do, one function a case: the same over AWS's clients and over ours.

import fs from "node:fs";
import { setTimeout as after } from "node:timers/promises";

class Own extends Error {
  constructor(message, more) {
    super(message);
    Object.assign(this, more);
  }
}

const calls = {
  // --- answers ---
  plain_values: async (event) => ({ list: [1, -2.5, 1e300, null, true], text: 'ä\u2028\x7f\0"\\', empty: [{}, [], ""], event }),
  odd_values: async () => [NaN, Infinity, undefined, () => 1, Symbol("s"), new Date(0), new Map([[1, 2]]), new Set([1]), -0],
  undefined_members: async () => ({ a: undefined, b: () => 1, c: Symbol("x"), d: new Error("e") }),
  to_json: async () => ({ toJSON: () => ({ as: "json" }) }),
  a_buffer: async () => Buffer.from("text"),
  nothing: async () => {},
  null_value: async () => null,
  text: async () => "text",
  a_number: async () => 7,
  a_function: async () => () => 1,
  a_symbol: async () => Symbol("s"),
  a_big_number: async () => 2n ** 70n,
  a_circle: async () => {
    const circle = {};
    circle.self = circle;
    return circle;
  },
  a_getter_that_fails: async () => ({
    get bad() {
      throw new RangeError("in a getter");
    },
  }),
  a_thenable: () => ({ then: (done) => done({ by: "thenable" }) }),
  not_async: () => "at once",
  later: async () => {
    await after(20);
    return "later";
  },
  leaves_a_timer: async () => {
    setTimeout(() => {}, 300_000);
    return "not waited for";
  },

  // --- errors ---
  fails: async () => {
    throw new TypeError("some error");
  },
  fails_at_once: () => {
    throw new TypeError("at once");
  },
  fails_with_more: async () => {
    throw new Own("more", { code: "E_CODE", own: { deep: [1, new Error("inner")] }, name: "OtherName" });
  },
  fails_with_a_cause: async () => {
    throw new Error("outer", { cause: new RangeError("inner") });
  },
  fails_with_many: async () => {
    throw new AggregateError([new Error("one"), new Own("two")], "many");
  },
  fails_with_lines: async () => {
    throw new Error("one\n  two\n\tthree\x7f ü");
  },
  fails_without_words: async () => {
    throw new Error();
  },
  fails_with_text: async () => {
    throw "just text";
  },
  fails_with_a_number: async () => {
    throw 7;
  },
  fails_with_an_object: async () => {
    throw { message: "like an error", code: 3 };
  },
  fails_like_an_error: async () => {
    throw { name: "Like", message: "like an error", stack: "Like: a stack\n    at nowhere" };
  },
  fails_with_nothing: async () => {
    throw undefined;
  },
  fails_with_null: async () => {
    throw null;
  },
  fails_unreadably: async () => {
    throw Object.defineProperty(new Error("x"), "name", {
      get() {
        throw new Error("no name");
      },
    });
  },
  fails_without_a_stack: async () => {
    throw Object.assign(new Error("no stack"), { stack: undefined });
  },
  fails_with_an_odd_stack: async () => {
    throw Object.assign(new Error("odd stack"), { stack: { a: 1 } });
  },
  fails_in_a_circle: async () => {
    const error = new Error("circle");
    error.self = error;
    throw error;
  },
  fails_by_node: async () => fs.readFileSync("/no/such/file"),
  fails_by_json: async () => JSON.parse("{"),
  fails_deep_down: async () => {
    const down = (n) => {
      if (n === 0) {
        throw new Own("deep");
      }
      return down(n - 1);
    };
    return down(3);
  },
  rejects_unhandled: async () => {
    Promise.reject(new Own("nobody listens"));
    await after(1000);
  },
  rejects_unhandled_text: async () => {
    Promise.reject("nobody listens");
    await after(1000);
  },
  throws_in_a_timer: async () => {
    setTimeout(() => {
      throw new Own("nobody catches");
    }, 1);
    await after(1000);
  },
  exits: async () => {
    process.stdout.write("partial");
    process.exit(3);
  },

  // --- the log ---
  all_levels: async () => {
    for (const level of ["trace", "debug", "info", "log", "warn", "error", "fatal"]) {
      console[level]?.(`at ${level}: %d %s`, 7, "x", { more: 1 });
    }
  },
  prints_values: async () => {
    console.log();
    console.log("");
    console.log(undefined);
    console.log(null);
    console.log(7, [1, "two"], { three: new Map([[1, 2]]) });
    console.log({ a: 1, when: new Date(0), u: undefined, f: () => 1 });
    console.log([1, 2]);
    console.log(7n);
    console.log(Symbol("s"));
    console.log("%j %o %s %%", { j: 1 }, [1], "s");
    console.log("ünïcödé \u2028");
  },
  prints_lines: async () => {
    console.log("one\ntwo\n\nthree");
    console.log("ends\n");
  },
  // One each: of the log, the last 4 KB are seen.
  prints_an_error: async () => console.error(new Own("alone", { code: 1 })),
  prints_an_error_beside: async () => console.error("with: ", new Own("beside", { code: 1 })),
  prints_an_error_in_text: async () => console.error("%s", new Own("within"), 7),
  prints_errors_within: async () => console.error({ in: new Own("inside"), list: [new RangeError("in a list")] }),
  prints_two_errors: async () => console.error(new Own("first"), new Own("second")),
  prints_a_circle: async () => {
    const circle = { name: "circle" };
    circle.self = circle;
    console.log(circle);
    console.log("with %s", "words", circle);
  },
  prints_what_fails: async () => {
    console.log({ big: 1n });
    console.log({ toJSON: () => ({ as: "json" }) });
  },
  writes: async () => {
    process.stdout.write("written\n");
    console.log("printed");
    process.stdout.write("a part, ");
    console.log("and the rest");
  },
  writes_to_stderr: async () => {
    process.stderr.write("to stderr\n");
  },
  other_ways: async () => {
    console.dir({ a: { b: { c: { d: 1 } } } });
    console.table([{ a: 1 }]);
    console.assert(false, "asserted");
    console.count("counted");
    console.group("group");
    console.log("in a group");
    console.groupEnd();
  },

  // --- the context ---
  context_keys: async (_event, context) => [Object.keys(context), typeof context.getRemainingTimeInMillis()],
  context_values: async (_event, context) => {
    const left = context.getRemainingTimeInMillis();
    const { functionVersion, memoryLimitInMB, functionName, logGroupName, logStreamName, tenantId } = context;
    const ids = [context.awsRequestId, context.invokedFunctionArn];
    return [0 < left && left <= 60_000, { functionVersion, memoryLimitInMB, functionName, logGroupName, logStreamName, tenantId, ids }];
  },
  context_as_json: async (_event, context) => context,
  context_of_the_client: async (_event, context) => [context.clientContext, context.identity],
  context_property: async (_event, context) => {
    const found = Object.getOwnPropertyDescriptor(context, "callbackWaitsForEmptyEventLoop");
    return [found && Object.keys(found), Object.getPrototypeOf(context) === Object.prototype];
  },
  arguments_of_the_call: async (...given) => given.map((one) => typeof one),
  trace_in_the_environment: async () => /^Root=1-/.test(process.env._X_AMZN_TRACE_ID),
  log_settings: async () => [process.env.AWS_LAMBDA_LOG_FORMAT, process.env.AWS_LAMBDA_LOG_LEVEL],
  the_global: async () => [Object.keys(awslambda), Object.getOwnPropertyNames(awslambda).map((name) => typeof awslambda[name])],
  the_store: async () => {
    const store = awslambda.InvokeStore;
    const keys = store?.constructor?.PROTECTED_KEYS;
    const found = store && [store.hasContext(), /^[0-9a-f-]{36}$/.test(store.getRequestId()), typeof store.getXRayTraceId(), store.getTenantId()];
    store?.set("own", 7);
    try {
      store?.set(Symbol.for("_AWS_LAMBDA_REQUEST_ID"), 1);
    } catch (error) {
      found.push(error.message);
    }
    return [found, store?.get("own"), keys && Object.keys(keys)];
  },
  ids_of_tools: async () => [typeof globalThis[Symbol.for("aws.lambda.runtime.requestId")]],
};

export const handler = (event, context) => calls[event.case](event, context);
export const cases = Object.keys(calls);
export const notAFunction = 7;
