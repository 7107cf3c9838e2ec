import validate from "asl-validator";
import { expect } from "chai";
import {
  AccountIot,
  type AccountIotArgs,
  FirmwareRollout,
  type FirmwareRolloutArgs,
  ShadowDevice,
} from "../../components";
import { type Recording, record, statementsOf } from "../support/record";
import { refusedProperties } from "../support/refusal";

const topicArn = "arn:aws:sns:eu-central-1:123456789012:releases";
const args: FirmwareRolloutArgs = { apps: ["cooler", "radio"], account: "owned elsewhere", topicArn };

describe("FirmwareRollout", () => {
  let recording: Recording<FirmwareRollout>;

  // Five functions to serialise: once is enough.
  before(async () => {
    recording = await record(() => {
      const firmware = new FirmwareRollout("firmware", { ...args, protectData: true });
      new ShadowDevice("cooler-1", { firmware, apps: { cooler: "1.0" } });
      return firmware;
    });
  });

  it("keeps artifacts private, encrypted, in versions, and off plain HTTP", () => {
    const { one } = recording;
    expect(one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs).to.include({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(one("aws:s3/bucketVersioning:BucketVersioning").inputs.versioningConfiguration).to.deep.equal({
      status: "Enabled",
    });
    expect(JSON.parse(one("aws:s3/bucketPolicy:BucketPolicy").inputs.policy).Statement[0]).to.deep.include({
      Effect: "Deny",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
  });

  it("starts by an upload under releases/, and calls the alias", () => {
    const { one } = recording;
    const [notification] = one("aws:s3/bucketNotification:BucketNotification").inputs.lambdaFunctions;
    expect(notification).to.include({ filterPrefix: "releases/" });
    expect(notification.lambdaFunctionArn).to.match(/live$/);
    expect(one("aws:lambda/permission:Permission", "firmware-upload").inputs).to.include({
      principal: "s3.amazonaws.com",
      sourceAccount: "123456789012",
      qualifier: "live",
    });
  });

  it("gives links that read artifacts and nothing else", () => {
    const { one } = recording;
    const [statement, ...others] = statementsOf(one("aws:iam/rolePolicy:RolePolicy", "firmware-link-grants"));
    expect(others).to.deep.equal([]);
    expect(statement).to.deep.include({ Action: ["s3:GetObject", "s3:GetObjectVersion"] });
    expect(statement?.Resource).to.have.lengthOf(1);
    expect(statement?.Resource[0]).to.match(/:firmware-bucket-0000000\/artifacts\/\*$/);
  });

  it("lets its functions make jobs of its apps for its own groups only", () => {
    const { one } = recording;
    const statements = statementsOf(one("aws:iam/rolePolicy:RolePolicy", "firmware-steps-grants"));
    const iot = "arn:aws:iot:eu-central-1:123456789012";
    expect(statements.find(({ Sid }) => Sid === "ManageJobs")?.Resource).to.deep.equal([
      `${iot}:job/cooler-*`,
      `${iot}:job/radio-*`,
      `${iot}:thinggroup/firmware-*`,
    ]);
  });

  it("has a state machine that AWS takes", () => {
    const { one } = recording;
    const definition = JSON.parse(one("aws:sfn/stateMachine:StateMachine").inputs.definition);
    const { isValid, errors } = validate(definition);
    expect(isValid, JSON.stringify(errors)).to.equal(true);
  });

  it("hears the ends of jobs and executions, and what devices claim", () => {
    const { all } = recording;
    const sql = all("aws:iot/topicRule:TopicRule").map(({ inputs }) => inputs.sql);
    expect(sql).to.have.members([
      "SELECT topic(4) AS job_id FROM '$aws/events/job/+/+' WHERE (topic(5) = 'completed' OR topic(5) = 'canceled') " +
        "AND (startswith(topic(4), 'cooler-') OR startswith(topic(4), 'radio-'))",
      "SELECT *, topic(4) AS job_id FROM '$aws/events/jobExecution/+/+' WHERE topic(5) <> 'deleted'",
      "SELECT topic(3) AS thingName, state.reported.apps AS apps FROM '$aws/things/+/shadow/update/accepted' " +
        "WHERE isUndefined(state.reported.apps) = false",
    ]);
  });

  it("rings when too many devices fail, and when an execution fails", () => {
    const { all } = recording;
    const alarms = all("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ name }) => name);
    expect(alarms).to.include.members([
      "firmware-jobs-failed",
      "firmware-release-failed",
      "firmware-release-timed-out",
    ]);
  });

  it("protects what holds data, on request", () => {
    const { all } = recording;
    for (const { inputs } of all("aws:dynamodb/table:Table")) expect(inputs.deletionProtectionEnabled).to.equal(true);
    expect(all("aws:s3/bucket:Bucket")[0]?.inputs.forceDestroy).to.equal(false);
  });

  it("has the first versions of declared things recorded", () => {
    const call = recording.one("aws:lambda/invocation:Invocation").inputs;
    expect(JSON.parse(call.input)).to.deep.equal({ thingName: "cooler-1", first: { cooler: "1.0" } });
    expect(call).to.include({ qualifier: "live" });
  });

  const refusals: [string, Partial<FirmwareRolloutArgs>, Record<string, RegExp>][] = [
    ["no app", { apps: [] }, { apps: /1 to 20 apps, not 0/ }],
    ["an app with a dash", { apps: ["a-b"] }, { "apps[0]": /lower-case letters, digits and "_"/ }],
    ["an app twice", { apps: ["a", "a"] }, { "apps[1]": /is there twice/ }],
    ["no account", { account: undefined }, { account: /AccountIot of this stack, or "owned elsewhere"/ }],
    ["no topic", { topicArn: undefined }, { topicArn: /must be the ARN/ }],
    [
      "settings that AWS would not take, all at once",
      {
        defaultRollout: { maximumPerMinute: 0, timeoutInMinutes: 99_999, retries: 11 },
        linkExpiresInSec: 59,
        maximumArtifactSize: 0,
      },
      {
        "defaultRollout.maximumPerMinute": /1 to 1000/,
        "defaultRollout.timeoutInMinutes": /1 to 10080/,
        "defaultRollout.retries": /0 to 10/,
        linkExpiresInSec: /60 to 3600/,
        maximumArtifactSize: /from 1 to 5368709120/,
      },
    ],
  ];
  for (const [what, more, reasons] of refusals) {
    it(`refuses ${what}`, async () => {
      const refused = await refusedProperties(
        () => new FirmwareRollout("firmware", { ...args, ...more } as FirmwareRolloutArgs),
      );
      expect(Object.keys(refused).sort()).to.deep.equal(Object.keys(reasons).sort());
      for (const [path, reason] of Object.entries(reasons)) expect(refused[path]).to.match(reason);
    });
  }
});

describe("AccountIot", () => {
  it("indexes things, shadows, the shadow apps and connectivity, and switches job events on", async () => {
    const { one } = await record(() => new AccountIot("account", { namedShadows: ["settings"], events: ["THING"] }));
    expect(one("aws:iot/indexingConfiguration:IndexingConfiguration").inputs.thingIndexingConfiguration).to.deep.equal({
      thingIndexingMode: "REGISTRY_AND_SHADOW",
      thingConnectivityIndexingMode: "STATUS",
      namedShadowIndexingMode: "ON",
      filter: { namedShadowNames: ["apps", "settings"] },
    });
    const events = one("aws:iot/eventConfigurations:EventConfigurations").inputs.eventConfigurations;
    expect(Object.keys(events).filter((type) => events[type])).to.have.members(["JOB", "JOB_EXECUTION", "THING"]);
    expect(Object.keys(events)).to.have.lengthOf(11);
  });

  const refusals: [string, AccountIotArgs, string, RegExp][] = [
    ["a shadow name that AWS would not take", { namedShadows: ["a b"] }, "namedShadows[0]", /has " " in it/],
    ["more shadows than AWS indexes", { namedShadows: [..."abcdefghij"] }, "namedShadows", /are 11 with "apps"/],
    ["an event that there is not", { events: ["JOBS"] }, "events[0]", /must be one of THING/],
  ];
  for (const [what, more, path, reason] of refusals) {
    it(`refuses ${what}`, async () => {
      const refused = await refusedProperties(() => new AccountIot("account", more));
      expect(refused[path]).to.match(reason);
    });
  }
});

describe("a ShadowDevice with apps", () => {
  it("refuses apps without a rollout, apps that it does not have, and versions that are none", async () => {
    const alone = await refusedProperties(() => new ShadowDevice("cooler-1", { apps: { cooler: "1.0" } }));
    expect(alone.firmware).to.match(/must be the FirmwareRollout/);
    const firmware = { apps: args.apps } as FirmwareRollout;
    const odd = await refusedProperties(
      () => new ShadowDevice("cooler-1", { firmware, apps: { toaster: "1.0", radio: "banana" } }),
    );
    expect(odd["apps.toaster"]).to.match(/is not known; the rollout has cooler, radio/);
    expect(odd["apps.radio"]).to.match(/"banana" is not/);
  });
});
