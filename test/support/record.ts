import * as pulumi from "@pulumi/pulumi";

/** A resource as a program registered it. */
export interface RecordedResource {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs have the shape of some resource; a test knows which.
  readonly inputs: Record<string, any>;
  readonly urn: string;
  /** Type of the component it stands under, e.g. `thingstack:lambda:Handler`; empty at the top. */
  readonly parentType: string;
}

export interface Recording<T> {
  readonly result: T;
  readonly resources: readonly RecordedResource[];
  /** The one resource of a type, optionally by name; fails if there is none or several. */
  one(type: string, name?: string | RegExp): RecordedResource;
  all(type: string, name?: string | RegExp): readonly RecordedResource[];
}

export const account = "123456789012";
export const region = "eu-central-1";

/**
 * Runs a program against recording mocks: every resource it registers is noted with its exact inputs, and gets plausible
 * outputs (an ARN, a URL, a stream).
 */
export async function record<T>(program: () => T, { preview = false } = {}): Promise<Recording<T>> {
  const resources: RecordedResource[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        const suffix = `${name}-0000000`;
        const outputs = { ...inputs, name: inputs.name ?? suffix, arn: arnOf(type, inputs.name ?? suffix, inputs) };
        resources.push({ type, name, inputs, urn: "", parentType: "" });
        return { id: id || suffix, state: { ...outputs, ...moreOutputs(type, suffix) } };
      },
      call: ({ token, inputs }) => {
        if (token === "aws:index/getCallerIdentity:getCallerIdentity") return { accountId: account, ...inputs };
        if (token === "aws:index/getRegion:getRegion") return { region, name: region, ...inputs };
        if (token === "aws:index/getPartition:getPartition") return { partition: "aws", ...inputs };
        throw new Error(`the recording mocks do not answer ${token}`);
      },
    },
    "thingstack",
    "test",
    preview,
  );
  const urns = watchUrns();
  const result = program();
  if (result instanceof Promise) await result;
  await pulumi.runtime.disconnect();
  const complete = resources.map((resource) => {
    const urn = urns.find((each) => each.endsWith(`::${resource.name}`) && each.includes(resource.type)) ?? "";
    return { ...resource, urn, parentType: (urn.split("::")[2] ?? "").split("$").at(-2) ?? "" };
  });
  const all = (type: string, name?: string | RegExp) =>
    complete.filter((r) => r.type === type && (name === undefined || matches(r.name, name)));
  return {
    result,
    resources: complete,
    all,
    one: (type, name) => {
      const found = all(type, name);
      if (found.length !== 1) {
        throw new Error(
          `${found.length} resources of type ${type}${name ? ` named ${name}` : ""}; registered were\n` +
            complete.map((r) => `  ${r.type} ${r.name}`).join("\n"),
        );
      }
      return found[0] as RecordedResource;
    },
  };

  /** Mocks are not told parents; URNs hold their types, so we listen to what the monitor answers. */
  function watchUrns(): string[] {
    const seen: string[] = [];
    const monitor = pulumi.runtime.getMonitor() as unknown as {
      registerResource(request: unknown, callback: (error: unknown, response: { getUrn(): string }) => void): void;
    };
    const original = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, callback) =>
      original(request, (error, response) => {
        if (response) seen.push(response.getUrn());
        callback(error, response);
      });
    return seen;
  }
}

/** As {@link record}, for a program that fails inside an output: what it failed with, and what it registered until then. */
export async function recordFailing(program: () => unknown): Promise<{
  failures: readonly unknown[];
  resources: readonly RecordedResource[];
}> {
  const failures: unknown[] = [];
  const others = process.rawListeners("unhandledRejection") as NodeJS.UnhandledRejectionListener[];
  const listener = (reason: unknown) => failures.push(reason);
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", listener);
  try {
    const { resources } = await record(program);
    // Rejections are told of once the microtasks of this turn are done.
    await new Promise((resolve) => setImmediate(resolve));
    return { failures, resources };
  } finally {
    process.removeListener("unhandledRejection", listener);
    for (const other of others) process.on("unhandledRejection", other);
  }
}

function matches(name: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? name === wanted : wanted.test(name);
}

function arnOf(type: string, name: string, inputs: { functionName?: string } = {}): string {
  const service = type.split(":")[1]?.split("/")[0];
  const resource = type === "aws:lambda/alias:Alias" ? `${inputs.functionName}:${name}` : name;
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}

function moreOutputs(type: string, name: string): Record<string, unknown> {
  switch (type) {
    case "aws:sqs/queue:Queue":
      return { url: `https://sqs.${region}.amazonaws.com/${account}/${name}` };
    case "aws:s3/bucket:Bucket":
      return { bucket: name };
    case "aws:dynamodb/table:Table":
      return { streamArn: `${arnOf(type, name)}/stream/2026-01-01T00:00:00.000` };
    case "aws:lambda/alias:Alias":
      return { invokeArn: `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${name}/invocations` };
    case "aws:apigateway/restApi:RestApi":
      return { executionArn: `arn:aws:execute-api:${region}:${account}:${name}` };
    case "aws:iot/certificate:Certificate":
      return { certificatePem: "-----BEGIN CERTIFICATE-----", privateKey: "-----BEGIN RSA PRIVATE KEY-----" };
    default:
      return {};
  }
}

/** The value of an output. */
export function settled<T>(output: pulumi.Input<T>): Promise<T> {
  return new Promise((resolve) => {
    pulumi.output(output).apply((value) => resolve(value as T));
  });
}

/** The statements of a role's policy. */
export function statementsOf(policy: RecordedResource): { Sid: string; Action: string[]; Resource: string[] }[] {
  return JSON.parse(policy.inputs.policy).Statement;
}
