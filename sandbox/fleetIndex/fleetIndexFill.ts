import type { AwsTarget } from "../aws";
import type { AwsRequest, AwsResponse, Fill } from "../fill";
import { CallerAccounts } from "../ministack/callerAccount";
import { isPassedOn, passOn } from "../passOn";
import type { BrokerOptions } from "../rules/accountRules";
import { parseBody } from "../rules/ruleOperations";
import { AccountFleet } from "./accountFleet";
import { aggregateOperations } from "./aggregateOperations";
import { errorAnswer } from "./errors";
import { groupOperations } from "./groupOperations";
import { indexOperations } from "./indexOperations";
import type { Operation } from "./operation";
import { Permissions } from "./permissions";

export interface FleetIndexFillOptions extends AwsTarget {
  /** MiniStack itself, behind the front door. */
  readonly ministackUrl: string;
  readonly mqtt: BrokerOptions;
  /** Seconds from a change until queries and dynamic groups see it. @default 2; AWS takes about 30 */
  readonly lagSeconds?: number;
  /** Seconds between two looks at everything, for changes that nobody told of. @default 60 */
  readonly sweepSeconds?: number;
  /** Gets a line for what somebody should see, e.g. a thing that finds no room in a group. */
  readonly log?: (text: string) => void;
}

const operations: readonly Operation[] = [...groupOperations, ...indexOperations, ...aggregateOperations];

/**
 * The fleet index: `SearchIndex` with the whole query language, and dynamic thing groups, whose members are kept in a
 * static group of MiniStack's, so that jobs reach them. Indexes are kept per account and region.
 */
export function fleetIndexFill(options: FleetIndexFillOptions): Fill {
  const { endpoint, ministackUrl, mqtt, lagSeconds = 2, sweepSeconds = 60, log = () => {} } = options;
  const fleets = new Map<string, Promise<AccountFleet>>();
  const callers = new CallerAccounts(options);
  const permissions = new Permissions(options);

  function fleetOf(accountId: string, region: string): Promise<AccountFleet> {
    const key = `${accountId}/${region}`;
    const existing = fleets.get(key);
    if (existing) return existing;
    const ministack = { endpoint: ministackUrl, accountId, region };
    const opened = AccountFleet.open({ ministack, mqtt, lagSeconds, sweepSeconds, log });
    fleets.set(key, opened);
    opened.catch(() => fleets.delete(key));
    return opened;
  }

  async function answer(request: AwsRequest): Promise<AwsResponse> {
    const { operation, name } = find(request)!;
    if (operation.resource) {
      const refusal = await permissions.authorize(request, operation.resource(name));
      if (refusal) return refusal;
    }
    const fleet = await fleetOf(await callers.of(request), request.region || options.region);
    const call = { fleet, request, name, body: parseBody(request), passOn: () => passOn(endpoint, request) };
    return operation.exclusive ? fleet.inTurn(() => operation.run(call)) : operation.run(call);
  }

  return {
    name: "IoT fleet index",
    takes(request) {
      if (request.service !== "iot" || isPassedOn(request)) return false;
      const found = find(request);
      return found !== undefined && (!found.operation.heardOf || fleets.size > 0);
    },
    answer: (request) => answer(request).catch(errorAnswer),
    async close() {
      const closing = [...fleets.values()];
      fleets.clear();
      await Promise.all(closing.map(async (opened) => (await opened.catch(() => undefined))?.close()));
      callers.close();
    },
  };
}

function find({ method, path }: AwsRequest): { operation: Operation; name: string } | undefined {
  for (const operation of operations) {
    const name = operation.method.test(method) ? operation.path.exec(path)?.[1] : undefined;
    if (name !== undefined) return { operation, name };
  }
  return undefined;
}
