// What Lambda's Node runtime does around one call, in a process that has nothing else in it: so no TypeScript here.
// The task comes on standard input, the outcome goes to file descriptor 3; standard output and error are the function's.
"use strict";
const { readFileSync, writeFileSync } = require("node:fs");
const { performance } = require("node:perf_hooks");

/** @type {{ file: string, handler: string, event: unknown, context: object, timeout: number }} */
const task = JSON.parse(readFileSync(0, "utf8"));

function end(outcome) {
  writeFileSync(3, JSON.stringify({ ...outcome, maximumMemory: process.resourceUsage().maxRSS * 1024 }));
  process.exit(0);
}

function failure(error) {
  return error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split("\n") }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };
}

process.on("uncaughtException", (error) => end({ error: failure(error) }));
process.on("unhandledRejection", (error) => end({ error: failure(error) }));

async function main() {
  const began = performance.now();
  const handler = require(task.file)[task.handler];
  if (typeof handler !== "function") throw new TypeError(`${task.handler} is not a function of the code`);
  const initialized = performance.now();
  const deadline = Date.now() + task.timeout * 1000;
  const times = () => ({ init: initialized - began, run: performance.now() - initialized });
  setTimeout(
    () =>
      end({
        ...times(),
        error: {
          errorType: "Sandbox.Timedout",
          errorMessage: `Task timed out after ${task.timeout.toFixed(2)} seconds`,
          trace: [],
        },
      }),
    task.timeout * 1000,
  );
  const context = { ...task.context, getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()) };
  try {
    const result = await handler(task.event, context);
    end({ ...times(), result });
  } catch (error) {
    end({ ...times(), error: failure(error) });
  }
}

main().catch((error) => end({ error: failure(error) }));
