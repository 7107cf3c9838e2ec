import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export interface BareRun {
  readonly result?: unknown;
  /** The message of what the handler threw. */
  readonly error?: string;
  readonly stdout: string;
}

/** Stands in for Lambda's runtime: requires the code, calls its handler once, prints what came of it. */
const bootstrap = `
  const { handler } = require("./__index.js");
  const event = JSON.parse(process.env.EVENT);
  const context = { awsRequestId: "1", functionVersion: "7", getRemainingTimeInMillis: () => 5_000 };
  Promise.resolve().then(() => handler(event, context)).then(
    (result) => console.log("\\nRESULT " + JSON.stringify({ result })),
    (error) => console.log("\\nRESULT " + JSON.stringify({ error: error.message })),
  );
`;

/**
 * Runs a serialised function as Lambda would: in a process of its own, in a folder that holds nothing else, with the SDK of
 * the runtime and no trace of this program.
 */
export async function runBare(
  code: string,
  event: unknown,
  { endpoint, environment = {} }: { endpoint: string; environment?: Record<string, string> },
): Promise<BareRun> {
  const folder = mkdtempSync(join(tmpdir(), "function-"));
  try {
    writeFileSync(join(folder, "__index.js"), code);
    writeFileSync(join(folder, "bootstrap.js"), bootstrap);
    const child = spawn(process.execPath, ["bootstrap.js"], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        NODE_PATH: resolve("node_modules"),
        AWS_REGION: "eu-central-1",
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_ENDPOINT_URL: endpoint,
        EVENT: JSON.stringify(event),
        ...environment,
      },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data) => {
        output += data;
      });
    }
    await new Promise((done) => child.on("close", done));
    const answer = /^RESULT (.*)$/m.exec(output)?.[1];
    if (answer === undefined) throw new Error(`the function's process ended without an answer:\n${output}`);
    return { ...JSON.parse(answer), stdout: output };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
