import * as path from "node:path";
import { adoptMiniStack } from "./adopt";
import { containerLaunch, dockerSystem } from "./container";
import { miniStackEnvironment } from "./environment";
import { LocalCloudError } from "./errors";
import type { RunFolder } from "./folders";
import { waitForHealth } from "./health";
import { installedPython, installMiniStack } from "./install";
import { freePort } from "./ports";
import { superviseProcess, tailOf } from "./process";
import { findPython, type Python } from "./python";
import { MINISTACK_VERSION } from "./version";

/** A first start on a slow machine compiles every module; usually it is under two seconds. */
const START_LIMIT_SECONDS = 90;
const STOP_GRACE_SECONDS = 2;

/** A MiniStack that answers. */
export interface MiniStack {
  /** Where its gateway listens, e.g. `http://127.0.0.1:41233`. Clients take the front door instead. */
  readonly url: string;
  readonly mqtt: { readonly host: string; readonly port: number };
  /** Settles when it ends although nobody called `stop`. */
  readonly exited: Promise<{ reason: string }>;
  /** Ends it and everything it started. Safe to call twice. */
  stop(): Promise<void>;
}

export interface MiniStackOptions {
  readonly run: RunFolder;
  /** Where clients and functions reach AWS: the front door. */
  readonly endpoint: string;
  readonly accountId: string;
  readonly region: string;
  /** 0: any free port. */
  readonly mqttPort: number;
  readonly asyncRetryBaseSeconds: number;
  readonly progress: (text: string) => void;
}

/** A command that runs run.py, and what to call it. */
export interface Launch {
  readonly description: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Provides a MiniStack: the one of `THINGSTACK_MINISTACK_URL`; else one started from the virtual environment, which
 * is made on first use if there is a Python; else one started from its container image if there is Docker.
 * @throws LocalCloudError if there is none of these, or it does not start
 */
export async function startMiniStack(
  options: MiniStackOptions,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<MiniStack> {
  if (environment.THINGSTACK_MINISTACK_URL) {
    return adoptMiniStack(environment.THINGSTACK_MINISTACK_URL, options.mqttPort);
  }
  if (options.mqttPort !== 0) {
    await freePort(options.mqttPort, "mqttPort");
  }
  return launch(await chooseLaunch(options, environment), options);
}

async function chooseLaunch(options: MiniStackOptions, environment: NodeJS.ProcessEnv): Promise<Launch> {
  let python = installedPython(options.run.root);
  if (python === undefined) {
    const found = await findPython(environment);
    if (!found?.newEnough || !found.complete) {
      const system = await dockerSystem(environment);
      if (system === undefined) {
        throw new LocalCloudError(whatIsMissing(found));
      }
      return containerLaunch(options, system, environment);
    }
    python = await installMiniStack(options.run.root, found, options.progress);
  }
  return {
    description: `MiniStack ${MINISTACK_VERSION}`,
    command: python,
    args: [
      path.join(__dirname, "run.py"),
      "127.0.0.1",
      "0",
      String(options.mqttPort),
      options.run.temporary,
      options.run.path,
    ],
    env: miniStackEnvironment(options),
  };
}

async function launch(plan: Launch, options: MiniStackOptions): Promise<MiniStack> {
  const { run } = options;
  options.progress(`Starting ${plan.description}`);
  const child = superviseProcess(plan.command, plan.args, { env: plan.env, cwd: run.path, logPath: run.logPath });
  let stopping = false;
  const stop = async () => {
    stopping = true;
    await child.stop(STOP_GRACE_SECONDS);
  };
  const logTail = () => `The end of its log (${run.logPath}):\n${tailOf(run.logPath)}`;
  try {
    const announced = await child.firstLine;
    if (announced === undefined) {
      throw new LocalCloudError(`it ended ${await child.ended}`);
    }
    const ports = JSON.parse(announced) as { http: number; mqtt: number };
    const url = `http://127.0.0.1:${ports.http}`;
    const health = await waitForHealth(url, START_LIMIT_SECONDS, child.hasEnded);
    if (health === undefined) {
      const ended = child.hasEnded();
      throw new LocalCloudError(
        ended ? `it ended ${await child.ended}` : `no answer in ${START_LIMIT_SECONDS} seconds`,
      );
    }
    if (health.mqtt !== "listening") {
      throw new LocalCloudError(`its MQTT broker is ${health.mqtt}`);
    }
    const exited = new Promise<{ reason: string }>((resolve) => {
      void child.ended.then((how) => {
        if (!stopping) {
          resolve({ reason: `MiniStack ended ${how}. ${logTail()}` });
        }
      });
    });
    return { url, mqtt: { host: "127.0.0.1", port: ports.mqtt }, exited, stop };
  } catch (error) {
    await stop();
    const why = error instanceof Error ? error.message : String(error);
    throw new LocalCloudError(`${plan.description} did not start: ${why}. ${logTail()}`);
  }
}

function whatIsMissing(python: Python | undefined): string {
  const missing = python?.newEnough
    ? `Python ${python.version} is here, but not its venv and pip modules (on Debian and Ubuntu they are a package of their own)`
    : `${python ? `Python ${python.version} is here, which is too old` : "There is no Python here"}`;
  return `The local cloud runs on MiniStack, which needs Python 3.10 or newer with venv, or Docker.
${missing}, and no Docker daemon answers. One of these helps:
  Debian, Ubuntu   sudo apt install python3 python3-venv
  macOS            brew install python@3.13
  Windows          winget install Python.Python.3.13
  anywhere         start Docker, or point THINGSTACK_MINISTACK_URL at a MiniStack ${MINISTACK_VERSION} that runs already`;
}
