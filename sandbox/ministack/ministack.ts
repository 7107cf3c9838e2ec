import * as path from "node:path";
import { miniStackEnvironment } from "./environment";
import { LocalCloudError } from "./errors";
import { type RunFolder, sandboxDirectory } from "./folders";
import { waitForHealth } from "./health";
import { installMiniStack } from "./install";
import { superviseProcess, tailOf } from "./process";
import { findPython } from "./python";
import { MINISTACK_VERSION } from "./version";

const START_LIMIT_SECONDS = 90;
const STOP_GRACE_SECONDS = 2;

/** A MiniStack that answers. */
export interface MiniStack {
  /** Where its gateway listens, e.g. `http://127.0.0.1:41233`. Clients take the front door instead. */
  readonly url: string;
  readonly mqttPort: number;
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
  /** Wait before the first retry of an asynchronous invocation; AWS waits 60 s, then 120 s. */
  readonly asyncRetryBaseSeconds: number;
  readonly progress: (text: string) => void;
}

/** Starts MiniStack from its virtual environment, which is made first if need be. */
export async function startMiniStack(options: MiniStackOptions): Promise<MiniStack> {
  const { run, progress } = options;
  const python = await installMiniStack(
    sandboxDirectory,
    async () => {
      const found = await findPython();
      if (found === undefined) {
        throw new LocalCloudError("no Python");
      }
      return found;
    },
    progress,
  );
  progress("Starting MiniStack");
  const child = superviseProcess(
    python,
    [path.join(__dirname, "run.py"), "127.0.0.1", "0", String(options.mqttPort), run.path],
    { env: miniStackEnvironment(options), cwd: run.path, logPath: run.logPath },
  );
  let stopping = false;
  const stop = async () => {
    stopping = true;
    await child.stop(STOP_GRACE_SECONDS);
  };
  const failed = async (why: string): Promise<never> => {
    await stop();
    throw new LocalCloudError(
      `MiniStack ${MINISTACK_VERSION} did not start: ${why}. The end of its log (${run.logPath}):\n${tailOf(run.logPath)}`,
    );
  };
  const announced = await child.firstLine;
  if (announced === undefined) {
    return failed(`it ended ${await child.ended}`);
  }
  const ports = JSON.parse(announced) as { http: number; mqtt: number };
  const url = `http://127.0.0.1:${ports.http}`;
  const health = await waitForHealth(url, START_LIMIT_SECONDS, child.hasEnded);
  if (health === undefined) {
    return failed(child.hasEnded() ? `it ended ${await child.ended}` : `no answer within ${START_LIMIT_SECONDS} s`);
  }
  if (health.mqtt !== "listening") {
    return failed(`its MQTT broker is ${health.mqtt}`);
  }
  const exited = new Promise<{ reason: string }>((resolve) => {
    void child.ended.then((how) => {
      if (!stopping) {
        resolve({ reason: `MiniStack ended ${how}. The end of its log (${run.logPath}):\n${tailOf(run.logPath)}` });
      }
    });
  });
  return { url, mqttPort: ports.mqtt, exited, stop };
}
