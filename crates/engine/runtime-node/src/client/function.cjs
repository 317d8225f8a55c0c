"use strict";
// Finding the handler.

const fs = require("fs");
const path = require("path");
const Module = require("module");
const { faults } = require("./errors.cjs");
const { isStreaming } = require("./streaming.cjs");

const ROOT = process.env.LAMBDA_TASK_ROOT || "/var/task";
// AWS: modules are looked up as if from its own client's file, whose name shows in error messages.
const requireFrom = Module.createRequire("/var/runtime/index.mjs");

/** `by`: how modules are loaded, and handlers looked up in them. */
async function findHandler(name, by) {
  if (name.includes("..")) {
    const hint = "Use absolute paths when specifying root directories in handler names.";
    throw new faults.MalformedHandlerName(`'${name}' is not a valid handler name. ${hint}`);
  }
  const base = path.basename(name);
  const parts = base.match(/^([^.]*)\.(.*)$/);
  if (!parts) {
    throw new faults.MalformedHandlerName("Bad handler");
  }
  const folder = name.slice(0, name.indexOf(base));
  const handler = by.find(parts[2], await load(by, folder, parts[1]));
  if (!handler) {
    throw new faults.HandlerNotFound(`${name} is undefined or not exported`);
  }
  if (typeof handler !== "function") {
    throw new faults.HandlerNotFound(`${name} is not a function`);
  }
  if (!isStreaming(handler) && handler[isStreaming.symbol]) {
    throw new faults.MalformedStreamingHandler("Only response streaming is supported.");
  }
  return handler;
}

async function load(by, folder, module) {
  try {
    const found = await by.load(path.resolve(ROOT, folder, module));
    return found ?? requireFrom(requireFrom.resolve(module, { paths: [ROOT, by.elsewhere(folder)] }));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw Object.assign(new faults.UserCodeSyntaxError(error), by.keep(error));
    }
    if (error?.code === "MODULE_NOT_FOUND") {
      throw new faults.ImportModuleError(error);
    }
    throw error;
  }
}

// --- Node 22 and older -------------------------------------------------------------------------------------------

const classic = {
  async load(file) {
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
    return fs.existsSync(`${file}.cjs`) ? requireFrom(`${file}.cjs`) : undefined;
  },
  find: (keys, exported) => keys.split(".").reduce((object, key) => object && object[key], exported),
  elsewhere: (folder) => folder,
  keep: () => ({}),
};

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

// --- Node 24 -----------------------------------------------------------------------------------------------------

const modern = {
  async load(file) {
    for (const extension of ["", ".js", ".mjs", ".cjs"]) {
      if (fs.existsSync(file + extension)) {
        return import(file + extension);
      }
    }
    return undefined;
  },
  find(keys, exported) {
    const within = (module) =>
      keys.split(".").reduce((object, key) => (object && typeof object === "object" ? object[key] : undefined), module);
    return within(exported) || (exported && typeof exported === "object" ? within(exported.default) : undefined);
  },
  elsewhere: (folder) => path.join(ROOT, folder),
  keep: ({ stack }) => ({ stack }),
};

module.exports = { findHandler, classic, modern };
