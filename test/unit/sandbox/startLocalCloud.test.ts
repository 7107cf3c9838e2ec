import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import * as path from "node:path";
import { expect } from "chai";
import { startLocalCloud } from "../../../sandbox/localCloud";
import { createRunFolder, type RunFolder } from "../../../sandbox/ministack/folders";
import { startMiniStack } from "../../../sandbox/ministack/ministack";
import { listenLocally } from "../../../sandbox/ministack/ports";
import { requirementsFingerprint } from "../../../sandbox/ministack/version";
import { fakeProgram, pythonAnswer, temporaryFolder } from "./fakePython";

describe("starting the local cloud where it cannot", () => {
  const folder = temporaryFolder();
  let owner: Server;
  let taken: number;

  before(async () => {
    owner = createServer();
    taken = await listenLocally(owner, 0, "port");
  });
  after(() => owner.close());

  const badOptions: { what: string; options: () => object; says: () => string }[] = [
    {
      what: "a port of the front door that is taken",
      options: () => ({ port: taken }),
      says: () => `\`port\` is ${taken}, but port ${taken} of 127.0.0.1 is taken by another program`,
    },
    {
      what: "a port of the broker that is taken",
      options: () => ({ mqttPort: taken }),
      says: () => `\`mqttPort\` is ${taken}, but port ${taken} of 127.0.0.1 is taken by another program`,
    },
    { what: "a port that is none", options: () => ({ port: 70_000 }), says: () => "`port` is 70000, which is no port" },
    { what: "half a port", options: () => ({ mqttPort: 1.5 }), says: () => "`mqttPort` is 1.5, which is no port" },
    {
      what: "an account that is none",
      options: () => ({ accountId: "12345" }),
      says: () => '`accountId` is "12345", but an AWS account id is twelve digits',
    },
  ];
  for (const { what, options, says } of badOptions) {
    it(`refuses ${what}, by the name of the option`, async () => {
      const failure = await startLocalCloud(options()).catch((error) => error);
      expect(failure).to.have.property("name", "LocalCloudError");
      expect(failure.message).to.contain(says());
    });
  }

  describe("because of what is not installed", () => {
    const start = (programs: Record<string, string>) => {
      const bin = mkdtempSync(path.join(folder, "bin-"));
      for (const [name, script] of Object.entries(programs)) {
        fakeProgram(bin, name, script);
      }
      return failureOf(mkdtempSync(path.join(folder, "sandbox-")), bin);
    };
    const cases: { what: string; programs: Record<string, string>; says: RegExp }[] = [
      {
        what: "neither Python nor Docker",
        programs: {},
        says: /^There is no Python here, and no Docker daemon answers/m,
      },
      {
        what: "a Python that is too old",
        programs: { python3: pythonAnswer("3.8.18", true) },
        says: /^Python 3\.8\.18 is here, which is too old, and no Docker/m,
      },
      {
        what: "a Python without venv and pip",
        programs: { python3: pythonAnswer("3.11.2", false) },
        says: /^Python 3\.11\.2 is here, but not its venv and pip modules \(on Debian/m,
      },
      {
        what: "a Docker client without its daemon",
        programs: { docker: 'echo "Cannot connect to the Docker daemon" >&2; exit 1' },
        says: /no Docker daemon answers/,
      },
      {
        what: "an older Docker client without its daemon, which reports success",
        programs: { docker: "echo" },
        says: /no Docker daemon answers/,
      },
    ];
    for (const { what, programs, says } of cases) {
      it(`explains ${what}, and every way out`, async () => {
        const { name, message } = await start(programs);
        expect(name).to.equal("LocalCloudError");
        expect(message)
          .to.match(says)
          .and.match(/Python 3\.10 or newer/)
          .and.match(/Debian, Ubuntu +sudo apt install python3 python3-venv/)
          .and.match(/macOS +brew install/)
          .and.match(/Windows +winget install/)
          .and.match(/THINGSTACK_MINISTACK_URL/);
      });
    }

    it("leaves nothing that the next start trips over", async () => {
      const { run } = await start({});
      expect(existsSync(run.path) || existsSync(run.temporary)).to.equal(false);
      expect(readdirSync(run.root)).to.deep.equal(["logs"]);
    });
  });

  describe("because it does not come up", () => {
    /** A finished virtual environment whose Python does what the script says. */
    const start = (script: string) => {
      const root = mkdtempSync(path.join(folder, "sandbox-"));
      const bin = path.join(root, "venv", "bin");
      mkdirSync(bin, { recursive: true });
      fakeProgram(bin, "python", script);
      writeFileSync(
        path.join(root, "venv", "thingstack.json"),
        JSON.stringify({ fingerprint: requirementsFingerprint }),
      );
      return failureOf(root, folder);
    };

    const cases: { what: string; script: string; says: RegExp }[] = [
      {
        what: "it ends at once",
        script: 'echo "ModuleNotFoundError: hypercorn" >&2; exit 3',
        says: /did not start: it ended with exit code 3\. The end of its log \(.*\.log\):\n {2}ModuleNotFoundError: hypercorn$/,
      },
      {
        what: "it is killed",
        script: "kill -KILL $$",
        says: /did not start: it ended with signal SIGKILL\. The end of its log/,
      },
      {
        what: "it ends after it has named its ports",
        script: 'echo \'{"http": 1, "mqtt": 1}\'; echo "OSError: broken" >&2; exit 1',
        says: /did not start: it ended with exit code 1\..*OSError: broken$/s,
      },
      {
        what: "it says something else",
        script: 'echo "Segmentation fault"; exec sleep 60',
        says: /did not start: .*Segmentat/,
      },
    ];
    for (const { what, script, says } of cases) {
      it(`shows why when ${what}`, async () => {
        const { name, message } = await start(script);
        expect(name).to.equal("LocalCloudError");
        expect(message).to.match(says);
      });
    }
  });
});

async function failureOf(root: string, bin: string): Promise<Error & { run: RunFolder }> {
  const run = createRunFolder(root);
  const options = {
    run,
    endpoint: "http://127.0.0.1:1",
    accountId: "000000000000",
    region: "us-east-1",
    mqttPort: 0,
    asyncRetryBaseSeconds: 1,
    progress: () => {},
  };
  const failure = await startMiniStack(options, { PATH: bin }).catch((error) => error);
  run.remove();
  return Object.assign(failure, { run });
}
