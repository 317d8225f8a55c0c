"use strict";
// The Runtime API, over one plain socket.

const net = require("net");

const API = "/2018-06-01/runtime/";
const RESPONSE_MODE = "Lambda-Runtime-Function-Response-Mode";
const ERROR_TYPE = "Lambda-Runtime-Function-Error-Type";
const ERROR_BODY = "Lambda-Runtime-Function-Error-Body";
// In bytes, before they become base64: the platform reads trailers of 16 KiB.
const LONGEST_ERROR = 9000;

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

module.exports = { Api };
