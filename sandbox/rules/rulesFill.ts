import type { AwsTarget } from "../aws";
import type { AwsRequest, AwsResponse, Fill } from "../fill";
import { CallerAccounts } from "../ministack/callerAccount";
import { isPassedOn, passOn } from "../passOn";
import { AccountRules, type BrokerOptions } from "./accountRules";
import { errorAnswer } from "./awsErrors";
import type { RulesEngine } from "./engine";
import { findRuleOperation, isTagOperation, parseBody, runTagOperation, taggedRule } from "./ruleOperations";

export interface RulesFillOptions extends AwsTarget {
  readonly mqtt: BrokerOptions;
  /** Gets a line for what somebody should see: warnings about a rule, failures that nobody else hears of. */
  readonly log?: (text: string) => void;
  /** Gets each account's engine before its first rule, e.g. to listen to its events. */
  readonly onEngine?: (engine: RulesEngine, scope: { readonly accountId: string; readonly region: string }) => void;
}

/** A message published over HTTPS to one rule, past the broker: `$aws/rules/<rule>/<topic>`. */
const BASIC_INGEST = /^\/topics\/\$aws\/rules\/(\w+)\/(.+)$/;

const isBasicIngest = ({ service, method, path }: AwsRequest) =>
  service === "iotdata" && method === "POST" && BASIC_INGEST.test(path);

/**
 * Takes the rule operations of IoT's control plane, so that MiniStack's own rules engine never has a rule. Rules are
 * kept per account and region. Each account's first rule makes a certificate and a policy for the engine in it.
 */
export function rulesFill(options: RulesFillOptions): Fill {
  const { log = () => {}, endpoint } = options;
  const accounts = new Map<string, AccountRules>();
  const callers = new CallerAccounts(options);

  async function rulesOf(request: AwsRequest): Promise<AccountRules> {
    const accountId = await callers.of(request);
    const region = request.region || options.region;
    const key = `${accountId}/${region}`;
    const existing = accounts.get(key);
    if (existing) return existing;
    const rules = new AccountRules({ endpoint, accountId, region }, options.mqtt, log);
    accounts.set(key, rules);
    logLosses(rules.engine, log);
    options.onEngine?.(rules.engine, { accountId, region });
    return rules;
  }

  async function answer(request: AwsRequest): Promise<AwsResponse> {
    const ingested = BASIC_INGEST.exec(request.path);
    if (ingested) {
      const { engine } = await rulesOf(request);
      engine.ingest(ingested[1] ?? "", { topic: ingested[2] ?? "", payload: request.body });
      return { status: 200, body: {} };
    }
    const body = parseBody(request);
    const tagged = taggedRule({ request, body });
    if (isTagOperation(request) && tagged === undefined) return passOn(endpoint, request);
    const operation = findRuleOperation(request);
    const rules = await rulesOf(request);
    const call = { rules, request, body };
    const result = await rules.inTurn(async () => (operation ? operation(call) : runTagOperation(call, tagged!)));
    return { status: 200, body: result };
  }

  return {
    name: "IoT rules engine",
    takes: (request) =>
      isBasicIngest(request) ||
      (request.service === "iot" &&
        !isPassedOn(request) &&
        (isTagOperation(request) || findRuleOperation(request) !== undefined)),
    answer: (request) => answer(request).catch(errorAnswer),
    async close() {
      const closing = [...accounts.values()];
      accounts.clear();
      await Promise.all(closing.map((rules) => rules.close()));
      callers.close();
    },
  };
}

/** Says what would be lost otherwise: failures that reach no error action. */
function logLosses(engine: RulesEngine, log: (text: string) => void): void {
  engine.events.on("evaluationFailed", ({ rule, topic, error }) =>
    log(`Rule ${rule} could not evaluate a message on ${topic}: ${error}`),
  );
  engine.events.on("actionFailed", ({ rule, errorMessage }) => {
    if (!engine.get(rule)?.errorAction) log(`Rule ${rule} has no error action, so this is lost: ${errorMessage}`);
  });
  engine.events.on("errorActionFailed", ({ rule, errorMessage }) =>
    log(`THE ERROR ACTION OF RULE ${rule} FAILED, so the message's failure is lost: ${errorMessage}`),
  );
}
