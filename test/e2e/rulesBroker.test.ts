import { expect } from "chai";
import { waitFor } from "../../common/waitFor";
import type { LocalCloud } from "../../sandbox/localCloud";
import { AccountRules } from "../../sandbox/rules/accountRules";
import { Account, Cable, Device } from "./rulesHelp";
import { RulesLab } from "./rulesLab";

describe("the rules engine at the broker", () => {
  let lab: RulesLab;
  let cloud: LocalCloud;
  let account: Account;
  let device: Device;
  let said: string[];
  const settled = () => lab.settled();

  before("start the local cloud, its rules engine and a device", async () => {
    lab = await RulesLab.open();
    ({ cloud, account, device, said } = lab);
  });
  after(() => lab?.close());

  it("fires each of several rules once for a message that all their overlapping filters match", async () => {
    const queue = await account.createQueue("overlap");
    const actions = [{ sqs: { queueUrl: queue.url, roleArn: queue.role } }];
    const filters = ["over/+", "over/#", "+/lap", "over/lap", "over/lap"];
    // All at once, as a deployment does it.
    await Promise.all(
      filters.map((filter, i) =>
        account.createRule(`overlap_${i}`, `SELECT ${i} AS rule, n FROM '${filter}'`, actions),
      ),
    );
    for (const n of [1, 2, 3]) await device.publish("over/lap", { n });
    const messages = await account.receive(queue, 3 * filters.length);
    const fired = messages.map(({ rule, n }) => `${rule}:${n}`).sort();
    expect(fired).to.deep.equal(filters.flatMap((_, i) => [1, 2, 3].map((n) => `${i}:${n}`)));
    await settled();
    expect(await account.countMessages(queue)).to.equal(0);
  });

  it("loses nothing and repeats nothing when the connection to the broker is lost for a while", async () => {
    const queue = await account.createQueue("cut-off");
    const cable = await Cable.lay(cloud.mqtt.port);
    const rules = new AccountRules(cloud, { ...cloud.mqtt, port: cable.port }, (line) => said.push(line));
    const actions = [{ sqs: { queueUrl: queue.url, roleArn: queue.role } }];
    const [sql, awsIotSqlVersion] = ["SELECT n FROM 'cut/off'", "2016-03-23"];
    await rules.put("cut_off", { sql, awsIotSqlVersion, actions });
    cable.pull();
    await device.publish("cut/off", { n: 1 });
    const late = rules.put("late", { sql: "SELECT n FROM 'cut/late'", awsIotSqlVersion, actions });
    cable.plugIn();
    await late;
    expect(await account.receive(queue, 1)).to.deep.equal([{ n: 1 }]);
    await device.publish("cut/late", { n: "late" });
    expect(await account.receive(queue, 1)).to.deep.equal([{ n: "late" }]);
    for (const n of [2, 3]) await device.publish("cut/off", { n });
    const last = await account.receive(queue, 2);
    expect(last.map(({ n }) => n).sort()).to.deep.equal([2, 3]);
    // Messages come in order, so a second 2 would have come before the 3.
    expect(rules.engine.get("cut_off")!.counters).to.include({ received: 3, actionsFailed: 0 });
    cable.pull();
    await rules.close();
    cable.remove();
  });

  it("reads on when the broker has forgotten its session", async () => {
    const queue = await account.createQueue("forgotten");
    const heard = await device.listen("$aws/events/subscriptions/subscribed/+");
    const rules = new AccountRules(cloud, cloud.mqtt, (line) => said.push(line));
    const actions = [{ sqs: { queueUrl: queue.url, roleArn: queue.role } }];
    await rules.put("forgotten", { sql: "SELECT n FROM 'forgotten'", awsIotSqlVersion: "2016-03-23", actions });
    const subscribed = (count: number) =>
      waitFor(
        `${count} subscriptions`,
        async () => heard.filter(({ topic }) => topic.includes("thingstack-rules-"))[count - 1]?.topic,
        { lastSeen: () => ({ heard, said }) },
      );
    // Somebody else with its client id throws it out, and begins a session of his own, which ends with him.
    const intruder = await Device.connect(cloud, account, (await subscribed(1)).split("/").at(-1)!);
    await intruder.stop();
    await subscribed(2);
    await device.publish("forgotten", { n: 1 });
    expect(await account.receive(queue, 1)).to.deep.equal([{ n: 1 }]);
    await rules.close();
  });

  it("keeps the rules of two accounts apart", async () => {
    const other = new Account(cloud, "999988887777");
    const [ours, theirs] = [await account.createQueue("apart"), await other.createQueue("apart")];
    for (const [owner, queue] of [
      [account, ours],
      [other, theirs],
    ] as const) {
      const action = { sqs: { queueUrl: queue.url, roleArn: queue.role } };
      await owner.createRule("apart", "SELECT accountid() AS account FROM 'apart'", [action]);
    }
    const stranger = await Device.connect(cloud, other, "stranger");
    await stranger.publish("apart", {});
    expect(await other.receive(theirs, 1)).to.deep.equal([{ account: "999988887777" }]);
    await device.publish("apart", {});
    expect(await account.receive(ours, 1)).to.deep.equal([{ account: cloud.accountId }]);
    await settled();
    expect(await other.countMessages(theirs)).to.equal(0);
    await stranger.stop();
  });
});
