"use strict";
// updraft's Lambda runtime client for Node.
//
// Speaks the Runtime API over one plain socket and behaves towards the function as AWS's clients do: handler names,
// context, callbacks, error shapes, log formats. Loads nothing of Node that it doesn't need.

const fs = require("fs");
const Module = require("module");
const { Api } = require("./runtime-api.cjs");
const { Pipes } = require("./pipes.cjs");
const { patchConsole, watchStdout } = require("./log.cjs");

const classic = () => require("./classic.cjs");
const modern = () => require("./modern.cjs");

/** Descriptors of a process that the platform starts itself: what it reads from and writes to come last. */
const SEAT = 3;
const GATE = 4;
const PIPES = [5, 6];
// AWS: from this version on, functions answer by what they return only.
const MODERN_SINCE = 24;

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
  return env;
}

function become(env) {
  for (const name of Object.keys(process.env)) {
    delete process.env[name];
  }
  Object.assign(process.env, env);
  process.chdir(process.env.LAMBDA_TASK_ROOT || "/var/task");
  // Looked at when Node starts.
  Module._initPaths();
}

/** By the version that was asked for, whichever runs. */
function isModern() {
  const [, version] = /^AWS_Lambda_nodejs(\d+)\.x$/.exec(process.env.AWS_EXECUTION_ENV) || [];
  return Number(version) >= MODERN_SINCE;
}

async function main() {
  const how = process.argv[2];
  if (how === "--ahead") {
    // The first import of a file costs more than all that follow.
    await import("/var/runtime/warm.mjs");
    classic();
    modern();
    become(takeSeat());
  } else if (how === "--seated") {
    takeSeat();
  }
  const address = process.env.AWS_LAMBDA_RUNTIME_API;
  const seated = how === "--ahead" || how === "--seated";
  process.argv.splice(2, seated ? 1 : 0);
  if (process.argv[2] === "--wait-for-debugger") {
    process.argv.splice(2, 1);
    require("inspector").waitForDebugger();
  }
  watchStdout();
  patchConsole();
  const { Runtime } = isModern() ? modern() : classic();
  new Runtime(seated ? new Pipes(PIPES, address) : new Api(address)).start();
}

main();
