import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { expect } from "chai";
import { waitFor } from "../../common/waitFor";
import { logTopic, telemetryTopic } from "../../devices";
import { readQueueLog } from "../../devices/core/queueLog";
import { desire, look } from "./devicesHelp";
import { Lab, reconnect } from "./devicesLab";

/** Whether all that was kept in these logs is over. */
const isForgotten = (logs: readonly string[]) =>
  logs.every((log) => readQueueLog(Buffer.from(log)).messages.size === 0);

describe("devices as processes", () => {
  const lab = Lab.inThisSuite();

  /** Runs a program of the repository; `seen` is all that it printed. */
  function run(...args: string[]): { child: ChildProcess; seen: () => string; ended: Promise<number> } {
    const root = path.join(__dirname, "..", "..");
    const command = ["-r", "./typescript.cjs", ...args];
    const child = spawn(process.execPath, command, { cwd: root, stdio: "pipe" });
    let text = "";
    child.stdout?.on("data", (data) => (text += data));
    child.stderr?.on("data", (data) => (text += data));
    return { child, seen: () => text, ended: once(child, "exit").then(([code]) => code as number) };
  }

  it("leaves its process able to end, and with 0", async () => {
    const wire = await lab.wireTo();
    const options = { ...lab.lamp, ...lab.cloud.mqtt, port: wire.port, reconnect };
    const { seen, ended } = run("test/e2e/devicesLeave.ts", JSON.stringify(options));
    await waitFor("its being there", () => seen().includes("cut me off"), { lastSeen: seen });
    wire.cut();
    await waitFor("a failed attempt", () => seen().includes("let me back"), { lastSeen: seen });
    wire.mend();
    expect(await ended, seen()).to.equal(0);
  });

  it("sends what waited when it was killed offline, in order, once it is there again", async () => {
    const kept = mkdtempSync(path.join(tmpdir(), "thingstack-kept-"));
    const files = () => readdirSync(kept).map((name) => readFileSync(path.join(kept, name), "utf8"));
    const wire = await lab.wireTo();
    const options = { ...lab.lamp, ...lab.cloud.mqtt, port: wire.port, reconnect, queueFolder: kept, queueLimit: 3 };
    const logged = await lab.hear(logTopic("lamp"));
    const heard = await lab.hear(telemetryTopic("lamp"));
    try {
      const first = run("test/e2e/devicesOffline.ts", JSON.stringify(options));
      await waitFor("the connection", () => first.seen().includes("connected"), { lastSeen: first.seen });
      wire.cut();
      await waitFor("the loss of it", () => first.seen().includes("offline"), { lastSeen: first.seen });
      for (const n of [1, 2, 3, 4, 5]) first.child.stdin?.write(`measure ${n}\nreport ${n}\n`);
      await waitFor("all of it on the disk", () => /"n\\":5.*"n":5/s.test(files().join("")), { lastSeen: files });
      first.child.kill("SIGKILL");
      await first.ended;
      expect(heard).to.deep.equal([]);
      wire.mend();
      const second = run("test/e2e/devicesOffline.ts", JSON.stringify(options));
      await waitFor("the messages", () => heard.length >= 3, { lastSeen: () => [heard, second.seen()] });
      expect(heard, "the oldest made room").to.deep.equal(['{"n":3}', '{"n":4}', '{"n":5}']);
      await waitFor("the reports", async () => (await look(lab.cloud, "lamp")).reported?.n === 5);
      await waitFor("the count of what is missing", () => logged.some((line) => JSON.parse(line).dropped === 2), {
        lastSeen: () => logged,
      });
      await waitFor("an empty queue", () => isForgotten(files()), {
        lastSeen: files,
      });
      second.child.kill("SIGKILL");
      await second.ended;
      const third = run("test/e2e/devicesOffline.ts", JSON.stringify(options));
      await waitFor("the connection", () => third.seen().includes("connected"), { lastSeen: third.seen });
      third.child.stdin?.write("measure 6\n");
      await waitFor("the next message", () => heard.includes('{"n":6}'), { lastSeen: () => heard });
      expect(heard, "nothing came twice").to.deep.equal(['{"n":3}', '{"n":4}', '{"n":5}', '{"n":6}']);
      expect(logged, "nor was told twice").to.have.length(1);
      third.child.kill("SIGKILL");
      await third.ended;
      wire.cut();
      const fourth = run("test/e2e/devicesOffline.ts", JSON.stringify({ ...options, startOffline: true }));
      await waitFor("its start without a network", () => fourth.seen().includes("started"), { lastSeen: fourth.seen });
      fourth.child.stdin?.write("measure 7\n");
      await waitFor("it on the disk", () => /"n\\":7/.test(files().join("")), { lastSeen: files });
      fourth.child.kill("SIGKILL");
      await fourth.ended;
      wire.mend();
      const fifth = run("test/e2e/devicesOffline.ts", JSON.stringify(options));
      await waitFor("what was measured", () => heard.includes('{"n":7}'), { lastSeen: () => [heard, fifth.seen()] });
      fifth.child.kill("SIGKILL");
      await fifth.ended;
    } finally {
      rmSync(kept, { recursive: true });
    }
  });

  describe("npm run device", () => {
    let folder: string;
    let outputs: string;
    before(() => {
      folder = mkdtempSync(path.join(tmpdir(), "thingstack-device-"));
      outputs = path.join(folder, "outputs.json");
      const [certificatePath, keyPath] = [path.join(folder, "lamp.pem"), path.join(folder, "lamp.key")];
      writeFileSync(certificatePath, lab.lamp.certificatePem);
      writeFileSync(keyPath, lab.lamp.keyPem, { mode: 0o600 });
      const devices = [{ thingName: "lamp", certificatePath, keyPath }];
      writeFileSync(outputs, JSON.stringify({ mqtt: lab.cloud.mqtt, devices }));
    });
    after(() => folder && rmSync(folder, { recursive: true }));

    const device = (...args: string[]) => run("devices/main.ts", ...args);

    it("does what is typed, shows what is desired, and ends with 0", async () => {
      const { child, seen, ended } = device("--thing", "lamp", "--outputs", outputs);
      const shows = (text: string) => waitFor(text, () => seen().includes(text), { lastSeen: seen });
      const type = (line: string) => child.stdin?.write(`${line}\n`);
      await shows("connected as lamp");
      type('report {"typed": true}');
      await shows("accepted, version ");
      type("get");
      await shows('"typed":true');
      await desire(lab.cloud, "lamp", { brightness: 5 });
      await shows('delta {"brightness":5');
      const heard = await lab.hear(telemetryTopic("lamp"));
      type('publish my/things/$thing/state {"temperature": 21}');
      await waitFor("the message", () => heard.includes('{"temperature": 21}'), { lastSeen: () => heard });
      child.stdin?.end();
      expect(await ended, seen()).to.equal(0);
    });

    it("ends with 1 when a line failed, and says why", async () => {
      const { child, seen, ended } = device("--thing", "lamp", "--outputs", outputs);
      child.stdin?.end('report {"a": [null]}\nget\n');
      expect(await ended, seen()).to.equal(1);
      expect(seen()).to.include("InvalidMessage: reported.a is a list with a null").and.include('"version":');
    });

    it("ends with 2 for wrong usage, and with 3 when it cannot connect", async () => {
      const wrong = device("--thing", "door", "--outputs", outputs);
      expect(await wrong.ended, wrong.seen()).to.equal(2);
      expect(wrong.seen()).to.include("knows no device door; it has lamp");
      const pem = path.join(folder, "lamp.pem");
      const broken = device("--thing", "lamp", "--endpoint", "127.0.0.1:1", "--cert", pem, "--key", pem);
      expect(await broken.ended, broken.seen()).to.equal(3);
      expect(broken.seen()).to.include("lamp.pem is not one in PEM form");
    });
  });
});
