import { EventEmitter } from "node:events";
import { actionKinds } from "./actions";
import type { ActionClients, ActionKinds, RuleIdentity } from "./actions/action";
import { describeFailure, errorDocument, type Failure } from "./failure";
import { noCounts, type RuleCounters, type RuleEvents } from "./happenings";
import { type Environment, liveEnvironment, Message } from "./message";
import { Output } from "./output";
import { type CompiledRule, compileRule, type RuleAction, type RulePayload } from "./rule";
import { TopicTrie } from "./topicTrie";

export interface RulesEngineOptions {
  readonly accountId: string;
  readonly region: string;
  /** What a rule's actions write with. */
  readonly clientsOf: (rule: RuleIdentity) => ActionClients;
  /** Default: all of `actions/`. */
  readonly kinds?: ActionKinds;
  /** Default: the clock, random UUIDs and random numbers. */
  readonly environment?: Environment;
}

export interface Rule extends CompiledRule, RuleIdentity {
  readonly name: string;
  readonly payload: RulePayload;
  readonly enabled: boolean;
  readonly createdAt: Date;
  readonly counters: RuleCounters;
}

/**
 * The rules of one account in one region: AWS IoT's rules engine without a broker. Messages are brought to it with
 * `dispatch`; what its rules do goes out through `clientsOf`.
 */
export class RulesEngine {
  readonly events = new EventEmitter<RuleEvents>();
  private readonly rules = new Map<string, Rule>();
  /** The enabled rules by their filter, each list also in the trie. */
  private readonly lists = new Map<string, Rule[]>();
  private readonly trie = new TopicTrie<readonly Rule[]>();
  /** Messages whose actions run. */
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly environment: Environment;

  constructor(private readonly options: RulesEngineOptions) {
    this.environment = options.environment ?? liveEnvironment(options.accountId);
  }

  /** Finds out all that is wrong with a rule, and changes nothing. @throws SqlParseError, InvalidRuleError */
  compile(name: string, payload: RulePayload): CompiledRule {
    return compileRule(payload, this.identify(name), this.options.kinds ?? actionKinds);
  }

  /** Creates a rule, or replaces the one of that name, which keeps its age and counters. @throws as compile */
  put(name: string, payload: RulePayload): Rule {
    const existing = this.rules.get(name);
    const rule: Rule = {
      ...this.compile(name, payload),
      name,
      ...this.identify(name),
      payload,
      enabled: payload.ruleDisabled !== true,
      createdAt: existing?.createdAt ?? new Date(this.environment.now()),
      counters: existing?.counters ?? noCounts(),
    };
    this.store(rule);
    return rule;
  }

  get(name: string): Rule | undefined {
    return this.rules.get(name);
  }

  list(): Rule[] {
    return [...this.rules.values()];
  }

  /** @returns whether there is such a rule */
  setEnabled(name: string, enabled: boolean): boolean {
    const rule = this.rules.get(name);
    if (rule) this.store({ ...rule, enabled, payload: { ...rule.payload, ruleDisabled: !enabled } });
    return rule !== undefined;
  }

  /** Actions that run already are not stopped. @returns whether there was such a rule */
  delete(name: string): boolean {
    this.deactivate(name);
    return this.rules.delete(name);
  }

  /** Whether an enabled rule reads from exactly this filter. */
  reads(filter: string): boolean {
    return this.lists.has(filter);
  }

  /** Shows a message to every rule whose filter matches its topic. Actions go on after it returns: see `settled`. */
  dispatch({ topic, payload }: { topic: string; payload: Buffer }): void {
    const message = new Message(topic, payload, this.environment);
    this.trie.match(message.topicSegments, (rules) => this.apply(rules, message));
  }

  /** Shows a message to the rules of one filter only, for a broker that delivers it once for each filter. */
  dispatchTo(filter: string, { topic, payload }: { topic: string; payload: Buffer }): void {
    const rules = this.lists.get(filter);
    if (rules) this.apply(rules, new Message(topic, payload, this.environment));
  }

  /** Shows a message to one rule, whatever its filter, as Basic Ingest does; one that is not there sees nothing, as in AWS. */
  ingest(name: string, { topic, payload }: { topic: string; payload: Buffer }): void {
    const rule = this.rules.get(name);
    if (rule?.enabled) this.apply([rule], new Message(topic, payload, this.environment));
  }

  /** Resolves when no action runs any more. */
  async settled(): Promise<void> {
    while (this.running > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private apply(rules: readonly Rule[], message: Message): void {
    for (const rule of rules) {
      rule.counters.received++;
      const output = this.evaluate(rule, message);
      if (!output) continue;
      rule.counters.matched++;
      this.events.emit("matched", { rule: rule.name, topic: message.topic });
      void this.runActions(rule, message, output);
    }
  }

  private evaluate(rule: Rule, message: Message): Output | undefined {
    try {
      return rule.evaluate(message);
    } catch (error) {
      rule.counters.evaluationsFailed++;
      this.events.emit("evaluationFailed", { rule: rule.name, topic: message.topic, error });
      return undefined;
    }
  }

  private async runActions(rule: Rule, message: Message, output: Output): Promise<void> {
    const { counters, errorAction } = rule;
    this.running++;
    try {
      const outcomes = await Promise.all(rule.actions.map((action) => this.attempt(rule, action, message, output)));
      const failures = outcomes.filter((outcome) => outcome !== undefined);
      counters.actionsFailed += failures.length;
      counters.actionsSucceeded += outcomes.length - failures.length;
      if (failures.length === 0 || !errorAction) return;
      const report = Output.of(errorDocument(rule.name, message, failures));
      const failure = await this.attempt(rule, errorAction, message, report, true);
      if (failure) counters.errorActionsFailed++;
      else counters.errorActionsSucceeded++;
    } finally {
      this.running--;
      if (this.running === 0) for (const resolve of this.waiting.splice(0)) resolve();
    }
  }

  private async attempt(
    rule: Rule,
    ruleAction: RuleAction,
    message: Message,
    output: Output,
    isErrorAction = false,
  ): Promise<Failure | undefined> {
    const { action, kind } = ruleAction;
    let resource = "";
    let failure: Failure | undefined;
    try {
      resource = action.resource(message);
      await action.run(message, output, this.options.clientsOf(rule));
    } catch (error) {
      failure = describeFailure(ruleAction, resource, message, error);
    }
    const happening = { rule: rule.name, topic: message.topic, action: kind, resource };
    if (!failure) {
      this.events.emit(isErrorAction ? "errorActionSucceeded" : "actionSucceeded", happening);
    } else {
      const { errorMessage } = failure;
      this.events.emit(isErrorAction ? "errorActionFailed" : "actionFailed", { ...happening, errorMessage });
    }
    return failure;
  }

  private store(rule: Rule): void {
    this.deactivate(rule.name);
    this.rules.set(rule.name, rule);
    if (!rule.enabled) return;
    let list = this.lists.get(rule.filter);
    if (!list) {
      list = [];
      this.lists.set(rule.filter, list);
      this.trie.add(rule.filter, list);
    }
    list.push(rule);
  }

  private deactivate(name: string): void {
    const rule = this.rules.get(name);
    const list = rule && this.lists.get(rule.filter);
    if (!rule || !list?.includes(rule)) return;
    list.splice(list.indexOf(rule), 1);
    if (list.length > 0) return;
    this.lists.delete(rule.filter);
    this.trie.remove(rule.filter, list);
  }

  private identify(name: string): RuleIdentity {
    const { accountId, region } = this.options;
    return { accountId, arn: `arn:aws:iot:${region}:${accountId}:rule/${name}` };
  }
}
