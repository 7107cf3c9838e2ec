import { type SinonStub, stub } from "sinon";
import type { ActionClients, ActionKind } from "../../../sandbox/rules/actions/action";
import { RulesEngine, type RulesEngineOptions } from "../../../sandbox/rules/engine";
import type { RulePayload } from "../../../sandbox/rules/rule";
import { stillEnvironment } from "./sqlHelp";

export const ROLE = "arn:aws:iam::123456789012:role/rules";

/** What an SDK client was asked to send: the command's name and its input. */
export type Sent = [command: string, input: unknown];

/** Clients that only write down what they are asked to send. `send` answers for all of them. */
export class RecordingClients implements ActionClients {
  readonly sent: Sent[] = [];
  readonly roles: string[] = [];
  readonly send: SinonStub = stub().resolves({});

  private readonly client = {
    send: (async (command: { constructor: { name: string }; input: unknown }) => {
      this.sent.push([command.constructor.name, command.input]);
      return this.send(command);
    }) as never,
  };
  private readonly as = (roleArn: string) => {
    this.roles.push(roleArn);
    return this.client;
  };

  dynamoDb = this.as;
  firehose = this.as;
  kinesis = this.as;
  s3 = this.as;
  sqs = this.as;
  sns = this.as;
  iotData = this.as;
  lambda = () => this.client;
}

export function rulePayload(sql: string, actions: object[], more: object = {}): RulePayload {
  return { sql, actions, awsIotSqlVersion: "2016-03-23", ...more };
}

export function createEngine(options: Partial<RulesEngineOptions> = {}): RulesEngine & { recorded: RecordingClients } {
  const recorded = new RecordingClients();
  const place = { accountId: "123456789012", region: "eu-central-1" };
  const engine = new RulesEngine({ ...place, clientsOf: () => recorded, environment: stillEnvironment(), ...options });
  return Object.assign(engine, { recorded });
}

/** An action that keeps what it gets, and fails as often as told. */
export function keepingAction(): { kind: ActionKind; outputs: unknown[]; failures: Error[] } {
  const outputs: unknown[] = [];
  const failures: Error[] = [];
  const kind: ActionKind = {
    failedAction: "KeepAction",
    attempt: "keep message",
    compile(fields) {
      const place = fields.template("place");
      fields.refuseOthers();
      return {
        resource: place,
        async run(_, output) {
          const failure = failures.shift();
          if (failure) throw failure;
          outputs.push(output.json());
        },
      };
    },
  };
  return { kind, outputs, failures };
}
