import type { AnalyzeDiagnostic } from "@pulumi/pulumi/proto/analyzer_pb";
import { AnalyzeStackRequest, EnforcementLevel } from "@pulumi/pulumi/proto/analyzer_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Pack } from "../shared/configuration";
import { type Analyzer, analyzer, providersOf, resourceRequest, stackResource } from "./analyze";
import { configured, type PackConfigurations } from "./configured";
import { type Recording, type RecordOptions, record } from "./record";

export interface CheckStackOptions extends RecordOptions {
  readonly packs: readonly Pack[];
  /** The configuration of each pack, by its name. @default none: every policy as it is */
  readonly packConfig?: PackConfigurations;
}

export interface Violation {
  readonly pack: string;
  readonly policy: string;
  readonly level: "advisory" | "mandatory";
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** What is wrong, why it matters, how to fix it, where to read more; as Pulumi's engine prints it. */
  readonly message: string;
}

export interface Remediation {
  readonly pack: string;
  readonly policy: string;
  readonly urn: string;
  readonly name: string;
}

export interface CheckResult {
  readonly resources: number;
  readonly policies: number;
  readonly violations: readonly Violation[];
  readonly remediations: readonly Remediation[];
  /** What the run could not see, a sentence each. */
  readonly notes: readonly string[];
  readonly seconds: { readonly program: number; readonly policies: number };
}

/**
 * Runs policy packs over what a Pulumi program registers, without an engine, an account or a provider: remediations, then
 * every policy that looks at one resource, then those that look at the stack, by the same code that answers the engine.
 *
 * Ids and ARNs are made up, so values that a preview does not know yet are known here. What only a provider adds (its own
 * checks and defaults, the children of remote components) is not seen; `notes` says where.
 *
 * @throws ConfigurationError for a wrong pack configuration, or whatever the program throws
 */
export async function checkStack({ packs, packConfig = {}, ...options }: CheckStackOptions): Promise<CheckResult> {
  const ready = packs.map((pack) => ({ name: pack.name, policies: configured(pack, packConfig[pack.name]) }));
  const started = performance.now();
  const recording = await record(options);
  const recorded = performance.now();
  const found = await analyzeRecording(recording, ready, options.config);
  return {
    resources: recording.resources.length,
    policies: ready.flatMap(({ policies }) => policies).length,
    ...found,
    notes: recording.notes,
    seconds: { program: (recorded - started) / 1000, policies: (performance.now() - recorded) / 1000 },
  };
}

/** Runs packs, already configured, over a recording; in the order of Pulumi's engine. */
export async function analyzeRecording(
  { resources }: Recording,
  packs: readonly Pick<Pack, "name" | "policies">[],
  config: Readonly<Record<string, string>>,
): Promise<Pick<CheckResult, "violations" | "remediations">> {
  const analyzers = packs.map(({ name, policies }) => analyzer(name, policies));
  const providers = providersOf(resources, config);
  const violations: Violation[] = [];
  const remediations: Remediation[] = [];
  const whole = new AnalyzeStackRequest();

  for (const resource of resources) {
    const { urn } = resource;
    let inputs = resource.request.getObject() ?? new Struct();
    const changed: Record<string, unknown> = {};
    for (const one of analyzers) {
      for (const remediation of await remediate(one, () => resourceRequest(resource, inputs, providers))) {
        inputs = remediation.inputs;
        Object.assign(changed, inputs.toJavaScript());
        remediations.push({ pack: remediation.pack, policy: remediation.policy, urn, name: nameOf(urn) });
      }
    }
    const request = resourceRequest(resource, inputs, providers);
    for (const one of analyzers) {
      const response = await one.analyze(request);
      violations.push(...response.getDiagnosticsList().map((diagnostic) => violation(diagnostic, urn)));
    }
    const outputs = { ...resource.response.getObject()?.toJavaScript(), ...changed };
    whole.addResources(stackResource(resource, Struct.fromJavaScript(outputs as never), providers));
  }
  const root = resources[0]?.urn ?? "";
  for (const one of analyzers) {
    const response = await one.analyzeStack(whole);
    violations.push(
      ...response.getDiagnosticsList().map((diagnostic) => violation(diagnostic, diagnostic.getUrn() || root)),
    );
  }
  return { violations, remediations };
}

async function remediate(one: Analyzer, request: () => Parameters<Analyzer["remediate"]>[0]) {
  const response = await one.remediate(request());
  return response.getRemediationsList().flatMap((remediation) => {
    const inputs = remediation.getProperties();
    return inputs ? [{ inputs, pack: remediation.getPolicypackname(), policy: remediation.getPolicyname() }] : [];
  });
}

function violation(diagnostic: AnalyzeDiagnostic, urn: string): Violation {
  return {
    pack: diagnostic.getPolicypackname(),
    policy: diagnostic.getPolicyname(),
    level: diagnostic.getEnforcementlevel() === EnforcementLevel.MANDATORY ? "mandatory" : "advisory",
    urn,
    type: (urn.split("::")[2] ?? "").split("$").pop() ?? "",
    name: nameOf(urn),
    message: diagnostic.getMessage(),
  };
}

const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");
