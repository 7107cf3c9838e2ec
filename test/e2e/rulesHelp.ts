import { once } from "node:events";
import { readFileSync } from "node:fs";
import * as net from "node:net";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import * as iotApi from "@aws-sdk/client-iot";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { iot, mqtt5 } from "aws-iot-device-sdk-v2";
import { strToU8, zipSync } from "fflate";
import { waitFor } from "../../common/waitFor";
import { awsConfig } from "../../sandbox/aws";
import type { LocalCloud } from "../../sandbox/localCloud";

export function allow(Action: string, Resource: string | string[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] });
}

function trust(Service: string): string {
  const statement = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service } };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

export interface Queue {
  readonly url: string;
  readonly arn: string;
  /** A role that may send to it. */
  readonly role: string;
}

/** Clients of an account, and what rules write to. */
export class Account {
  readonly iot: iotApi.IoTClient;
  readonly dynamo: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly lambda: LambdaClient;
  private readonly iam: IAMClient;

  constructor(
    private readonly cloud: LocalCloud,
    readonly id: string = cloud.accountId,
  ) {
    const config = awsConfig(cloud, id);
    this.iot = new iotApi.IoTClient(config);
    this.dynamo = new DynamoDBClient(config);
    this.sqs = new SQSClient(config);
    this.sns = new SNSClient(config);
    this.lambda = new LambdaClient(config);
    this.iam = new IAMClient(config);
  }

  arn(service: string, resource: string): string {
    return `arn:aws:${service}:${this.cloud.region}:${this.id}:${resource}`;
  }

  async createRole(name: string, policy: string, service = "iot.amazonaws.com"): Promise<string> {
    const role = { RoleName: name, AssumeRolePolicyDocument: trust(service) };
    const created = await this.iam.send(new CreateRoleCommand(role));
    const inline = { RoleName: name, PolicyName: "actions", PolicyDocument: policy };
    await this.iam.send(new PutRolePolicyCommand(inline));
    return created.Role!.Arn!;
  }

  /** A table with the key `deviceId`. @returns its ARN */
  async createTable(TableName: string): Promise<string> {
    const { TableDescription } = await this.dynamo.send(
      new CreateTableCommand({
        TableName,
        KeySchema: [{ AttributeName: "deviceId", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "deviceId", AttributeType: "S" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
    return TableDescription!.TableArn!;
  }

  async createQueue(name: string): Promise<Queue> {
    const { QueueUrl } = await this.sqs.send(new CreateQueueCommand({ QueueName: name }));
    const arn = this.arn("sqs", name);
    return { url: QueueUrl!, arn, role: await this.createRole(`${name}-role`, allow("sqs:SendMessage", arn)) };
  }

  /** @returns its ARN */
  async createFunction(name: string, policy: string, code: string): Promise<string> {
    const created = await this.lambda.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Role: await this.createRole(`${name}-role`, policy, "lambda.amazonaws.com"),
        Runtime: "nodejs22.x",
        Handler: "__index.handler",
        Code: { ZipFile: zipSync({ "__index.js": strToU8(code) }) },
      }),
    );
    return created.FunctionArn!;
  }

  /** The next messages of a queue, as JSON. */
  async receive({ url }: Queue, count: number): Promise<Record<string, unknown>[]> {
    const bodies: Record<string, unknown>[] = [];
    return waitFor(
      `${count} messages in ${url}`,
      async () => {
        const wanted = { QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
        const { Messages = [] } = await this.sqs.send(new ReceiveMessageCommand(wanted));
        for (const { Body, ReceiptHandle } of Messages) {
          bodies.push(JSON.parse(Body!));
          await this.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
        }
        return bodies.length >= count && bodies;
      },
      { lastSeen: () => bodies },
    );
  }

  async countMessages({ url }: Queue): Promise<number> {
    const wanted = { QueueUrl: url, AttributeNames: ["ApproximateNumberOfMessages" as const] };
    const { Attributes } = await this.sqs.send(new GetQueueAttributesCommand(wanted));
    return Number(Attributes!.ApproximateNumberOfMessages);
  }

  async createRule(
    ruleName: string,
    sql: string,
    actions: iotApi.Action[],
    more: Partial<iotApi.TopicRulePayload> = {},
  ): Promise<void> {
    const topicRulePayload = { sql, actions, awsIotSqlVersion: "2016-03-23", ...more };
    await this.iot.send(new iotApi.CreateTopicRuleCommand({ ruleName, topicRulePayload }));
  }
}

/** A device of an account, on the real device SDK. */
export class Device {
  private constructor(private readonly client: mqtt5.Mqtt5Client) {}

  static async connect(cloud: LocalCloud, account: Account, clientId: string): Promise<Device> {
    const keys = await account.iot.send(new iotApi.CreateKeysAndCertificateCommand({ setAsActive: true }));
    const policy = { policyName: clientId, policyDocument: allow("iot:*", "*") };
    await account.iot.send(new iotApi.CreatePolicyCommand(policy));
    const attached = { policyName: clientId, target: keys.certificateArn! };
    await account.iot.send(new iotApi.AttachPolicyCommand(attached));
    const { host, port, caPath } = cloud.mqtt;
    const config = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
      host,
      keys.certificatePem!,
      keys.keyPair!.PrivateKey!,
    )
      .withPort(port)
      .withCertificateAuthority(readFileSync(caPath, "utf8"))
      .withConnectProperties({ clientId, keepAliveIntervalSeconds: 30 })
      .build();
    const client = new mqtt5.Mqtt5Client(config);
    const connected = once(client, "connectionSuccess");
    client.start();
    await connected;
    return new Device(client);
  }

  /** Resolves when the broker has the message. */
  async publish(topicName: string, message: object): Promise<void> {
    await this.client.publish({ topicName, qos: mqtt5.QoS.AtLeastOnce, payload: JSON.stringify(message) });
  }

  /** @returns a list that grows with every message */
  async listen(...topicFilters: string[]): Promise<{ topic: string; json: unknown }[]> {
    const heard: { topic: string; json: unknown }[] = [];
    this.client.on("messageReceived", ({ message }) => {
      const json = JSON.parse(Buffer.from(message.payload as ArrayBuffer).toString());
      heard.push({ topic: message.topicName, json });
    });
    const qos = mqtt5.QoS.AtLeastOnce;
    await this.client.subscribe({ subscriptions: topicFilters.map((topicFilter) => ({ topicFilter, qos })) });
    return heard;
  }

  async stop(): Promise<void> {
    const stopped = once(this.client, "stopped");
    this.client.stop();
    await stopped;
    this.client.close();
  }
}

/** A cable to the broker that a test can pull. */
export class Cable {
  private readonly sockets = new Set<net.Socket>();
  private plugged = true;

  private constructor(
    private readonly server: net.Server,
    readonly port: number,
  ) {}

  static async lay(brokerPort: number): Promise<Cable> {
    const server = net.createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const cable = new Cable(server, (server.address() as net.AddressInfo).port);
    server.on("connection", (near) => {
      if (!cable.plugged) return near.destroy();
      const far = net.connect(brokerPort, "127.0.0.1");
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) {
        cable.sockets.add(socket);
        socket.on("error", () => socket.destroy());
        socket.on("close", () => cable.sockets.delete(socket));
      }
      return undefined;
    });
    return cable;
  }

  pull(): void {
    this.plugged = false;
    for (const socket of this.sockets) socket.destroy();
  }

  plugIn(): void {
    this.plugged = true;
  }

  remove(): void {
    this.pull();
    this.server.close();
  }
}
