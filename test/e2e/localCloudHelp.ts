import { execFileSync } from "node:child_process";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import { waitFor } from "../../common/waitFor";
import { awsConfig } from "../../sandbox/aws";
import type { LocalCloud } from "../../sandbox/localCloud";

const ASSUMED_BY_LAMBDA = policy({
  Effect: "Allow",
  Action: "sts:AssumeRole",
  Principal: { Service: "lambda.amazonaws.com" },
});

/** Invokes a function, so that MiniStack has a Node process of its own. */
export async function startWorker(cloud: LocalCloud): Promise<void> {
  await createFunction(cloud, "idle", "exports.handler = async () => { setInterval(() => {}, 1000); };");
  await new LambdaClient(awsConfig(cloud)).send(new InvokeCommand({ FunctionName: "idle" }));
}

export async function createFunction(cloud: LocalCloud, name: string, code: string): Promise<void> {
  const role = await new IAMClient(awsConfig(cloud)).send(
    new CreateRoleCommand({ RoleName: `${name}-role`, AssumeRolePolicyDocument: ASSUMED_BY_LAMBDA }),
  );
  await new LambdaClient(awsConfig(cloud)).send(
    new CreateFunctionCommand({
      FunctionName: name,
      Role: role.Role!.Arn!,
      Runtime: "nodejs22.x",
      Handler: "__index.handler",
      Code: { ZipFile: zipSync({ "__index.js": strToU8(code) }) },
    }),
  );
}

export function policy(statement: object): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly args: string;
}

/** Every descendant of a process, whatever group or session it is in. */
export function familyOf(ancestor: number): RunningProcess[] {
  const all = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .flatMap((found) => (found ? [{ pid: Number(found[1]), parent: Number(found[2]), args: found[3]! }] : []))
    .filter((one) => !one.args.startsWith("ps "));
  const family: RunningProcess[] = [];
  const grow = (parent: number) => {
    for (const child of all.filter((one) => one.parent === parent)) {
      family.push(child);
      grow(child.pid);
    }
  };
  grow(ancestor);
  return family;
}

export async function untilGone(pids: readonly number[]): Promise<void> {
  const left = () => {
    const listed = execFileSync("ps", ["-eo", "pid=,stat=,args="], { encoding: "utf8" }).split("\n");
    return listed.filter((line) => {
      const [pid, stat] = line.trim().split(/\s+/, 2);
      return pids.includes(Number(pid)) && !stat!.startsWith("Z");
    });
  };
  await waitFor("them to be gone", () => left().length === 0, { lastSeen: left });
}

export function describeFamily(family: readonly RunningProcess[]): string {
  return `started:\n${family.map((one) => `${one.pid} ${one.args}`).join("\n")}`;
}
