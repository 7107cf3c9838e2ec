import type { Policies } from "@pulumi/policy";
import {
  AnalyzeRequest,
  type AnalyzeResponse,
  AnalyzerPropertyDependencies,
  AnalyzerProviderResource,
  AnalyzerResource,
  AnalyzerResourceOptions,
  type AnalyzeStackRequest,
  type RemediateResponse,
} from "@pulumi/pulumi/proto/analyzer_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Recorded } from "./record";

type Rpc<Request, Response> = (
  call: { request: Request },
  callback: (error: Error | undefined, response: Response) => void,
) => void;

type MakeRpc<Request, Response> = (
  pack: string,
  version: string,
  level: string,
  policies: Policies,
) => Rpc<Request, Response>;

/** The very functions that answer Pulumi's engine, so that what is found and how it is said is the same. */
const server = require("@pulumi/policy/server") as {
  makeAnalyzeRpcFun: MakeRpc<AnalyzeRequest, AnalyzeResponse>;
  makeAnalyzeStackRpcFun: MakeRpc<AnalyzeStackRequest, AnalyzeResponse>;
  makeRemediateRpcFun: MakeRpc<AnalyzeRequest, RemediateResponse>;
};

/** What one pack answers, with the calls that Pulumi's engine makes. */
export interface Analyzer {
  remediate(request: AnalyzeRequest): Promise<RemediateResponse>;
  analyze(request: AnalyzeRequest): Promise<AnalyzeResponse>;
  analyzeStack(request: AnalyzeStackRequest): Promise<AnalyzeResponse>;
}

export function analyzer(pack: string, policies: Policies): Analyzer {
  const call = <Request, Response>(make: MakeRpc<Request, Response>) => {
    const rpc = make(pack, "", "advisory", policies);
    return (request: Request) =>
      new Promise<Response>((resolve, reject) =>
        rpc({ request }, (error, response) => (error ? reject(error) : resolve(response))),
      );
  };
  return {
    remediate: call(server.makeRemediateRpcFun),
    analyze: call(server.makeAnalyzeRpcFun),
    analyzeStack: call(server.makeAnalyzeStackRpcFun),
  };
}

/** The request that the engine makes before it touches a resource: its inputs. */
export function resourceRequest(recorded: Recorded, inputs: Struct, providers: Providers): AnalyzeRequest {
  const { urn, request } = recorded;
  return new AnalyzeRequest()
    .setUrn(urn)
    .setType(request.getType())
    .setName(request.getName())
    .setProperties(inputs)
    .setOptions(optionsOf(recorded))
    .setProvider(providers(recorded));
}

/** A resource in the request that the engine makes when all are known: its outputs, and what it depends on. */
export function stackResource(recorded: Recorded, outputs: Struct, providers: Providers): AnalyzerResource {
  const { urn, request } = recorded;
  const resource = new AnalyzerResource()
    .setUrn(urn)
    .setType(request.getType())
    .setName(request.getName())
    .setProperties(outputs)
    .setOptions(optionsOf(recorded))
    .setProvider(providers(recorded))
    .setParent(request.getParent())
    .setDependenciesList(request.getDependenciesList());
  for (const [property, dependencies] of request.getPropertydependenciesMap().entries()) {
    const urns = new AnalyzerPropertyDependencies().setUrnsList(dependencies.getUrnsList());
    resource.getPropertydependenciesMap().set(property, urns);
  }
  return resource;
}

export type Providers = (recorded: Recorded) => AnalyzerProviderResource | undefined;

/**
 * Finds the provider of a resource: the one it names, or the default one, which the engine makes of the configuration of its
 * package (`aws:region`, `aws:defaultTags`).
 */
export function providersOf(resources: readonly Recorded[], config: Readonly<Record<string, string>>): Providers {
  const explicit = new Map(resources.map((recorded) => [recorded.urn, recorded]));
  return ({ urn, request }) => {
    if (!request.getCustom() || request.getType().startsWith("pulumi:")) return undefined;
    // A provider is named as `<urn>::<id>`.
    const named = explicit.get(request.getProvider().split("::").slice(0, -1).join("::"));
    const [package_ = ""] = request.getType().split(":");
    const type = `pulumi:providers:${package_}`;
    const [prefix, project] = urn.split("::");
    const settings = Object.entries(config).filter(([key]) => key.startsWith(`${package_}:`));
    return new AnalyzerProviderResource()
      .setType(type)
      .setUrn(named?.urn ?? `${prefix}::${project}::${type}::default`)
      .setName(named?.request.getName() ?? "default")
      .setProperties(
        named?.request.getObject() ??
          Struct.fromJavaScript(
            Object.fromEntries(settings.map(([key, value]) => [key.slice(package_.length + 1), value])),
          ),
      );
  };
}

function optionsOf({ request }: Recorded): AnalyzerResourceOptions {
  return new AnalyzerResourceOptions()
    .setProtect(request.getProtect() ?? false)
    .setParent(request.getParent())
    .setIgnorechangesList(request.getIgnorechangesList())
    .setDeletebeforereplace(request.getDeletebeforereplace())
    .setDeletebeforereplacedefined(request.getDeletebeforereplacedefined())
    .setAdditionalsecretoutputsList(request.getAdditionalsecretoutputsList())
    .setAliasesList(request.getAliasurnsList())
    .setCustomtimeouts(new AnalyzerResourceOptions.CustomTimeouts());
}
