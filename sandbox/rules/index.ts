/** The AWS IoT rules engine of the local cloud. See docs/decisions/rules-engine.md. */
export type { ActionClients, ActionKind, ActionKinds } from "./actions/action";
export { AwsClients } from "./clients";
export { type Rule, RulesEngine, type RulesEngineOptions } from "./engine";
export { InvalidRuleError } from "./errors";
export type { RuleCounters, RuleEvents } from "./happenings";
export type { RulePayload } from "./rule";
export { type RulesFillOptions, rulesFill } from "./rulesFill";
export { SqlParseError } from "./sql/parse";
