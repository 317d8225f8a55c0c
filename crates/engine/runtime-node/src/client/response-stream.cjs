"use strict";
// What a handler that streams writes its answer to. Loaded when the first such handler is called.

const { Writable } = require("stream");
const { faults } = require("./errors.cjs");

/** The answer of one invocation. It takes no more than the platform does. */
class ResponseStream extends Writable {
  #api;
  #to;
  #type = "application/octet-stream";
  #begun;
  #error;
  #over = false;
  #told;
  #whenPrinted;

  constructor({ api, id }, highWaterMark, whenPrinted) {
    super({ highWaterMark });
    this.#api = api;
    this.#whenPrinted = whenPrinted;
    this.#to = `invocation/${id}/response`;
    // AWS's own helpers set this.
    this._onBeforeFirstWrite = undefined;
    /** Resolves when the platform has taken the whole answer. */
    this.taken = new Promise((resolve) => (this.#told = resolve));
  }

  setContentType(type) {
    if (this.#begun) {
      throw new faults.InvalidStreamingOperation("Cannot set content-type, too late.");
    }
    this.#type = type;
  }

  /** What is neither text nor bytes is written as JSON. */
  write(chunk, ...rest) {
    const plain = typeof chunk === "string" || chunk instanceof Uint8Array;
    return super.write(plain ? chunk : JSON.stringify(chunk), ...rest);
  }

  /** Ends the answer with an error, after whatever was written before it. AWS: one that has ended stays as it is. */
  fail(error) {
    if (this.destroyed || !this.writableEnded) {
      this.#error = error;
    }
    if (!this.#begun && this.writableLength === 0) {
      // What an answer was to begin with is none of an error's.
      this._onBeforeFirstWrite = undefined;
    }
    if (this.destroyed) {
      this.#end();
    } else if (!this.writableEnded) {
      this.end();
    }
    return this.taken;
  }

  _write(chunk, _encoding, then) {
    this.#begin();
    if (chunk.length === 0) {
      // An empty chunk would be the last.
      then();
    } else {
      this.#api.chunk(chunk, then);
    }
  }

  _final(then) {
    this.#end();
    this.taken.then(() => then());
  }

  #begin() {
    if (this.#begun) {
      return;
    }
    const first = [];
    this._onBeforeFirstWrite?.((chunk) => first.push(Buffer.from(chunk)));
    this.#begun = this.#api.begin(this.#to, this.#type);
    if (first.length > 0) {
      this.#api.chunk(Buffer.concat(first));
    }
  }

  #end() {
    if (this.#over) {
      return;
    }
    this.#begin();
    this.#over = true;
    // The platform's log of the invocation ends with the answer.
    this.#whenPrinted(() => this.#api.lastChunk(this.#error));
    this.#begun.then(this.#told);
  }
}

module.exports = { ResponseStream };
