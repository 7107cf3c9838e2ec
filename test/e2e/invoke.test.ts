import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import { strToU8, zipSync } from "fflate";
import { projectDirectory } from "../../common/project";
import type { ReminderOutputs } from "../../common/stackOutputs";
import type { LiveFunctionsOutput } from "../../operations/deploy/release";
import { deployedOf } from "../../operations/invoke/deployed";
import { type EventKind, generateEvent } from "../../operations/invoke/events";
import { invokeFunction, type Outcome } from "../../operations/invoke/invokeFunction";
import { functionsOfProgram, type ProgramFunction } from "../../operations/invoke/program";
import { outputOf, type Place, placeIn } from "../../operations/place";
import { awsConfig } from "../../sandbox/aws";
import { outputsFileOf } from "../../sandbox/outputsFile";
import { openSession, type Session } from "../../sandbox/session";

describe("Invoking one function of the program on this machine", () => {
  let session: Session;
  let place: Place;
  let functions: ProgramFunction[];

  before(async () => {
    session = await openSession();
    place = placeIn(outputsFileOf(session));
    functions = await functionsOfProgram(projectDirectory, "local");
  });

  after(() => session?.stop());

  async function invoke(name: string, kind: EventKind, ...set: string[]): Promise<Outcome & { lines: string[] }> {
    const target = functions.find((each) => each.name === name) as ProgramFunction;
    const { region, accountId } = session.cloud;
    const event = generateEvent(kind, target, { set, region, accountId, now: Date.now() });
    const lines: string[] = [];
    const outcome = await invokeFunction(target, event, await deployedOf(place, target), (line) => lines.push(line));
    return { ...outcome, lines };
  }

  it("hands a message of a device over as its rule selects it", async () => {
    const { error, lines } = await invoke("device-log", "iot", "message=hello from afar");
    expect(error).to.equal(undefined);
    expect(lines.join("\n")).to.include("thing-1").and.include("hello from afar");
  });

  it("has real effects, with the rights of the function's role", async () => {
    const { error } = await invoke(
      "overheated-start",
      "dynamodb",
      "Records[0].dynamodb.NewImage.deviceId=invoked",
      "Records[0].dynamodb.NewImage.openedAt=1767225600000",
    );
    expect(error).to.equal(undefined);
    const { tableName } = session.outputs.overheated as ReminderOutputs;
    const table = DynamoDBDocumentClient.from(new DynamoDBClient(awsConfig(session.cloud)));
    const { Item } = await table.send(
      new GetCommand({ TableName: tableName, Key: { deviceId: "invoked", kind: "loop" }, ConsistentRead: true }),
    );
    expect(Item, "the loop's item").to.include({ deviceId: "invoked" });
  });

  it("is refused what the role does not allow", async () => {
    const target = functions.find(({ name }) => name === "device-log") as ProgramFunction;
    const code = `
      const { DynamoDBClient, ListTablesCommand } = require("@aws-sdk/client-dynamodb");
      exports.handler = async () => (await new DynamoDBClient({}).send(new ListTablesCommand({}))).TableNames;`;
    const { error } = await invokeFunction({ ...target, code }, {}, await deployedOf(place, target), () => {});
    expect(error?.errorType).to.match(/AccessDenied/);
  });

  it("is the stack's own, and not that of another stack in the account", async () => {
    const target = functions.find(({ name }) => name === "device-log") as ProgramFunction;
    const FunctionName = `${target.logicalName}-0000000`;
    const lambda = new LambdaClient(awsConfig(session.cloud));
    const own = await deployedOf(place, target);
    const { Role } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: own.functionName }));
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Role,
        Runtime: "nodejs22.x",
        Handler: "__index.handler",
        Code: { ZipFile: zipSync({ "__index.js": strToU8(target.code) }) },
      }),
    );
    expect(await deployedOf(place, target)).to.include({ functionName: own.functionName });
  });

  it("shows what the function answers Lambda with", async () => {
    const { result, lines } = await invoke(
      "overheated-start",
      "dynamodb",
      "Records[0].dynamodb.NewImage.openedAt=never",
    );
    expect(result).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "111" }] });
    expect(lines.join("\n")).to.include("not a new anomaly");
  });

  it("by a dry run, as releases do, changes nothing and finds every function able to do its work", async () => {
    const lambda = new LambdaClient(place.aws);
    const { functions: live } = outputOf<LiveFunctionsOutput>(place, "liveFunctions");
    expect(live.length).to.be.greaterThan(20);
    for (const { name, functionName: FunctionName, alias: Qualifier } of live) {
      const Payload = JSON.stringify({ "thingstack:dryRun": "e2e" });
      const answer = await lambda.send(new InvokeCommand({ FunctionName, Qualifier, Payload }));
      const text = answer.Payload?.transformToString() ?? "";
      expect(answer.FunctionError, `${name}: ${text}`).to.equal(undefined);
      const { ready, ran } = JSON.parse(text);
      expect({ name, ready }).to.deep.equal({ name, ready: true });
      expect(ran, name).to.match(/^(to its end|to its refusal|up to .+)$/);
    }
    const table = DynamoDBDocumentClient.from(new DynamoDBClient(place.aws));
    const { tableName: TableName } = outputOf<ReminderOutputs>(place, "overheated");
    const Key = { deviceId: "generated", kind: "loop" };
    expect((await table.send(new GetCommand({ TableName, Key }))).Item).to.equal(undefined);
  });
});
