import { readFileSync } from "node:fs";
import type { AwsTarget } from "../aws";
import { type BrokerIdentity, createBrokerIdentity } from "./brokerIdentity";
import { BrokerSubscriptions } from "./brokerSubscriptions";
import { AwsClients } from "./clients";
import { RulesEngine } from "./engine";
import type { RulePayload } from "./rule";
import { RuleTags } from "./ruleTags";

export interface BrokerOptions {
  readonly host: string;
  readonly port: number;
  /** A file with the CA of the broker's certificate, in PEM. */
  readonly caPath: string;
}

/** The rules of one account in one region, with their connection to the broker. */
export class AccountRules {
  readonly engine: RulesEngine;
  readonly tags = new RuleTags();
  private readonly clients: AwsClients;
  private broker: Promise<{ identity: BrokerIdentity; subscriptions: BrokerSubscriptions }> | undefined;
  /** Changes go one after the other, so that a filter is subscribed once and a name is taken once. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly target: AwsTarget,
    private readonly mqtt: BrokerOptions,
    private readonly log: (text: string) => void,
  ) {
    this.clients = new AwsClients(target);
    this.engine = new RulesEngine({ ...target, clientsOf: (rule) => this.clients.actingFor(rule) });
  }

  /** Runs `change` when all changes before it are done. */
  inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.last.then(change);
    this.last = result.catch(() => {});
    return result;
  }

  /** Creates or replaces a rule. It is ready when this resolves: the broker delivers to it. @throws as engine.compile */
  async put(name: string, payload: RulePayload): Promise<void> {
    const { filter, warnings } = this.engine.compile(name, payload);
    const abandoned = this.engine.get(name)?.filter;
    if (payload.ruleDisabled !== true) await this.subscribe(filter);
    this.engine.put(name, payload);
    if (abandoned !== undefined) await this.unsubscribeUnread(abandoned);
    for (const warning of warnings) this.log(`Rule ${name}: ${warning}.`);
  }

  async setEnabled(name: string, enabled: boolean): Promise<void> {
    const filter = this.engine.get(name)!.filter;
    if (enabled) await this.subscribe(filter);
    this.engine.setEnabled(name, enabled);
    await this.unsubscribeUnread(filter);
  }

  async delete(name: string): Promise<void> {
    const filter = this.engine.get(name)!.filter;
    this.engine.delete(name);
    this.tags.forget(name);
    await this.unsubscribeUnread(filter);
  }

  /** Lets running actions finish, and leaves the broker. */
  async close(): Promise<void> {
    const broker = await this.broker?.catch(() => undefined);
    await broker?.subscriptions.close();
    await this.engine.settled();
    // MiniStack may have ended before; then there is nothing left to tidy up.
    await broker?.identity.remove().catch(() => {});
    this.clients.close();
  }

  private async subscribe(filter: string): Promise<void> {
    if (this.broker === undefined) {
      this.broker = this.connect();
      // The next rule tries again.
      this.broker.catch(() => {
        this.broker = undefined;
      });
    }
    await (await this.broker).subscriptions.subscribe(filter);
  }

  private async unsubscribeUnread(filter: string): Promise<void> {
    if (this.engine.reads(filter) || this.broker === undefined) return;
    // Whatever still arrives by this filter finds no rule.
    await (await this.broker).subscriptions
      .unsubscribe(filter)
      .catch((error) => this.log(`The broker goes on delivering '${filter}': ${error}`));
  }

  private async connect() {
    const { host, port, caPath } = this.mqtt;
    const ca = readFileSync(caPath, "utf8");
    const identity = await createBrokerIdentity(this.target);
    const subscriptions = new BrokerSubscriptions({
      host,
      port,
      ca,
      certificatePem: identity.certificatePem,
      privateKey: identity.privateKey,
      log: this.log,
      onMessage: (filter, message) => this.engine.dispatchTo(filter, message),
    });
    return { identity, subscriptions };
  }
}
