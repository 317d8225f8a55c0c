"use strict";
// The platform's short way: events and answers through two pipes (its api/pipes.rs tells what is said).

const net = require("net");
const { Api } = require("./runtime-api.cjs");

const NEXT = 0;
const KINDS = { response: 1, error: 2 };
const HEAD = 8;

/** What `Api` is to the runtimes. Answers in pieces and failed starts go by one. */
class Pipes {
  constructor([from, to], address) {
    this.address = address;
    this.chunks = [];
    this.size = 0;
    this.needed = HEAD;
    this.from = new net.Socket({ fd: from, readable: true, writable: false });
    this.to = new net.Socket({ fd: to, readable: false, writable: true });
    this.from.on("data", (chunk) => this.receive(chunk));
    this.from.on("error", () => process.exit(1));
    this.from.on("close", () => process.exit(0));
    this.to.on("error", () => process.exit(1));
    this.to.unref();
  }

  /** Waits for work. Meanwhile, and only then, the pipe keeps the process alive. */
  next() {
    // What went by it is over.
    this.other?.socket.unref();
    return this.say(NEXT, "", "");
  }

  post(to, body, kind) {
    return this.api().post(to, body, kind);
  }

  begin(to, type) {
    return this.api().begin(to, type);
  }

  chunk(data, then) {
    this.api().chunk(data, then);
  }

  lastChunk(error) {
    this.api().lastChunk(error);
  }

  /** Answers, and asks for more work in the same write. */
  postThenNext(to, body) {
    const [, id, kind] = to.split("/");
    return this.say(KINDS[kind], id, body);
  }

  api() {
    this.other ??= new Api(this.address);
    return this.other;
  }

  say(kind, id, body) {
    const [ids, size] = [Buffer.byteLength(id), Buffer.byteLength(body)];
    const data = Buffer.alloc(HEAD + ids + size);
    data.writeUInt8(kind, 0);
    data.writeUInt8(ids, 1);
    data.writeUInt32LE(size, 4);
    data.write(id, HEAD);
    data.write(body, HEAD + ids);
    this.from.ref();
    this.to.write(data);
    return new Promise((resolve) => (this.waiting = resolve));
  }

  receive(chunk) {
    this.chunks.push(chunk);
    this.size += chunk.length;
    while (this.size >= this.needed) {
      const data = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
      const [meta, event] = [data.readUInt32LE(0), data.readUInt32LE(4)];
      this.needed = HEAD + meta + event;
      if (data.length >= this.needed) {
        return this.told(data.toString("utf8", HEAD, HEAD + meta).split("\n"), data.subarray(HEAD + meta, this.needed));
      }
      this.chunks = [data];
    }
  }

  /** No more comes before it is asked for. */
  told([id, deadline, arn, trace, mode, context], body) {
    [this.chunks, this.size, this.needed] = [[], 0, HEAD];
    // While the function works, only what it does itself keeps the process alive.
    this.from.unref();
    const headers = {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": id,
      "lambda-runtime-deadline-ms": deadline,
      "lambda-runtime-invoked-function-arn": arn,
      "lambda-runtime-trace-id": trace,
    };
    if (mode) {
      headers["lambda-runtime-function-response-mode"] = mode;
    }
    if (context) {
      headers["lambda-runtime-client-context"] = context;
    }
    this.waiting({ status: 200, headers, body });
  }
}

module.exports = { Pipes };
