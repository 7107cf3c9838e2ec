import { mkdirSync } from "node:fs";
import * as path from "node:path";
import { projectDirectory } from "./folders";
import type { MiniStackOptions } from "./ministack";

/** What MiniStack, its Python and its Node workers need of the caller's environment to run at all. */
const PASSED_ON = ["LANG", "LC_ALL", "LC_CTYPE", "TZ", "SystemRoot", "SystemDrive", "windir", "ComSpec", "PATHEXT"];

/**
 * The whole environment of MiniStack. Its Lambda workers inherit it, so it is built from nothing: no credentials,
 * profile, proxy or Node options of the user reach a function.
 */
export function miniStackEnvironment(
  options: MiniStackOptions,
  caller: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const inRun = (name: string) => {
    const folder = path.join(options.run.path, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  const temporary = inRun("tmp");
  const home = inRun("home");
  const passedOn = Object.fromEntries(PASSED_ON.flatMap((name) => (caller[name] ? [[name, caller[name]]] : [])));
  return {
    ...passedOn,
    // The Node that runs this program runs the functions too.
    PATH: [path.dirname(process.execPath), caller.PATH ?? caller.Path ?? ""].join(path.delimiter),
    HOME: home,
    USERPROFILE: home,
    TMPDIR: temporary,
    TEMP: temporary,
    TMP: temporary,
    STATE_DIR: inRun("state"),
    S3_DATA_DIR: inRun("s3"),
    PYTHONUNBUFFERED: "1",
    AUTH: "true",
    MINISTACK_ACCOUNT_ID: options.accountId,
    MINISTACK_REGION: options.region,
    LAMBDA_ASYNC_RETRY_BASE_SECONDS: String(options.asyncRetryBaseSeconds),
    // The port in every URL that MiniStack makes (queues, APIs): clients come back through the front door.
    GATEWAY_PORT: new URL(options.endpoint).port,
    // Functions reach the fills as well; a worker takes it from MiniStack's own environment.
    AWS_ENDPOINT_URL: options.endpoint,
    AWS_EC2_METADATA_DISABLED: "true",
    // Node functions get the real SDK of the project instead of MiniStack's stand-ins.
    NODE_PATH: path.join(projectDirectory, "node_modules"),
  };
}
