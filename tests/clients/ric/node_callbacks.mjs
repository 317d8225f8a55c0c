// The ways to answer that AWS's client for Node 22 and older still has.

const calls = {
  by_callback: (_event, _context, callback) => callback(null, { by: "callback" }),
  by_callback_later: (_event, _context, callback) => setTimeout(() => callback(null, "later"), 20),
  by_callback_twice: (_event, _context, callback) => {
    callback(null, "first");
    callback(null, "second");
  },
  by_callback_undefined: (_event, _context, callback) => callback(),
  an_error_by_callback: (_event, _context, callback) => callback(new RangeError("by callback")),
  text_by_callback: (_event, _context, callback) => callback("just text"),
  an_object_by_callback: (_event, _context, callback) => callback({ code: 7 }),
  zero_by_callback: (_event, _context, callback) => callback(0),
  throws: () => {
    throw new Error("at once");
  },
  answers_then_throws: (_event, _context, callback) => {
    callback(null, "answered");
    throw new Error("too late");
  },
  never_answers: () => undefined,
  succeeds: (_event, context) => context.succeed({ by: "succeed" }),
  fails: (_event, context) => context.fail(new Error("by fail")),
  fails_with_nothing: (_event, context) => context.fail(),
  is_done: (_event, context) => context.done(null, "by done"),
  is_done_with_an_error: (_event, context) => context.done(new Error("by done")),
  waits: (_event, _context, callback) => {
    setTimeout(() => console.log("the timer ran"), 50);
    callback(null, "after the timer");
  },
  does_not_wait: (_event, context, callback) => {
    context.callbackWaitsForEmptyEventLoop = false;
    setTimeout(() => {}, 300_000);
    callback(null, "at once");
  },
  a_circle_by_callback: (_event, _context, callback) => {
    const circle = {};
    circle.self = circle;
    callback(null, circle);
  },
  a_promise_and_a_callback: (_event, _context, callback) => {
    callback(null, "by callback");
    return Promise.resolve("by promise");
  },
};

export const handler = (event, context, callback) => calls[event.case](event, context, callback);
