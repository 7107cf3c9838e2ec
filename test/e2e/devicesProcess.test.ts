import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { expect } from "chai";
import { waitFor } from "../../common/waitFor";
import { telemetryTopic } from "../../devices";
import { desire } from "./devicesHelp";
import { Lab, reconnect } from "./devicesLab";

describe("devices as processes", function () {
  this.timeout(60_000);
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
