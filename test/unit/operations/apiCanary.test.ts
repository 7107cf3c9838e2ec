import { expect } from "chai";
import { NoCanaryError, StageCanary } from "../../../operations/canary/stage";
import { FakeAws } from "../../support/fakeAws";

const path = "/restapis/a1/stages/live";

/** Acts on a stage that AWS describes so; what was asked of AWS to change. */
async function act(stage: object, action: "promote" | "abort") {
  const aws = await FakeAws.start({ [`GET ${path}`]: { body: JSON.stringify(stage) } });
  const config = {
    region: "eu-central-1",
    endpoint: aws.endpoint,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  try {
    const canary = new StageCanary(config, { restApiId: "a1", stageName: "live" });
    const outcome = await canary[action]().catch((error: Error) => error);
    const changes = aws.bodiesOf(`PATCH ${path}`).map((body) => JSON.parse(body).patchOperations);
    return { outcome, changes };
  } finally {
    await aws.stop();
  }
}

describe("npm run canary", () => {
  const stage = { deploymentId: "old", canarySettings: { deploymentId: "new", percentTraffic: 10 } };
  const noMore = { op: "replace", path: "/canarySettings/percentTraffic", value: "0.0" };
  const move = { op: "copy", from: "/canarySettings/deploymentId", path: "/deploymentId" };

  it("promotes: the canary's deployment becomes the stage's", async () => {
    const { outcome, changes } = await act(stage, "promote");
    expect(outcome).to.include({ deploymentId: "old", canaryDeploymentId: "new", percent: 10 });
    expect(changes).to.deep.equal([[noMore, move]]);
  });

  it("promotes the canary's variables with it", async () => {
    const canarySettings = { ...stage.canarySettings, stageVariableOverrides: { colour: "green" } };
    const { changes } = await act({ ...stage, canarySettings }, "promote");
    const variables = { op: "copy", from: "/canarySettings/stageVariableOverrides", path: "/variables" };
    expect(changes).to.deep.equal([[noMore, variables, move]]);
  });

  it("aborts: the canary gets no more requests, and the stage stays where it is", async () => {
    expect((await act(stage, "abort")).changes).to.deep.equal([[noMore]]);
  });

  const closed: [what: string, stage: object, reason: RegExp][] = [
    ["there is none", { deploymentId: "old" }, /is not set up: see thingstack:apiCanaryPercent/],
    ["it is over", { ...stage, canarySettings: { deploymentId: "new", percentTraffic: 0 } }, /was promoted or aborted/],
  ];
  for (const [what, described, reason] of closed) {
    for (const action of ["promote", "abort"] as const) {
      it(`changes nothing when asked to ${action} and ${what}`, async () => {
        const { outcome, changes } = await act(described, action);
        expect(outcome).to.be.instanceOf(NoCanaryError).with.property("message").that.matches(reason);
        expect(changes).to.deep.equal([]);
      });
    }
  }
});
