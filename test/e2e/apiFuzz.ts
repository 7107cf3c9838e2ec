import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { sandboxDirectory } from "../../sandbox/ministack/folders";
import { findPython } from "../../sandbox/ministack/python";

const requirements = path.join(__dirname, "apiFuzz.requirements.txt");

/** What an answer has to be, whatever was asked: no fault of the server, and just what the contract says. */
const checks = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
  "ignored_auth",
];

/**
 * Schemathesis in a virtual environment of its own, `.sandbox/schemathesis`, installed once.
 * @returns its Python, or why there is none
 */
export async function fuzzer(): Promise<{ readonly python: string } | { readonly reason: string }> {
  const home = path.join(sandboxDirectory, "schemathesis");
  const stamp = path.join(home, "requirements.txt");
  const wanted = readFileSync(requirements, "utf8");
  const python = path.join(home, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted && existsSync(python)) return { python };

  const base = await findPython();
  if (!base?.newEnough || !base.complete) return { reason: "schemathesis needs Python 3.10 or newer with venv" };
  mkdirSync(sandboxDirectory, { recursive: true });
  const fresh = mkdtempSync(`${home}-`);
  try {
    for (const [command, ...args] of [
      [base.executable, "-m", "venv", fresh],
      [python.replace(home, fresh), "-m", "pip", "install", "--quiet", "--no-input", "-r", requirements],
    ] as const) {
      const { code, output } = await run(command, args);
      if (code !== 0) return { reason: `schemathesis could not be installed: ${output.trim().split("\n").pop()}` };
    }
    writeFileSync(path.join(fresh, "requirements.txt"), wanted);
    rmSync(home, { recursive: true, force: true });
    renameSync(fresh, home);
    return { python };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

export interface FuzzReport {
  /** How many requests were made. */
  readonly requests: number;
  /** What was not as the contract says, one text each. */
  readonly failures: readonly string[];
  readonly output: string;
}

/**
 * Asks an API all that its contract allows and much that it does not.
 * @param seconds that are spent on asking
 */
export async function fuzz(
  python: string,
  { url, token, contract }: { readonly url: string; readonly token: string; readonly contract: string },
  seconds: number,
): Promise<FuzzReport> {
  const folder = mkdtempSync(path.join(tmpdir(), "fuzz-"));
  try {
    const file = path.join(folder, "openapi.json");
    const junit = path.join(folder, "junit.xml");
    writeFileSync(file, contract);
    const { output } = await run(
      python,
      [
        ...["-m", "schemathesis.cli", "run", file, "--url", url, "--header", `Authorization: Bearer ${token}`],
        ...["--checks", checks.join(), "--max-time", String(seconds), "--workers", "2", "--no-shrink", "--no-color"],
        ...["--phases", "coverage,fuzzing", "--request-timeout", "20", "--report-junit-path", junit],
      ],
      folder,
    );
    const report = existsSync(junit) ? readFileSync(junit, "utf8") : "";
    if (report === "") throw new Error(`schemathesis did not run:\n${output}`);
    const failures = [...report.matchAll(/<(?:failure|error)[^>]*message="([^"]*)"/g)].map(([, text]) => text!);
    const requests = Number(/(\d+) generated/.exec(output)?.[1] ?? 0);
    return { requests, failures, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(command: string, args: readonly string[], cwd?: string): Promise<{ code: number; output: string }> {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output += data;
    });
  }
  const code = await new Promise<number>((resolve) => {
    child.once("error", () => resolve(-1));
    child.once("close", (exit) => resolve(exit ?? -1));
  });
  return { code, output };
}
