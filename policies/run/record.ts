import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest, RegisterResourceResponse } from "@pulumi/pulumi/proto/resource_pb";
import { answerCall } from "./calls";
import { type Place, syntheticOutputs } from "./synthetic";

export interface RecordOptions {
  /** What a stack's entry point does; whatever it returns is awaited. */
  readonly program: () => unknown;
  readonly project: string;
  readonly stack: string;
  /** The configuration by full key, `aws:region`; objects as JSON. */
  readonly config: Readonly<Record<string, string>>;
  /**
   * Whether ids and outputs stay unknown, as in the first preview of a stack.
   * @default false: they are made up, so that policies see as much as possible
   */
  readonly preview?: boolean;
}

/** A resource as the program registered it, in the words of Pulumi's own protocol. */
export interface Recorded {
  readonly urn: string;
  readonly request: RegisterResourceRequest;
  readonly response: RegisterResourceResponse;
}

export interface Recording {
  readonly resources: readonly Recorded[];
  /** What this run could not see, a sentence each. */
  readonly notes: readonly string[];
}

/** Pulumi's mock monitor, and how it is told of a resource. */
interface Monitor {
  registerResource(
    request: RegisterResourceRequest,
    callback: (error: Error | null, response: RegisterResourceResponse) => void,
  ): Promise<void>;
}

/**
 * Runs a Pulumi program without an engine and records every resource it registers, with options, parents and dependencies:
 * Pulumi's mocks hand over no options, so what is recorded are the requests to their monitor. Nothing is made. Mocks are
 * global to the process; one program at a time.
 *
 * @throws whatever the program throws, or the first promise it leaves rejected
 */
export async function record({ program, project, stack, config, preview = false }: RecordOptions): Promise<Recording> {
  const place = placeOf(config);
  const notes = new Set<string>();
  const resources: Recorded[] = [];
  pulumi.runtime.setAllConfig({ ...config });
  await pulumi.runtime.setMocks(mocks(place, preview, notes), project, stack, preview);
  listen(pulumi.runtime.getMonitor() as unknown as Monitor, (recorded) => {
    resources.push(recorded);
    if (recorded.request.getRemote()) {
      notes.add(
        `${recorded.request.getName()} (${recorded.request.getType()}) is a remote component: what it makes is not seen`,
      );
    }
  });

  const rejected: unknown[] = [];
  const onRejection = (error: unknown) => rejected.push(error);
  process.on("unhandledRejection", onRejection);
  try {
    await pulumi.runtime.runInPulumiStack(async () => await program());
    await pulumi.runtime.disconnect();
  } finally {
    // Rejections are reported after the microtasks of this turn; a program that throws leaves some of Pulumi's own.
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", onRejection);
  }
  if (rejected.length > 0) throw rejected[0];
  return { resources, notes: [...notes] };
}

function mocks(place: Place, preview: boolean, notes: Set<string>): pulumi.runtime.Mocks {
  return {
    newResource: ({ type, name, inputs, custom, id }) => {
      // A component has no state of its own; a provider's inputs stay what they are.
      if (!custom || type.startsWith("pulumi:")) return { id: id || `${name}-id`, state: inputs };
      if (preview) return { id: undefined, state: inputs };
      const synthetic = syntheticOutputs(type, name, inputs, place);
      return { id: id || synthetic.id, state: synthetic.outputs };
    },
    call: ({ token, inputs }) => {
      const answer = answerCall(token, inputs, place);
      if (!answer) notes.add(`${token} was answered with its arguments: only AWS knows more`);
      return answer ?? { ...inputs, id: token };
    },
  };
}

function listen(monitor: Monitor, heard: (recorded: Recorded) => void): void {
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (!error) heard({ urn: response.getUrn(), request, response });
      callback(error, response);
    });
}

/** The account and region of the stack's configuration, for made-up ARNs. */
function placeOf(config: Readonly<Record<string, string>>): Place {
  const accounts = /\d{12}/.exec(config["aws:allowedAccountIds"] ?? "");
  return { account: accounts?.[0] ?? "123456789012", region: config["aws:region"] ?? "us-east-1" };
}
