import { execFile } from "node:child_process";
import * as path from "node:path";
import { promisify } from "node:util";
import { projectDirectory } from "../../common/project";
import { linkSdk, miniStackSettings } from "./environment";
import type { Launch, MiniStackOptions } from "./ministack";
import { freePort } from "./ports";
import { MINISTACK_VERSION } from "./version";

const IMAGE = `ministackorg/ministack:${MINISTACK_VERSION}`;
/** Where the image has the package, and where this project's files are mounted in it. */
const PACKAGE = "/opt/ministack";
const MOUNT = "/thingstack";

/**
 * Asks Docker's daemon which system it runs on. An installed client says nothing: without a daemon it runs no image.
 * @returns undefined when there is no Docker, or its daemon does not answer
 */
export async function dockerSystem(environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  try {
    const asked = ["info", "--format", "{{.OperatingSystem}}"];
    const { stdout } = await promisify(execFile)("docker", asked, { env: environment, timeout: 15_000 });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * How to run MiniStack from its image. The same run.py runs inside: its standard input is `docker run`'s, so the
 * container ends with this process too. Docker Engine on Linux shares the host's network; Docker Desktop runs in a
 * virtual machine, publishes the ports, and reaches the front door as `host.docker.internal`.
 */
export async function containerLaunch(
  options: MiniStackOptions,
  system: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Launch> {
  const shared = process.platform === "linux" && system !== "Docker Desktop";
  const [http, mqtt] = shared
    ? [0, options.mqttPort]
    : [await freePort(0, "port"), await freePort(options.mqttPort, "mqttPort")];
  const network = shared
    ? ["--network", "host"]
    : [http, mqtt].flatMap((port) => ["--publish", `127.0.0.1:${port}:${port}`]);
  const settings: Record<string, string> = {
    ...miniStackSettings(options),
    NODE_PATH: `${MOUNT}/sdk`,
    PYTHONPATH: PACKAGE,
  };
  if (!shared) {
    settings.AWS_ENDPOINT_URL = options.endpoint.replace("127.0.0.1", "host.docker.internal");
  }
  const mounts = {
    [path.join(__dirname, "run.py")]: `${MOUNT}/run.py`,
    [path.join(projectDirectory, "node_modules")]: `${MOUNT}/node_modules`,
    [linkSdk(options.run, `${MOUNT}/node_modules`)]: `${MOUNT}/sdk`,
  };
  return {
    description: `MiniStack ${MINISTACK_VERSION} from its container image (pulled once)`,
    command: "docker",
    args: [
      "run",
      "--rm",
      "--interactive",
      "--name",
      `thingstack-${options.run.id}`,
      ...network,
      ...Object.entries(mounts).flatMap(([from, to]) => ["--mount", `type=bind,source=${from},target=${to},readonly`]),
      ...Object.entries(settings).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
      "--entrypoint",
      "python",
      IMAGE,
      `${MOUNT}/run.py`,
      shared ? "127.0.0.1" : "0.0.0.0",
      String(http),
      String(mqtt),
    ],
    // The client's own settings: which daemon, and the login for a registry mirror.
    env: environment,
  };
}
