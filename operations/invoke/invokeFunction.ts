import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { projectDirectory } from "../../common/project";
import { assertRealSdk } from "../../sandbox/ministack/realSdk";
import type { Deployed } from "./deployed";
import type { ProgramFunction } from "./program";

/** What came of one call. */
export interface Outcome {
  /** What the callback returned; undefined when it failed. */
  readonly result?: unknown;
  readonly error?: { readonly errorType: string; readonly errorMessage: string; readonly trace: readonly string[] };
  /** Milliseconds until the code was loaded. */
  readonly init?: number;
  /** Milliseconds of the call. */
  readonly run?: number;
  /** Bytes of memory at most; Node alone takes about 40 MB. */
  readonly maximumMemory: number;
}

/** Seconds that Lambda gives code to load. */
const INIT_LIMIT = 10;

/**
 * Calls a function in a process of its own: its code, its environment and credentials, its timeout and memory, and no module
 * but those of Lambda's Node runtime.
 * @param onLog gets each line that the function writes
 * @throws Error when the process ends without an outcome, out of memory for example
 */
export async function invokeFunction(
  target: ProgramFunction,
  event: unknown,
  { functionName, functionArn, environment }: Deployed,
  onLog: (line: string) => void,
): Promise<Outcome> {
  assertRealSdk(target.name, target.code);
  const folder = mkdtempSync(path.join(tmpdir(), "thingstack-invoke-"));
  try {
    const modules = path.join(folder, "node_modules");
    mkdirSync(modules);
    // What the runtime of Lambda has, and nothing else: another package is missed here as it would be there.
    for (const scope of ["@aws-sdk", "@smithy"]) {
      symlinkSync(path.join(projectDirectory, "node_modules", scope), path.join(modules, scope), "junction");
    }
    const [file = "", handler = ""] = target.handler.split(".");
    writeFileSync(path.join(folder, `${file}.js`), target.code);
    return await callIn(folder, target, {
      environment: { ...environment, AWS_LAMBDA_FUNCTION_NAME: functionName },
      task: {
        file: path.join(folder, `${file}.js`),
        handler,
        event,
        timeout: target.timeout,
        context: {
          awsRequestId: randomUUID(),
          functionName,
          functionVersion: "$LATEST",
          invokedFunctionArn: functionArn,
          memoryLimitInMB: String(target.memorySize),
          logGroupName: `/aws/lambda/${functionName}`,
          logStreamName: "invoke",
        },
      },
      onLog,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Call {
  readonly environment: Readonly<Record<string, string>>;
  readonly task: object;
  readonly onLog: (line: string) => void;
}

function callIn(folder: string, { name, timeout, memorySize }: ProgramFunction, call: Call): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`--max-old-space-size=${memorySize}`, path.join(__dirname, "runtime.cjs")], {
      cwd: folder,
      env: { ...call.environment, PATH: process.env.PATH },
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    });
    // Code that never yields cannot end itself.
    const limit = setTimeout(() => child.kill("SIGKILL"), (INIT_LIMIT + timeout + 1) * 1000);
    let outcome = "";
    let lastLine = "";
    const [input, output, errors, report] = child.stdio;
    for (const stream of [output, errors]) {
      eachLine(stream, (line) => {
        lastLine = line;
        call.onLog(line);
      });
    }
    (report as NodeJS.ReadableStream).setEncoding("utf8").on("data", (text: string) => {
      outcome += text;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(limit);
      if (outcome) return resolve(JSON.parse(outcome) as Outcome);
      const how = signal === "SIGKILL" ? `did not end within ${timeout} s` : `ended with ${signal ?? `code ${code}`}`;
      reject(new Error(`the process of ${name} ${how} and told no result; its last line was: ${lastLine || "none"}`));
    });
    input.on("error", () => {}); // The process died before it read; `close` tells how.
    input.end(JSON.stringify(call.task));
  });
}

function eachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  stream.on("end", () => {
    if (rest) onLine(rest);
  });
}
