import { AsyncLocalStorage } from "node:async_hooks";
import { runtime } from "@pulumi/pulumi";
import { type DeploymentInfo, ResourceMonitorFeature } from "@pulumi/pulumi/proto/resource_pb";
import * as state from "@pulumi/pulumi/runtime/state";

/** The part of a registration that Pulumi's mocks do not pass on. */
export interface Registration {
  readonly urn: string;
  /** URN of the parent; empty for the stack itself. */
  readonly parent: string;
  readonly custom: boolean;
  readonly additionalSecretOutputs: readonly string[];
  readonly ignoreChanges: readonly string[];
}

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getAdditionalsecretoutputsList?(): string[];
  getIgnorechangesList?(): string[];
}

type Call = (request: RegisterRequest, callback: unknown) => Promise<void>;

const current = new AsyncLocalStorage<Registration>();

/** The registration that is being served. */
export function currentRegistration(): Registration {
  const registration = current.getStore();
  if (!registration) throw new Error("no resource is being registered");
  return registration;
}

/**
 * Makes the monitor of `pulumi.runtime.setMocks` tell more and tell it right: the URNs it makes leave out all but the
 * nearest parent and name the stack as one, its mocks never learn a URN, a parent or which outputs are secret, and a
 * resource given as an input (`role`, for `role.name`) comes as an object, where the AWS provider gets its id.
 */
export function observeRegistrations(project: string, stack: string): void {
  const monitor = runtime.getMonitor() as unknown as {
    newUrn(parent: string, type: string, name: string): string;
    getDeploymentInfo(request: unknown, callback: (error: unknown, info: DeploymentInfo) => void): void;
    registerResource: Call;
    readResource: Call;
  };
  const newUrn = (parent: string, type: string, name: string) => engineUrn(project, stack, parent, type, name);
  const observed =
    (call: Call): Call =>
    (request, callback) =>
      current.run(
        {
          parent: request.getParent(),
          urn: newUrn(request.getParent(), request.getType(), request.getName()),
          custom: request.getCustom?.() ?? true,
          additionalSecretOutputs: request.getAdditionalsecretoutputsList?.() ?? [],
          ignoreChanges: request.getIgnorechangesList?.() ?? [],
        },
        () => call.call(monitor, request, callback),
      );
  const { getDeploymentInfo } = monitor;
  monitor.getDeploymentInfo = (request, callback) =>
    getDeploymentInfo.call(monitor, request, (error, info) => {
      const { RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES: references } = ResourceMonitorFeature;
      info.setSupportedfeaturesList(info.getSupportedfeaturesList().filter((feature) => feature !== references));
      callback(error, info);
    });
  monitor.newUrn = newUrn;
  monitor.registerResource = observed(monitor.registerResource);
  monitor.readResource = observed(monitor.readResource);
}

/**
 * Tells Pulumi that the run was given up: what still waits for a resource stays waiting, and at the end of the process
 * that is no leak to be reported (and no reason for another exit code).
 */
export function giveUpRun(): void {
  const { getStore } = state as unknown as { getStore(): { terminated: boolean } };
  getStore().terminated = true;
}

/** The URN that the engine would give: the types of all parents but the stack, then the resource's own. */
export function engineUrn(project: string, stack: string, parent: string, type: string, name: string): string {
  const parentType = parent === "" ? "" : (parent.split("::")[2] ?? "");
  const qualified =
    parentType === "" || parentType === runtime.rootPulumiStackTypeName ? type : `${parentType}$${type}`;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}
