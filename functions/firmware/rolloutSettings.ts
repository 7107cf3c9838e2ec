/** One problem, and where: `rollout.maximumPerMinute`. */
export interface Problem {
  readonly path: string;
  readonly reason: string;
}

/** How fast a release goes out, and when it stops. AWS IoT Jobs' own settings and limits, under shorter names. */
export interface RolloutSettings {
  /** Things that are told per minute at most, 1 to 1,000. @default 1000 */
  readonly maximumPerMinute?: number;
  /** Begins slowly and grows while all goes well. @default the full rate at once */
  readonly exponentialRate?: {
    /** Things per minute at first, 1 to 1,000. */
    readonly baseRatePerMinute: number;
    /** By what the rate is multiplied, 1.1 to 5, one decimal. */
    readonly incrementFactor: number;
    /** When it is: after so many things were told, or so many succeeded; one of the two. */
    readonly rateIncreaseCriteria: {
      readonly numberOfNotifiedThings?: number;
      readonly numberOfSucceededThings?: number;
    };
  };
  /** When the job is canceled: as soon as one of these is met. @default never */
  readonly abort?: readonly AbortCriterion[];
  /** Minutes that a device may be at it, 1 to 10,080. @default no limit */
  readonly timeoutInMinutes?: number;
  /** How often a device that failed or timed out tries again, 0 to 10. AWS bills each. @default 0 */
  readonly retries?: number;
  /** Whether things that become older than this version later get it, too. @default false */
  readonly continuous?: boolean;
}

export interface AbortCriterion {
  /** @default "ALL" */
  readonly failureType?: "FAILED" | "REJECTED" | "TIMED_OUT" | "ALL";
  /** Per cent of the things that are done, above 0 to 100, two decimals. */
  readonly thresholdPercentage: number;
  /** Before so many are done nothing is concluded, from 1. */
  readonly minNumberOfExecutedThings: number;
}

type Check = (value: unknown, path: string) => Problem[];

/** Everything that is wrong with a rollout's settings; an empty list when AWS will take them. */
export function rolloutProblems(settings: unknown, path: string): Problem[] {
  return fields({
    maximumPerMinute: whole(1, 1000),
    exponentialRate: fields(
      {
        baseRatePerMinute: whole(1, 1000),
        incrementFactor: decimal(1.1, 5, 1),
        rateIncreaseCriteria: oneField({
          numberOfNotifiedThings: whole(1, 1_000_000_000),
          numberOfSucceededThings: whole(1, 1_000_000_000),
        }),
      },
      ["baseRatePerMinute", "incrementFactor", "rateIncreaseCriteria"],
    ),
    abort: list(
      fields(
        {
          failureType: oneOf("FAILED", "REJECTED", "TIMED_OUT", "ALL"),
          thresholdPercentage: decimal(0.01, 100, 2),
          minNumberOfExecutedThings: whole(1, 1_000_000_000),
        },
        ["thresholdPercentage", "minNumberOfExecutedThings"],
      ),
    ),
    timeoutInMinutes: whole(1, 10_080),
    retries: whole(0, 10),
    continuous: oneOf(true, false),
  })(settings, path);
}

/** An object with known fields, some of them required; a field that is undefined is as if it were not there. */
export function fields(known: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return [{ path, reason: `must be an object, not ${shown(value)}` }];
    const at = (name: string) => (path === "" ? name : `${path}.${name}`);
    const given = Object.entries(value).filter(([, part]) => part !== undefined);
    const names = given.map(([name]) => name);
    return [
      ...required.filter((name) => !names.includes(name)).map((name) => ({ path: at(name), reason: "is missing" })),
      ...given.flatMap(([name, part]) => {
        const check = Object.hasOwn(known, name) ? known[name] : undefined;
        return (
          check?.(part, at(name)) ?? [
            { path: at(name), reason: `is not known; there are ${Object.keys(known).join(", ")}` },
          ]
        );
      }),
    ];
  };
}

function oneField(known: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    const problems = fields(known)(value, path);
    if (problems.length > 0) return problems;
    const given = Object.values(value as object).filter((part) => part !== undefined);
    return given.length === 1
      ? []
      : [{ path, reason: `must have one of ${Object.keys(known).join(" and ")}, and only one` }];
  };
}

function list(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value) || value.length === 0)
      return [{ path, reason: `must be a list with at least one entry, not ${shown(value)}` }];
    return value.flatMap((entry, at) => check(entry, `${path}[${at}]`));
  };
}

/** A whole number in a range. */
export function whole(minimum: number, maximum: number): Check {
  return (value, path) =>
    typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum
      ? []
      : [{ path, reason: `must be a whole number from ${minimum} to ${maximum}, not ${shown(value)}` }];
}

function decimal(minimum: number, maximum: number, digits: number): Check {
  return (value, path) =>
    typeof value === "number" && value >= minimum && value <= maximum && Number(value.toFixed(digits)) === value
      ? []
      : [
          {
            path,
            reason: `must be a number from ${minimum} to ${maximum}, ${digits} decimal${digits > 1 ? "s" : ""} at most, not ${shown(value)}`,
          },
        ];
}

/** One of some values. */
export function oneOf(...values: readonly unknown[]): Check {
  return (value, path) =>
    values.includes(value)
      ? []
      : [{ path, reason: `must be ${values.map((one) => JSON.stringify(one)).join(" or ")}, not ${shown(value)}` }];
}

/** A value for a message, short. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
