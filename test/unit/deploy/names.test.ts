import { expect } from "chai";
import type { Properties } from "../../../sandbox/deploy/handler";
import { checkInputs } from "../../../sandbox/deploy/lifecycle";
import { findHandler } from "../../../sandbox/deploy/registry";

describe("names of resources that the program leaves unnamed", () => {
  const cases: [type: string, logicalName: string, property: string, name: RegExp, inputs?: Properties][] = [
    ["aws:sqs/queue:Queue", "failures", "name", /^failures-[0-9a-f]{7}$/],
    ["aws:sqs/queue:Queue", "failures", "name", /^failures-[0-9a-f]{7}\.fifo$/, { fifoQueue: true }],
    ["aws:sns/topic:Topic", "alarms", "name", /^alarms-[0-9a-f]{7}\.fifo$/, { fifoTopic: true }],
    ["aws:lambda/function:Function", "remind", "name", /^remind-[0-9a-f]{7}$/],
    ["aws:lambda/permission:Permission", "may", "statementId", /^may-[0-9a-f]{7}$/],
    ["aws:iam/role:Role", "role", "name", /^role-[0-9a-f]{7}$/],
    ["aws:iam/rolePolicy:RolePolicy", "grants", "name", /^grants-[0-9a-f]{7}$/],
    ["aws:dynamodb/table:Table", "Table", "name", /^Table-[0-9a-f]{7}$/],
    ["aws:s3/bucket:Bucket", "Releases", "bucket", /^releases-[0-9a-f]{7}$/],
    ["aws:s3/bucketObjectv2:BucketObjectv2", "a/b.txt", "key", /^a\/b\.txt$/],
    ["aws:kms/alias:Alias", "key", "name", /^alias\/key-[0-9a-f]{7}$/],
    ["aws:kms/alias:Alias", "alias/key", "name", /^alias\/key-[0-9a-f]{7}$/],
    ["aws:cloudwatch/eventTarget:EventTarget", "target", "targetId", /^target-[0-9a-f]{7}$/],
    ["aws:cloudwatch/metricAlarm:MetricAlarm", "alarm", "name", /^alarm-[0-9a-f]{7}$/],
    ["aws:iot/thing:Thing", "thing", "name", /^thing-[0-9a-f]{7}$/],
    // Pulumi adds nothing here: `-` is not allowed in a rule's name, and the logical name is the name.
    ["aws:iot/topicRule:TopicRule", "every_state", "name", /^every_state$/],
    ["aws:cloudwatch/logGroup:LogGroup", "logs", "name", /^app\/[0-9]{26}$/, { namePrefix: "app/" }],
  ];
  for (const [type, logicalName, property, name, inputs = {}] of cases) {
    it(`${type} "${logicalName}" ${JSON.stringify(inputs)} matches ${name}`, () => {
      expect(checkInputs(type, logicalName, inputs)[property]).to.match(name);
    });
  }

  it("differ from one creation to the next", () => {
    const names = Array.from({ length: 50 }, () => checkInputs("aws:sqs/queue:Queue", "a", {}).name);
    expect(new Set(names)).to.have.lengthOf(50);
  });

  it("stay what they are when the resource has one already, and are the program's own when it gives one", () => {
    const old = { name: "a-1234567" };
    expect(checkInputs("aws:sqs/queue:Queue", "a", {}, old)).to.deep.equal(old);
    expect(checkInputs("aws:sqs/queue:Queue", "a", { name: "mine" }, old)).to.deep.equal({ name: "mine" });
  });

  it("are given to no type that has none", () => {
    const inputs = { queueUrl: "url", policy: "{}" };
    expect(checkInputs("aws:sqs/queuePolicy:QueuePolicy", "a", inputs)).to.deep.equal(inputs);
    expect(findHandler("aws:cloudwatch/compositeAlarm:CompositeAlarm")?.autoName).to.equal(undefined);
  });

  const tooLong: [type: string, longest: number][] = [
    ["aws:iam/role:Role", 64],
    ["aws:lambda/function:Function", 64],
    ["aws:sqs/queue:Queue", 80],
    ["aws:s3/bucket:Bucket", 63],
    ["aws:dynamodb/table:Table", 255],
  ];
  for (const [type, longest] of tooLong) {
    it(`${type} takes ${longest} characters with the random part, and says so when there are more`, () => {
      const fits = "x".repeat(longest - 8);
      expect(() => checkInputs(type, fits, {})).not.to.throw();
      expect(() => checkInputs(type, `${fits}x`, {})).to.throw(
        `plus 7 random chars is longer than maximum length ${longest}; shorten the logical name or set`,
      );
    });
  }
});
