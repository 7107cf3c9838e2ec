import { mkdirSync, symlinkSync } from "node:fs";
import * as path from "node:path";
import { projectDirectory } from "../../common/project";
import type { RunFolder } from "./folders";
import type { MiniStackOptions } from "./ministack";

/** What MiniStack, its Python and its Node workers need of the caller's environment to run at all. */
const PASSED_ON = ["LANG", "LC_ALL", "LC_CTYPE", "TZ", "SystemRoot", "SystemDrive", "windir", "ComSpec", "PATHEXT"];

/** The settings of MiniStack, and of the functions: its Lambda workers inherit its environment. */
export function miniStackSettings(options: MiniStackOptions): Record<string, string> {
  return {
    AUTH: "true",
    MINISTACK_ACCOUNT_ID: options.accountId,
    MINISTACK_REGION: options.region,
    LAMBDA_ASYNC_RETRY_BASE_SECONDS: String(options.asyncRetryBaseSeconds),
    // The port in every URL that MiniStack makes (queues, APIs): clients come back through the front door.
    GATEWAY_PORT: new URL(options.endpoint).port,
    // Functions reach the fills as well; a worker's own default would be MiniStack itself.
    AWS_ENDPOINT_URL: options.endpoint,
    AWS_EC2_METADATA_DISABLED: "true",
    // Functions run on the Node of this program, whatever runtime they name; the warning would be in all their logs.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    PYTHONUNBUFFERED: "1",
  };
}

/**
 * The whole environment of a MiniStack that runs on this machine. It is built from nothing: no credentials, profile,
 * proxy or Node options of the user reach a function.
 */
export function miniStackEnvironment(
  options: MiniStackOptions,
  caller: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const home = makeFolder(options.run, "home");
  const { temporary } = options.run;
  return {
    ...Object.fromEntries(PASSED_ON.flatMap((name) => (caller[name] ? [[name, caller[name]]] : []))),
    ...miniStackSettings(options),
    // The Node that runs this program runs the functions too.
    PATH: [path.dirname(process.execPath), caller.PATH ?? caller.Path ?? ""].join(path.delimiter),
    NODE_PATH: linkSdk(options.run, path.join(projectDirectory, "node_modules")),
    HOME: home,
    USERPROFILE: home,
    TMPDIR: temporary,
    TEMP: temporary,
    TMP: temporary,
    STATE_DIR: makeFolder(options.run, "state"),
    S3_DATA_DIR: makeFolder(options.run, "s3"),
  };
}

/**
 * Makes a folder of modules that holds what Lambda's Node runtime does, the AWS SDK, and nothing else: functions get
 * the real SDK instead of MiniStack's stand-ins, and miss any other package here as they would on AWS.
 * @param modules the node_modules to link to, as seen by the functions
 */
export function linkSdk(run: RunFolder, modules: string): string {
  const folder = makeFolder(run, "sdk");
  for (const scope of ["@aws-sdk", "@smithy"]) {
    symlinkSync(path.join(modules, scope), path.join(folder, scope), "junction");
  }
  return folder;
}

function makeFolder(run: RunFolder, name: string): string {
  const folder = path.join(run.path, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
