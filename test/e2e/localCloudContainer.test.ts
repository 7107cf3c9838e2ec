import { mkdtempSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { createRunFolder, sandboxDirectory } from "../../sandbox/ministack/folders";
import { readHealth } from "../../sandbox/ministack/health";
import { installedPython } from "../../sandbox/ministack/install";
import { type MiniStackOptions, startMiniStack } from "../../sandbox/ministack/ministack";
import { MINISTACK_VERSION } from "../../sandbox/ministack/version";
import { fakeProgram, temporaryFolder } from "../unit/sandbox/fakePython";
import { familyOf, untilGone } from "./localCloudHelp";

/**
 * A `docker` that runs the container's command right here, with the container's settings: what is tested is how the
 * container is asked for, told when to end, and watched. That the image runs has to be seen where Docker does.
 */
const DOCKER = (system: string, asked: string, python: string) => `
if [ "$1" = info ]; then echo "${system}"; exit; fi
printf '%s\\n' "$@" > "${asked}"
while [ $# -gt 0 ]; do
  case "$1" in
    --env) export "$2"; shift 2 ;;
    --mount) case "$2" in *run.py*) program=\${2#*source=}; program=\${program%%,*} ;; esac; shift 2 ;;
    --network | --name | --publish | --entrypoint) shift 2 ;;
    ministackorg/*) shift 2; break ;;
    *) shift ;;
  esac
done
shift
exec "${python}" "$program" 127.0.0.1 "$@"`;

describe("MiniStack from its container image, where there is no Python", () => {
  const folder = temporaryFolder();

  const cases: { system: string; reached: RegExp; endpoint: string }[] = [
    ...(process.platform === "linux"
      ? [{ system: "Debian GNU/Linux 12", reached: /^--network\nhost$/m, endpoint: "http://127.0.0.1:4567" }]
      : []),
    {
      system: "Docker Desktop",
      reached: /^--publish\n127\.0\.0\.1:(\d+):\1\n--publish\n127\.0\.0\.1:(\d+):\2$/m,
      endpoint: "http://host.docker.internal:4567",
    },
  ];
  for (const { system, reached, endpoint } of cases) {
    it(`starts and stops with ${system}`, async function () {
      const python = installedPython(sandboxDirectory);
      if (python === undefined) {
        this.skip(); // no local cloud has been started on this machine yet
      }
      const bin = mkdtempSync(path.join(folder, "bin-"));
      const asked = path.join(bin, "asked");
      fakeProgram(bin, "docker", DOCKER(system, asked, python));
      const run = createRunFolder(mkdtempSync(path.join(folder, "sandbox-")));
      const options: MiniStackOptions = {
        run,
        endpoint: "http://127.0.0.1:4567",
        accountId: "111122223333",
        region: "eu-central-1",
        mqttPort: 0,
        asyncRetryBaseSeconds: 1,
        progress: () => {},
      };
      const before = familyOf(process.pid);
      const ministack = await startMiniStack(options, { PATH: bin });
      const started = familyOf(process.pid).filter((one) => !before.some((other) => other.pid === one.pid));
      try {
        expect(await readHealth(ministack.url)).to.include({
          version: MINISTACK_VERSION,
          auth: true,
          mqtt: "listening",
        });
        const command = readFileSync(asked, "utf8");
        expect(command)
          .to.match(reached)
          .and.match(/^--rm\n--interactive$/m)
          .and.contain(`\nAWS_ENDPOINT_URL=${endpoint}\n`)
          .and.contain("\nMINISTACK_ACCOUNT_ID=111122223333\n")
          .and.contain(`\nministackorg/ministack:${MINISTACK_VERSION}\n`);
      } finally {
        await ministack.stop();
        run.remove();
      }
      expect(started).to.have.length(1);
      await untilGone(started.map((one) => one.pid));
    });
  }
});
