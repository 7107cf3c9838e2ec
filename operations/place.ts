import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { type AwsConfig, awsConfig } from "../sandbox/aws";
import { isAlive, sandboxDirectory } from "../sandbox/ministack/folders";
import type { OutputsFile } from "../sandbox/outputsFile";

/** Where a stack runs, as the commands of this folder need to know it: the local cloud, or an AWS account. */
export interface Place {
  /** The stack's name. */
  readonly stack: string;
  /** The configuration of any AWS client; in an account, credentials are those of the AWS SDK's default chain. */
  readonly aws: AwsConfig | { readonly region: string };
  /** The stack's outputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The file of the local cloud that runs; undefined in an account. */
  readonly local: OutputsFile | undefined;
}

/** The place that `--stack` names; without it, the local cloud. @throws Error that says how to get one */
export function placeOf(stack: string | undefined): Place {
  return stack === undefined || stack === "local" ? localPlace() : stackPlace(stack);
}

/** The local cloud that runs now. @throws Error when none does */
export function localPlace(root: string = sandboxDirectory): Place {
  let file: OutputsFile | undefined;
  try {
    file = JSON.parse(readFileSync(path.join(root, "outputs.json"), "utf8"));
  } catch {
    // There is none.
  }
  if (!file || !isAlive(file.pid)) {
    throw new Error("no local cloud runs here; start one with npm start, or name a stack with --stack");
  }
  return placeIn(file);
}

/** The local cloud that a file of outputs tells of. */
export function placeIn(file: OutputsFile): Place {
  return { stack: "local", aws: awsConfig(file), outputs: file.outputs, local: file };
}

/** A stack in an AWS account, as `pulumi up` left it. @throws Error with Pulumi's own words */
export function stackPlace(stack: string): Place {
  const pulumi = (...args: string[]) => {
    try {
      return execFileSync("pulumi", [...args, "--stack", stack], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    } catch (error) {
      const { stderr, code, message } = error as { stderr?: string; code?: string; message: string };
      const why =
        code === "ENOENT" ? "the Pulumi CLI is not on PATH; get it from pulumi.com" : stderr?.trim() || message;
      throw new Error(`pulumi does not tell of the stack ${stack}: ${why}`);
    }
  };
  const outputs = JSON.parse(pulumi("stack", "output", "--json"));
  return { stack, aws: { region: pulumi("config", "get", "aws:region").trim() }, outputs, local: undefined };
}

/**
 * One of the stack's outputs, in its type.
 * @throws Error that says to deploy again, when the stack was deployed before the program had this output
 */
export function outputOf<T>({ stack, outputs }: Place, name: string): T {
  const output = outputs[name];
  if (output === undefined) {
    throw new Error(`the stack ${stack} has no output \`${name}\`; deploy it again with this version of the program`);
  }
  return output as T;
}
