import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { expect } from "chai";
import { waitFor } from "../../common/waitFor";

/** `npm start`, as a process of its own. */
class Start {
  output = "";
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, ["-r", "./typescript.cjs", "start/main.ts", ...args], {
      env: { ...process.env, ...env },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (data) => {
        this.output += data;
      });
    }
    this.ended = new Promise((resolve) => this.child.on("close", resolve));
  }

  /** Waits until the output has a text, and returns what the pattern captures of it. */
  async says(pattern: RegExp): Promise<string> {
    return waitFor(
      `npm start to say ${pattern}`,
      () => {
        const match = pattern.exec(this.output);
        return match ? (match[1] ?? match[0]) : undefined;
      },
      // Two at once on a small machine: slow is no failure, and the scenario has its own patience.
      { seconds: 240, lastSeen: () => this.output.slice(-2000) },
    );
  }
}

/** The processes that descend from one, itself left out, as far as they can be found in /proc. */
function descendantsOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(file)) return [];
  const children = readFileSync(file, "utf8").trim().split(/\s+/).filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}
const runs = (pid: number) => existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";

describe("npm start", () => {
  const started: Start[] = [];
  const start = (args: string[], env?: NodeJS.ProcessEnv) => {
    const run = new Start(args, env);
    started.push(run);
    return run;
  };
  afterEach(async () => {
    for (const { child, ended } of started.splice(0)) {
      child.kill("SIGKILL");
      await ended;
    }
  });

  it("--once --json plays the scenario and reports it as its last line", async () => {
    const run = start(["--once", "--json"]);
    const code = await run.ended;
    const lines = run.output.trim().split("\n");
    expect(lines, run.output).to.have.length(1);
    const { ok, seconds, resources, reminders, telemetry, release } = JSON.parse(lines[0]!);
    expect({ code, ok }).to.deep.equal({ code: 0, ok: true });
    expect(seconds).to.have.all.keys("boot", "deploy", "scenario");
    expect(resources.played).to.be.greaterThan(60);
    const [well, alsoWell, repaired, neglected, ...others] = reminders;
    expect(others).to.deep.equal([]);
    expect(well).to.deep.equal({ thing: "cooler-1", expected: 0, sent: 0, endedBy: "nothing" });
    expect(alsoWell).to.deep.equal({ thing: "cooler-2", expected: 0, sent: 0, endedBy: "nothing" });
    expect(neglected).to.deep.equal({ thing: "cooler-4", expected: 5, sent: 5, endedBy: "count" });
    // On a busy machine more can be due before the repair, even all of them; expectedReminders has its own test.
    const endedBy = repaired.sent < 5 ? "solved" : "count";
    expect(repaired).to.include({ thing: "cooler-3", expected: repaired.sent, endedBy });
    expect(repaired.sent).to.be.within(2, 5);
    expect(telemetry).to.deep.equal({ sent: 101, stored: 100, quarantined: 1 });
    expect(release).to.deep.equal({
      app: "cooler",
      version: "2.0",
      updated: { "cooler-1": "1.0", "cooler-2": "1.9", "cooler-3": "1.10" },
      untouched: ["cooler-4"],
      again: 0,
    });
  });

  it("runs beside another, and Ctrl-C leaves nothing of either", async () => {
    const runs2 = [start([]), start([])];
    for (const run of runs2) {
      const verdict = await run.says(/\w+ (?:all )?of it happened[\s\S]*?\n\n/);
      expect(verdict, run.output).to.match(/^All of it happened/);
    }
    const [one, other] = await Promise.all(runs2.map((run) => run.says(/AWS endpoint\s+(\S+)/)));
    expect(one).not.to.equal(other);
    const files = await Promise.all(runs2.map((run) => run.says(/all of this\s+(\S+)/)));
    expect(new Set(files).size, "each has its own outputs file").to.equal(2);
    for (const [at, file] of files.entries()) {
      const { endpoint, mqtt, devices } = JSON.parse(readFileSync(file, "utf8"));
      expect(endpoint).to.equal([one, other][at]);
      for (const needed of [mqtt.caPath, devices[0].certificatePath, devices[0].keyPath]) {
        expect(existsSync(needed), needed).to.equal(true);
      }
    }
    for (const { child, ended } of runs2) {
      const processes = descendantsOf(child.pid!);
      child.kill("SIGINT");
      expect(await ended).to.equal(130);
      await waitFor("all its processes to be gone", () => !processes.some(runs), {
        lastSeen: () => processes.filter(runs),
      });
    }
    for (const file of files) expect(existsSync(file), `${file} is gone`).to.equal(false);
  });

  it("says what happened when the local cloud dies in mid-run, and ends with 1", async () => {
    const run = start([]);
    await run.says(/connected over mTLS/);
    const ministack = descendantsOf(run.child.pid!).find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("ministack"),
    );
    process.kill(ministack!, "SIGKILL");
    expect(await run.ended).to.equal(1);
    expect(run.output).to.match(/Failed: the local cloud ended in mid-run: .*SIGKILL/s);
    expect(run.output, "no stack trace").not.to.match(/\n\s+at /);
  });

  it("names the port that is taken", async () => {
    const server: Server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    try {
      for (const option of ["--port", "--mqtt-port"]) {
        const run = start(["--once", option, String(port)]);
        expect(await run.ended).to.equal(1);
        expect(run.output)
          .to.match(new RegExp(`port.* ${port} `, "i"))
          .and.match(/taken|in use/);
      }
    } finally {
      server.close();
    }
  });

  const mistakes: [string[], RegExp][] = [
    [["--speed", "0"], /--speed must be a number from 1/],
    [["--speed", "fast"], /--speed must be a number, not fast/],
    [["--port", "70000"], /--port must be a port from 1 to 65535/],
    [["--json"], /--json goes with --once/],
    [["--twice"], /--twice.*--help/],
    [["cooler-1"], /cooler-1.*--help/],
  ];
  for (const [args, message] of mistakes) {
    it(`refuses ${args.join(" ")} with exit code 2`, async () => {
      const run = start(args);
      expect(await run.ended).to.equal(2);
      expect(run.output).to.match(message);
    });
  }

  it("--help tells the options and ends with 0", async () => {
    const run = start(["--help"]);
    expect(await run.ended).to.equal(0);
    for (const option of ["--once", "--json", "--speed", "--port", "--mqtt-port", "--verbose"]) {
      expect(run.output).to.include(option);
    }
  });
});
