import * as pulumi from "@pulumi/pulumi";
import { type Check, emailAddress, oneOf, thingName, wholeNumber } from "../components/args/checks";
import { type Rollout, rollout } from "../components/lambda/rollout";
import { type AlarmThresholds, thresholdProblems } from "../components/observability/alarmThresholds";
import { exportUrl, secretArn } from "../components/observability/logExport";
import { logRetentions } from "../components/observability/operations";
import { versionProblem } from "../functions/firmware/builds";
import { appProblem } from "../functions/firmware/releases";
import { StackError } from "./stackError";

/** What differs from stack to stack; everything else is the same program. */
export interface StackConfig {
  /** The AWS region that everything is made in. */
  readonly region: string;
  /** The accounts that this stack may be deployed to; usually one. */
  readonly allowedAccountIds: readonly string[];
  /** ARN of the policy that bounds every role of the stack, as the bootstrap made it; empty for none. */
  readonly permissionsBoundary: string;
  readonly alarmEmails: readonly string[];
  readonly reminderEmails: readonly string[];
  /** Seconds. */
  readonly reminderInterval: number;
  readonly reminderCount: number;
  readonly logRetentionInDays: number;
  /** Where a third party takes logs, an https address; empty for none. */
  readonly logExportUrl: string;
  /** ARN of the secret with the third party's access key; empty without one. */
  readonly logExportSecretArn: string;
  /** When alarms ring, where not by their defaults. */
  readonly alarms: AlarmThresholds;
  /** Seconds that telemetry is gathered for an object. */
  readonly telemetryWindow: number;
  /** Percent of the requests that go to a changed API at first; 0: all at once, without a canary. */
  readonly apiCanaryPercent: number;
  /** Environments reserved for the devices' log, so that chatty devices can't take the account's whole pool. */
  readonly deviceLogConcurrency: number;
  /** The name of the console, e.g. console.example.com; empty for no console. */
  readonly consoleDomain: string;
  /** ARN of the certificate for it, in us-east-1; empty without a console. */
  readonly consoleCertificateArn: string;
  /** How calls move to new versions of functions. */
  readonly rollout: Rollout;
  /** Whether what holds data is protected from deletion. */
  readonly protect: boolean;
  /** The apps of devices that are released with this stack. */
  readonly apps: readonly string[];
  /** Whether this stack owns the settings that AWS IoT has once per account and region. */
  readonly ownsAccountIot: boolean;
  /** Things declared with the stack, for tests and demonstrations. */
  readonly devices: readonly string[];
  /** The version of the first app that some of them are delivered with, by their names. */
  readonly deviceVersions: Readonly<Record<string, string>>;
}

interface Key<T> {
  /** As in `Pulumi.<stack>.yaml`. */
  readonly name: string;
  /** Undefined: the stack has to say. */
  readonly fallback?: T;
  readonly check: Check<T>;
}

/** Defaults are those of the config schema in Pulumi.yaml, which the engine fills in before the program runs. */
const keys: { readonly [K in keyof StackConfig]: Key<StackConfig[K]> } = {
  region: {
    name: "aws:region",
    check: (value) =>
      /^[a-z]{2}(-[a-z]+)+-\d$/.test(value)
        ? undefined
        : `must be an AWS region such as eu-central-1, not ${show(value)}`,
  },
  allowedAccountIds: {
    name: "aws:allowedAccountIds",
    check: (value) =>
      Array.isArray(value) && value.length === 0 ? "must name at least one account" : each(accountId)(value),
  },
  permissionsBoundary: {
    name: "thingstack:permissionsBoundary",
    fallback: "",
    check: (value) =>
      value === "" || /^arn:[a-z-]+:iam::\d{12}:policy\/.+$/.test(value)
        ? undefined
        : `must be the ARN of an IAM policy, as the bootstrap prints it, not ${show(value)}`,
  },
  alarmEmails: { name: "thingstack:alarmEmails", fallback: [], check: each(emailAddress) },
  reminderEmails: { name: "thingstack:reminderEmails", fallback: [], check: each(emailAddress) },
  reminderInterval: {
    name: "thingstack:reminderInterval",
    fallback: 300,
    check: wholeNumber(1, 365 * 24 * 3600, "seconds"),
  },
  reminderCount: { name: "thingstack:reminderCount", fallback: 5, check: wholeNumber(1, 1000) },
  logRetentionInDays: { name: "thingstack:logRetentionInDays", fallback: 30, check: oneOf<number>(logRetentions) },
  logExportUrl: {
    name: "thingstack:logExportUrl",
    fallback: "",
    check: (value) => (value === "" ? undefined : exportUrl(String(value))),
  },
  logExportSecretArn: {
    name: "thingstack:logExportSecretArn",
    fallback: "",
    check: (value) => (value === "" ? undefined : secretArn(String(value))),
  },
  alarms: {
    name: "thingstack:alarms",
    fallback: {},
    check: (value) => {
      const problems = thresholdProblems(value);
      return problems.length > 0 ? problems.map((problem) => problem.join(" ").trim()).join("; ") : undefined;
    },
  },
  deviceLogConcurrency: { name: "thingstack:deviceLogConcurrency", fallback: 20, check: wholeNumber(1, 1000) },
  apiCanaryPercent: { name: "thingstack:apiCanaryPercent", fallback: 0, check: wholeNumber(0, 100, "percent") },
  telemetryWindow: { name: "thingstack:telemetryWindow", fallback: 60, check: wholeNumber(0, 300, "seconds") },
  consoleDomain: {
    name: "thingstack:consoleDomain",
    fallback: "",
    check: (value) => (typeof value === "string" ? undefined : `must be a domain name, not ${show(value)}`),
  },
  consoleCertificateArn: {
    name: "thingstack:consoleCertificateArn",
    fallback: "",
    check: (value) =>
      typeof value === "string" ? undefined : `must be the ARN of a certificate in us-east-1, not ${show(value)}`,
  },
  rollout: { name: "thingstack:rollout", fallback: "Canary10Percent30Minutes", check: rollout },
  protect: { name: "thingstack:protect", fallback: true, check: flag },
  apps: { name: "thingstack:apps", fallback: ["cooler"], check: each(appProblem) },
  ownsAccountIot: { name: "thingstack:ownsAccountIot", fallback: true, check: flag },
  devices: { name: "thingstack:devices", fallback: [], check: each(thingName) },
  deviceVersions: {
    name: "thingstack:deviceVersions",
    fallback: {},
    check: (versions) => {
      if (typeof versions !== "object" || Array.isArray(versions))
        return `must be versions by thing, not ${show(versions)}`;
      const [thing, version] = Object.entries(versions).find(([, version]) => versionProblem(version)) ?? [];
      return thing && `has for ${thing} ${versionProblem(version)}`;
    },
  },
};

/** Says all that is wrong with a stack's configuration at once. */
export class ConfigError extends StackError {
  constructor(stack: string, problems: readonly string[]) {
    super(
      `The configuration of the stack "${stack}" is not complete or not right:\n` +
        problems.map((problem) => `  ${problem}\n`).join("") +
        `Correct Pulumi.${stack}.yaml, or say for example: pulumi config set --path 'aws:allowedAccountIds[0]' <account>`,
    );
  }
}

/**
 * Reads the configuration of the stack that is being deployed.
 * @throws ConfigError with every key that is missing, wrong or unknown
 */
export function loadConfig(
  raw: Readonly<Record<string, string>> = pulumi.runtime.allConfig(),
  stack: string = pulumi.getStack(),
): StackConfig {
  const problems: string[] = [];
  const config: Partial<Record<keyof StackConfig, unknown>> = {};

  for (const [property, key] of Object.entries(keys) as [keyof StackConfig, Key<unknown>][]) {
    const text = raw[key.name];
    const value = text === undefined ? key.fallback : parse(text);
    config[property] = value;
    const problem = value === undefined ? "is missing" : key.check(value);
    if (problem) problems.push(`${key.name} ${problem}`);
  }
  const known = new Set(Object.values(keys).map(({ name }) => name));
  for (const name of Object.keys(raw)) {
    if (name.startsWith("thingstack:") && !known.has(name)) {
      problems.push(
        `${name} is not known; there are ${[...known].filter((key) => key.startsWith("thingstack:")).join(", ")}`,
      );
    }
  }
  if (problems.length > 0) throw new ConfigError(stack, problems);
  return config as unknown as StackConfig;
}

/** Pulumi hands every value over as text: lists, numbers and booleans as JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function each<T>(check: Check<T>): Check<readonly T[]> {
  return (values) => {
    if (!Array.isArray(values)) return `must be a list, not ${show(values)}`;
    return values.map((value, at) => check(value) && `[${at}] ${check(value)}`).find(Boolean);
  };
}

function flag(value: boolean): string | undefined {
  return typeof value === "boolean" ? undefined : `must be true or false, not ${show(value)}`;
}

/** Twelve digits, as text: YAML reads an unquoted 012345678901 as a number and drops the zero. */
function accountId(value: string): string | undefined {
  return /^\d{12}$/.test(String(value)) && typeof value === "string"
    ? undefined
    : `must be twelve digits in quotes, not ${show(value)}`;
}

function show(value: unknown): string {
  return JSON.stringify(value);
}
