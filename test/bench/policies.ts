import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { analyzeRecording } from "../../policies/run/checkStack";
import { configured, readConfigurations } from "../../policies/run/configured";
import { runEntryPoint } from "../../policies/run/entryPoint";
import { packs } from "../../policies/run/packs";
import { type Recording, record } from "../../policies/run/record";
import { readProject } from "../../policies/run/stackConfig";
import type { Policy } from "../../policies/shared/policy";
import { startPack } from "../policies/packServer";
import type { BenchResult } from "./result";

interface ReadyPack {
  readonly name: string;
  readonly policies: Policy[];
}

/** Rounds of each measurement; they take turns, and the median counts, so that a busy moment hits all alike. */
const rounds = 9;
const root = resolve(__dirname, "../..");

/** How long the policies take over our own stack, and where that time goes. */
export async function run(): Promise<BenchResult> {
  const { name, main, config } = readProject(root, "dev");
  const recording = await record({ program: () => runEntryPoint(main), project: name, stack: "dev", config });
  const configurations = readConfigurations(join(root, "policies/config"), packs);
  const ready = packs.map((pack) => ({ name: pack.name, policies: configured(pack, configurations[pack.name]) }));
  const idle = ready.map((pack) => ({ ...pack, policies: pack.policies.map(withoutCheck) }));
  const only = (kind: "validateResource" | "validateStack") =>
    ready.map((pack) => ({ ...pack, policies: pack.policies.filter((policy) => kind in policy) }));

  const variants: [string, readonly ReadyPack[]][] = [
    ["all", ready],
    ["idle", idle],
    ["resource", only("validateResource")],
    ["stack", only("validateStack")],
    ...ready.map((pack): [string, ReadyPack[]] => [pack.name, [pack]]),
    ["none", []],
  ];
  const medians = await measure(variants, (variant) => time(recording, variant, config));
  const per100 = (key: string) =>
    ((medians.get(key) ?? 0) - (medians.get("none") ?? 0)) / (recording.resources.length / 100);
  const start = await measure(
    packs.map(({ name: pack }) => [pack, pack]),
    startOf,
    3,
  );

  const ms = (value: number) => `${value.toFixed(0)} ms`;
  const share = (key: string) => `${Math.round((100 * per100(key)) / per100("all"))} %`;
  return {
    title: `Policies: ${ready.flatMap((pack) => pack.policies).length} over the ${recording.resources.length} resources of our stack`,
    rows: [
      { what: "all packs, per 100 resources", value: ms(per100("all")), note: `median of ${rounds}, in-process` },
      {
        what: "of it: @pulumi/policy unpacks properties and calls",
        value: share("idle"),
        note: "the same with checks that do nothing",
      },
      { what: "of it: policies for one resource", value: share("resource") },
      { what: "of it: policies for the stack", value: share("stack") },
      ...ready.map((pack) => ({
        what: `of it: ${pack.name}`,
        value: share(pack.name),
        note: `${pack.policies.length} policies`,
      })),
      ...[...start].map(([pack, value]) => ({
        what: `start of ${pack}`,
        value: ms(value),
        note: "as Pulumi's engine starts it, to its port; median of 3",
      })),
      {
        what: "memory of a pack's process",
        value: await memoryOf("security"),
        note: "most resident until it has started",
      },
    ],
  };
}

/** A policy that does nothing, so that what is left is the framework's share. */
function withoutCheck(policy: Policy): Policy {
  const keep = (check: object) => Object.assign(() => {}, check);
  return {
    ...policy,
    ...("validateResource" in policy && policy.validateResource && { validateResource: keep(policy.validateResource) }),
    ...("validateStack" in policy && { validateStack: keep(policy.validateStack) }),
  } as Policy;
}

async function time(recording: Recording, variant: readonly ReadyPack[], config: Readonly<Record<string, string>>) {
  const started = performance.now();
  await analyzeRecording(recording, variant, config);
  return performance.now() - started;
}

async function startOf(pack: string): Promise<number> {
  const started = performance.now();
  (await startPack(pack.replace("thingstack-", ""))).stop();
  return performance.now() - started;
}

async function memoryOf(pack: string): Promise<string> {
  const server = await startPack(pack);
  const file = `/proc/${server.pid}/status`;
  const kB = existsSync(file) ? /VmHWM:\s+(\d+) kB/.exec(readFileSync(file, "utf8"))?.[1] : undefined;
  server.stop();
  return kB ? `${Math.round(Number(kB) / 1024)} MB` : "not measured: no /proc";
}

/** The median of each variant in milliseconds, by its key. */
async function measure<T>(variants: readonly [string, T][], once: (variant: T) => Promise<number>, times = rounds) {
  const taken = new Map<string, number[]>(variants.map(([key]) => [key, []]));
  for (let round = 0; round < times; round++) {
    for (const [key, variant] of variants) taken.get(key)?.push(await once(variant));
  }
  return new Map([...taken].map(([key, values]) => [key, values.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0]));
}
