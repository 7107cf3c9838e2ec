import { leavesOf, type Query } from "./query/ast";
import { QueryError } from "./query/parse";

/** What is indexed of things, as `UpdateIndexingConfiguration` has set it. */
export interface Indexing {
  readonly registry: boolean;
  readonly shadows: boolean;
  readonly namedShadows: readonly string[];
  readonly connectivity: boolean;
  /** What may be aggregated beside the managed fields. */
  readonly customFields: readonly { readonly name: string; readonly type: string }[];
}

/** `thingIndexingConfiguration`, as far as it is played. */
export interface ThingIndexingConfiguration {
  readonly thingIndexingMode?: string;
  readonly thingConnectivityIndexingMode?: string;
  readonly namedShadowIndexingMode?: string;
  readonly deviceDefenderIndexingMode?: string;
  readonly filter?: { readonly namedShadowNames?: readonly string[] };
  readonly customFields?: readonly { readonly name?: string; readonly type?: string }[];
}

export const NOTHING_INDEXED: Indexing = {
  registry: false,
  shadows: false,
  namedShadows: [],
  connectivity: false,
  customFields: [],
};

export function indexingOf(configuration: ThingIndexingConfiguration | undefined): Indexing {
  const mode = configuration?.thingIndexingMode ?? "OFF";
  if (mode === "OFF") return NOTHING_INDEXED;
  const named = configuration?.namedShadowIndexingMode === "ON";
  return {
    registry: true,
    shadows: mode === "REGISTRY_AND_SHADOW",
    namedShadows: named ? (configuration?.filter?.namedShadowNames ?? []) : [],
    connectivity: configuration?.thingConnectivityIndexingMode === "STATUS",
    customFields: (configuration?.customFields ?? []).flatMap(({ name, type }) => (name && type ? { name, type } : [])),
  };
}

/** https://docs.aws.amazon.com/general/latest/gr/iot_device_management.html#fleet-indexing-limits */
const MOST_NAMED_SHADOWS = 10;

/** Why AWS would not take a configuration, or undefined. MiniStack checks the modes themselves. */
export function configurationError(configuration: ThingIndexingConfiguration): string | undefined {
  const { namedShadowIndexingMode = "OFF", filter, thingIndexingMode } = configuration;
  const names = filter?.namedShadowNames ?? [];
  if (!["ON", "OFF"].includes(namedShadowIndexingMode)) return "namedShadowIndexingMode must be ON or OFF";
  if (names.length > MOST_NAMED_SHADOWS) return `namedShadowNames has at most ${MOST_NAMED_SHADOWS} names`;
  if (namedShadowIndexingMode === "OFF") return undefined;
  if (names.length === 0) return "NamedShadowNames Filter must not be empty for enabling NamedShadowIndexingMode";
  if (thingIndexingMode === "OFF") return "thingIndexingMode must not be OFF to enable named shadow indexing";
  return undefined;
}

/** @throws QueryError for a field that there is not, or that is not indexed: a mistyped field would match nothing, for ever */
export function checkFields(query: Query, indexing: Indexing, queryString: string): void {
  for (const { field } of leavesOf(query)) {
    const problem = field && fieldError(field.name, indexing);
    if (problem) {
      throw QueryError.at(field.location, `invalid field name, field name: ${field.name}: ${problem}`, queryString);
    }
  }
}

const TOP_FIELDS = ["thingName", "thingId", "thingTypeName", "thingGroupNames"];
const CONNECTIVITY_FIELDS = ["connected", "timestamp", "disconnectReason"];
const SECTIONS = ["reported", "desired", "delta"];

/** Why a field cannot be asked for, or undefined when it can. */
export function fieldError(name: string, indexing: Indexing): string | undefined {
  const [group, ...path] = name.split(".");
  if (group === undefined || path.includes("")) return "a part of it is empty";
  if (path.length === 0) return TOP_FIELDS.includes(group) ? undefined : unknown(group);
  if (group === "attributes") return undefined;
  if (group === "shadow") return shadowFieldError(path, indexing);
  if (group === "connectivity") {
    if (!CONNECTIVITY_FIELDS.includes(path.join(".")))
      return `of connectivity there are ${listOf(CONNECTIVITY_FIELDS)}`;
    return indexing.connectivity
      ? undefined
      : "connectivity is not indexed; set thingConnectivityIndexingMode to STATUS";
  }
  if (group === "deviceDefender") return "the local cloud has no Device Defender";
  return unknown(name);
}

function shadowFieldError(path: readonly string[], indexing: Indexing): string | undefined {
  const named = path[0] === "name";
  const [section, ...rest] = named ? path.slice(2) : path;
  const shadow = path[1] ?? "<shadow>";
  if (named && path[1] && !indexing.namedShadows.includes(shadow)) {
    return `the shadow ${shadow} is not indexed; set namedShadowIndexingMode to ON and name it in filter.namedShadowNames`;
  }
  if (!named && !indexing.shadows) return "shadows are not indexed; set thingIndexingMode to REGISTRY_AND_SHADOW";
  if (section === "hasDelta" && rest.length === 0) return undefined;
  if (section !== undefined && SECTIONS.includes(section) && rest.length > 0) return undefined;
  const prefix = named ? `shadow.name.${shadow}` : "shadow";
  if (section === "metadata") return "metadata is not indexed by the local cloud";
  return `of a shadow there are ${prefix}.reported.<path>, ${prefix}.desired.<path>, ${prefix}.delta.<path> and ${prefix}.hasDelta`;
}

function unknown(name: string): string {
  const similar = TOP_FIELDS.find((field) => field.toLowerCase().startsWith(name.toLowerCase()));
  const hint = similar ? `did you mean ${similar}? (field names are case-sensitive)` : "there is no such field";
  return `${hint}; there are ${listOf([...TOP_FIELDS, "attributes.<name>", "shadow.<...>", "connectivity.<...>"])}`;
}

function listOf(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
