import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { chromium as driver } from "playwright-core";
import { buildConsole, siteDirectory } from "../../console/build";
import { openSession } from "../../sandbox/session";
import { chromium } from "../console/support/chromium";
import { type BenchResult, milliseconds, percentile } from "./result";

const ROUNDS = 15;

/** How much a browser loads, and how long it takes until somebody who is signed in sees the fleet. */
export async function run(): Promise<BenchResult> {
  buildConsole();
  const rows: BenchResult["rows"][number][] = [sizes("script", ".js"), sizes("style", ".css")];
  const executablePath = chromium();
  if (!executablePath) return { title, rows: [...rows, { what: "time to list shown", value: "no Chromium here" }] };

  const session = await openSession();
  const browser = await driver.launch({
    executablePath,
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  try {
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(session.cloud.cloudFrontUrl);
    const { email, password } = session.users[0] as { email: string; password: string };
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator("tr[data-thing]").first().waitFor();
    const devtools = await page.context().newCDPSession(page);
    /** Milliseconds from the navigation's start to each moment. */
    const load = async (cold: boolean) => {
      if (cold) await devtools.send("Network.clearBrowserCache");
      await page.reload({ waitUntil: "commit" });
      await page.locator("main, .sign-in").first().waitFor();
      const frame = (await page.evaluate("performance.now()")) as number;
      await page.locator("tr[data-thing]").first().waitFor();
      return { frame, list: (await page.evaluate("performance.now()")) as number };
    };
    await load(true);
    for (const [what, cold] of [
      ["nothing in the browser's cache", true],
      ["a warm cache", false],
    ] as const) {
      const seen: { frame: number; list: number }[] = [];
      for (let round = 0; round < ROUNDS; round++) seen.push(await load(cold));
      for (const [moment, value] of [
        ["frame shown", (one: { frame: number; list: number }) => one.frame],
        ["list shown", (one: { frame: number; list: number }) => one.list],
      ] as const) {
        const values = seen.map(value);
        rows.push({
          what: `time to ${moment}, ${what}, p50`,
          value: milliseconds(percentile(values, 0.5)),
          note: `p95 ${milliseconds(percentile(values, 0.95))}, ${ROUNDS} loads`,
        });
      }
    }
    return { title, rows };
  } finally {
    await browser.close();
    await session.stop();
  }
}

const title = "The console: bytes, and first load in a headless Chromium with the local cloud on the same machine";

function sizes(what: string, ending: string): BenchResult["rows"][number] {
  const files = readdirSync(siteDirectory, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .map((file) => readFileSync(path.join(siteDirectory, file)));
  const kilobytes = (all: readonly Uint8Array[]) =>
    `${(all.reduce((sum, { length }) => sum + length, 0) / 1000).toFixed(1)} KB`;
  return {
    what: `${what}, compressed by Brotli`,
    value: kilobytes(files.map((file) => brotliCompressSync(file))),
    note: `gzip ${kilobytes(files.map((file) => gzipSync(file)))}, raw ${kilobytes(files)}`,
  };
}
