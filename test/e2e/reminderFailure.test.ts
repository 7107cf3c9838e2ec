import { LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import type { ReminderOutputs } from "../../common/stackOutputs";
import { waitFor } from "../../common/waitFor";
import { awsConfig } from "../../sandbox/aws";
import { openSession, type Session } from "../../sandbox/session";
import { Loops } from "../../start/scenario/loops";
import { Fleet } from "./support/fleet";
import { setLiveEnvironment } from "./support/liveFunction";
import { QueueView } from "./support/queue";

// Breaks the function that reminds, so it brings its own local cloud; two reminders are enough.
describe("a reminder that can't be told", () => {
  let session: Session;
  let fleet: Fleet;

  before(async () => {
    session = await openSession({ config: { "thingstack:reminderCount": "2" } });
    fleet = new Fleet({ ...session, ...session.cloud });
  });
  after(async () => {
    await fleet?.close();
    await session?.stop();
  });

  it("is tried four times, then lies in a queue with its reason, and the loop goes on to its end", async () => {
    const config = awsConfig(session.cloud);
    const stack = session.outputs.overheated as ReminderOutputs;
    const lambda = new LambdaClient(config);
    await setLiveEnvironment(lambda, stack.remindFunctionName, { TOPIC_ARN: `${stack.topicArn}-gone` });

    const device = await fleet.device(0);
    await device.report({ overheated: true });

    const loops = new Loops(config, stack.stateMachineArn);
    const loop = await waitFor(
      "the loop to end",
      async () => (await loops.of(device.thingName)).find(({ status }) => status !== "RUNNING"),
      { everyMs: 200, lastSeen: () => loops.of(device.thingName) },
    );
    expect(loop).to.include({ status: "SUCCEEDED", endedBy: "count" });

    const untold = await new QueueView(config, stack.untoldQueueUrl).waitForMessages<{
      deviceId: string;
      index: number;
      error: { Error: string; Cause: string };
    }>(2);
    expect(untold.map(({ index }) => index).sort()).to.deep.equal([1, 2]);
    for (const { deviceId, error } of untold) {
      expect(deviceId).to.equal(device.thingName);
      // The role may publish to the reminders' topic only, so IAM refuses before SNS can say that there is no such topic.
      expect(error.Cause).to.match(/sns:Publish|not authorized|does not exist/i);
    }
    const history = await loops.history(loop.arn);
    const attempts = history.filter(({ type }) => type === "TaskFailed" || type === "LambdaFunctionFailed");
    expect(attempts, "attempts of both reminders").to.have.length(8);
  });
});
