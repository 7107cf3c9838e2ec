import { expect } from "chai";
import { appSpec, inGroup, Lab, minute, properties, refusal, revisionOf, rollback } from "./codeDeployHelp";

const before = { BeforeAllowTraffic: "judge" };
const after = { AfterAllowTraffic: "witness" };
const looks = "looks at the alias";
const toOne = "moves greeter-1:live to 1";
const toTwo = "moves greeter-1:live to 2";
const alarmConfiguration = { enabled: true, alarms: [{ name: "errors" }, { name: "slow" }] };

describe("a deployment on the local cloud", () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
  });
  afterEach(async () => {
    await lab.close();
    expect(lab.calls.open, "clients that nobody closed").to.equal(0);
  });

  /** Its status, and the code of what ended it. */
  const end = (id: string) => [lab.info(id).status, lab.info(id).errorInformation?.code];

  describe("that succeeds", () => {
    it("calls the first hook, shifts traffic, bakes, calls the second, in this order", async () => {
      lab.createGroup();
      const id = lab.deploy([before, after]);
      await lab.pass();
      expect(lab.calls.asked).to.deep.equal([looks, "calls judge"]);
      expect(lab.calls.hooks[0]?.event.DeploymentId).to.equal(id);
      expect(lab.events(id)).to.deep.equal(["InProgress", "Pending", "Pending"]);
      lab.answer("Succeeded");
      await lab.pass();
      expect(lab.calls.asked.slice(2)).to.deep.equal([toTwo]);
      expect(lab.events(id)).to.deep.equal(["Succeeded", "InProgress", "Pending"]);
      await lab.pass(5 * minute - 1);
      expect(lab.calls.asked.slice(3), "within the bake time").to.deep.equal([]);
      await lab.pass(1);
      expect(lab.calls.asked.slice(3)).to.deep.equal(["calls witness"]);
      expect(lab.info(id)).to.include({ status: "InProgress", createTime: 1_000, startTime: 1_000 });
      lab.answer("Succeeded");
      await lab.pass();
      expect(lab.events(id)).to.deep.equal(["Succeeded", "Succeeded", "Succeeded"]);
      expect(lab.info(id)).to.include({ status: "Succeeded", completeTime: 1_300, creator: "user" });
      expect(lab.target(id).status).to.equal("Succeeded");
    });

    it("needs no hooks", async () => {
      lab.createGroup({ deploymentConfigName: undefined });
      const id = lab.deploy();
      await lab.pass();
      expect(end(id)).to.deep.equal(["Succeeded", undefined]);
      expect(lab.events(id)).to.deep.equal(["Skipped", "Succeeded", "Skipped"]);
      expect(lab.info(id).deploymentConfigName).to.equal("CodeDeployDefault.LambdaAllAtOnce");
    });

    const weights: [string, number[]][] = [
      ["LambdaAllAtOnce", [1, 1]],
      ["LambdaCanary10Percent5Minutes", [0.1, 0.1, 0.1, 0.1, 0.1, 1]],
      ["LambdaLinear10PercentEvery1Minute", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
    ];
    for (const [name, expected] of weights) {
      it(`tells the share of calls that AWS would give, minute by minute, and moves once: ${name}`, async () => {
        lab.createGroup({ deploymentConfigName: `CodeDeployDefault.${name}` });
        const id = lab.deploy([before]);
        await lab.pass();
        const weight = () => lab.target(id).lambdaFunctionInfo.targetVersionWeight;
        expect(weight(), "before the first step").to.equal(0);
        lab.answer("Succeeded");
        await lab.pass();
        const seen = [];
        for (const _ of expected) {
          seen.push(weight());
          await lab.pass(minute);
        }
        expect(seen).to.deep.equal(expected);
        expect(lab.calls.asked.filter((what) => what.startsWith("moves"))).to.deep.equal([toTwo]);
      });
    }

    it("goes by another configuration, when it is asked to", async () => {
      lab.createGroup();
      const deploymentConfigName = "CodeDeployDefault.LambdaAllAtOnce";
      const id = lab.deploy([], { deploymentConfigName, description: "quickly" });
      await lab.pass();
      expect(lab.info(id)).to.include({ status: "Succeeded", deploymentConfigName, description: "quickly" });
    });
  });

  describe("that fails", () => {
    /** Each in a group that rolls back, so whatever was moved is back where it was. */
    const failures: [what: string, hooks: object[], fail: () => unknown, code: string, why: RegExp, asked: string[]][] =
      [
        [
          "as a hook refuses",
          [before],
          () => lab.answer("Failed"),
          "HOOK_EXECUTION_FAILURE",
          /^The BeforeAllowTraffic hook judge answered Failed\.$/,
          [looks, "calls judge", looks, toOne],
        ],
        [
          "as a hook never answers: after its own timeout, and ten seconds",
          [before],
          () => lab.pass(70_000),
          "HOOK_EXECUTION_FAILURE",
          /^The BeforeAllowTraffic hook judge did not answer\.$/,
          [looks, "calls judge", looks, toOne],
        ],
        [
          "as the last hook refuses",
          [after],
          async () => {
            await lab.pass(5 * minute);
            lab.answer("Failed");
          },
          "HOOK_EXECUTION_FAILURE",
          /^The AfterAllowTraffic hook witness answered Failed\.$/,
          [looks, toTwo, "calls witness", looks, toOne],
        ],
      ];
    for (const [what, hooks, fail, code, why, asked] of failures) {
      it(what, async () => {
        lab.createGroup({ autoRollbackConfiguration: rollback });
        const id = lab.deploy(hooks);
        await lab.pass();
        await fail();
        await lab.settle();
        expect(end(id)).to.deep.equal(["Failed", code]);
        expect(lab.info(id).errorInformation.message).to.match(why);
        expect(lab.calls.asked).to.deep.equal(asked);
        expect(lab.calls.version).to.equal("1");
      });
    }

    it("waits for a hook as long as the hook may take", async () => {
      lab.createGroup();
      const id = lab.deploy([before]);
      await lab.pass(69_999);
      expect(lab.info(id).status).to.equal("InProgress");
      expect(lab.answer("Succeeded")).to.be.an("object");
    });

    const refusals: [what: string, call: "callHook" | "versionOf" | "moveAlias", name: string, code: string][] = [
      ["as there is no such hook", "callHook", "ResourceNotFoundException", "INVALID_LAMBDA_FUNCTION"],
      ["as its role may not call the hook", "callHook", "AccessDeniedException", "IAM_ROLE_PERMISSIONS"],
      ["as there is no such role", "callHook", "AccessDenied", "IAM_ROLE_PERMISSIONS"],
      ["as there is no such alias", "versionOf", "ResourceNotFoundException", "INVALID_LAMBDA_FUNCTION"],
      ["as the alias can't be moved", "moveAlias", "ServiceException", "INTERNAL_ERROR"],
    ];
    for (const [what, call, name, code] of refusals) {
      it(what, async () => {
        lab.createGroup();
        lab.calls.refusals.set(call, refusal(name, "AWS says no"));
        const id = lab.deploy([before]);
        await lab.pass();
        if (call === "moveAlias") lab.answer("Succeeded");
        await lab.pass();
        expect(end(id)).to.deep.equal(["Failed", code]);
        expect(lab.info(id).errorInformation.message).to.equal("AWS says no");
        expect(lab.calls.version).to.equal("1");
        expect(lab.target(id).status).to.equal("Failed");
      });
    }

    it("as the alias points at another version than it says, which stays", async () => {
      lab.createGroup({ autoRollbackConfiguration: rollback });
      lab.calls.version = "7";
      const id = lab.deploy([before]);
      await lab.pass();
      expect(end(id)).to.deep.equal(["Failed", "INVALID_LAMBDA_CONFIGURATION"]);
      expect(lab.info(id).errorInformation.message).to.match(/live of greeter-1 points at version 7, not at 1/);
      expect(lab.events(id)).to.deep.equal(["Skipped", "Skipped", "Skipped"]);
      expect(lab.calls.asked).to.deep.equal([looks, looks]);
    });
  });

  describe("with alarms", () => {
    it("moves nothing and calls nobody, when one is in ALARM before it starts", async () => {
      lab.createGroup({ alarmConfiguration, deploymentConfigName: undefined });
      lab.calls.alarming.add("slow");
      const id = lab.deploy([before]);
      await lab.pass();
      expect(end(id)).to.deep.equal(["Stopped", "ALARM_ACTIVE"]);
      expect(lab.info(id).errorInformation.message).to.match(/Activated alarms: <slow>$/);
      expect(lab.calls.asked).to.deep.equal([looks]);
    });

    it("stops within its bake time, and names those that ring", async () => {
      lab.createGroup({ alarmConfiguration, autoRollbackConfiguration: rollback });
      const id = lab.deploy();
      await lab.pass(minute);
      lab.calls.alarming.add("errors").add("slow").add("someone-else's");
      await lab.pass(250);
      await lab.settle();
      expect(end(id)).to.deep.equal(["Stopped", "ALARM_ACTIVE"]);
      expect(lab.info(id).errorInformation.message).to.match(/Activated alarms: <errors, slow>$/);
      expect(lab.events(id)).to.deep.equal(["Skipped", "Failed", "Skipped"]);
      expect(lab.calls.asked).to.deep.equal([looks, toTwo, looks, toOne]);
    });

    it("stops while a hook is waited for", async () => {
      lab.createGroup({ alarmConfiguration });
      const id = lab.deploy([before]);
      await lab.pass();
      lab.calls.alarming.add("errors");
      await lab.pass(250);
      expect(end(id)).to.deep.equal(["Stopped", "ALARM_ACTIVE"]);
      expect(lab.answer("Succeeded")).to.equal("LifecycleEventAlreadyCompletedException");
    });

    it("does not look at alarms that are switched off", async () => {
      lab.createGroup({ alarmConfiguration: { ...alarmConfiguration, enabled: false } });
      lab.calls.alarming.add("errors");
      const id = lab.deploy();
      await lab.pass(5 * minute);
      expect(end(id)).to.deep.equal(["Succeeded", undefined]);
    });

    it("fails when it may not look at them", async () => {
      lab.createGroup({ alarmConfiguration });
      lab.calls.refusals.set("ringing", refusal("AccessDenied", "not allowed"));
      const id = lab.deploy();
      await lab.pass();
      expect(end(id)).to.deep.equal(["Failed", "IAM_ROLE_PERMISSIONS"]);
      expect(lab.info(id).errorInformation.message).to.equal("The alarms can't be looked at: not allowed");
    });
  });

  describe("that somebody stops", () => {
    const onRequest = { enabled: true, events: ["DEPLOYMENT_STOP_ON_REQUEST"] };
    const stops: [string, object | undefined, object, version: string][] = [
      ["stays where it is, in a group that does not roll back", undefined, {}, "2"],
      [
        "stays where it is, in a group that rolls back on other events",
        { enabled: true, events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"] },
        {},
        "2",
      ],
      ["stays where it is, when rolling back is switched off", { ...onRequest, enabled: false }, {}, "2"],
      ["goes back, in a group that rolls back on request", onRequest, {}, "1"],
      ["goes back, when the request says so", undefined, { autoRollbackEnabled: true }, "1"],
    ];
    for (const [what, autoRollbackConfiguration, request, version] of stops) {
      it(what, async () => {
        lab.createGroup({ autoRollbackConfiguration });
        const deploymentId = lab.deploy([after]);
        await lab.pass(minute);
        const { status } = lab.ask("StopDeployment", { deploymentId, ...request });
        expect(status).to.equal("Pending");
        await lab.pass();
        expect(end(deploymentId)).to.deep.equal(["Stopped", "MANUAL_STOP"]);
        expect(lab.target(deploymentId).status).to.equal("Failed");
        expect(lab.calls.version).to.equal(version);
        expect(lab.info(deploymentId).rollbackInfo === undefined).to.equal(version === "2");
        expect(lab.outcome("StopDeployment", { deploymentId })).to.equal("DeploymentAlreadyCompletedException");
      });
    }

    it("moves nothing any more, when it is stopped before the first step", async () => {
      lab.createGroup();
      const deploymentId = lab.deploy([before]);
      await lab.pass();
      lab.ask("StopDeployment", { deploymentId });
      await lab.pass(5 * minute);
      expect(lab.calls.asked).to.deep.equal([looks, "calls judge"]);
    });
  });

  describe("that is rolled back", () => {
    it("has a deployment of its own that takes it back, and each names the other", async () => {
      lab.createGroup({ autoRollbackConfiguration: rollback });
      const deploymentId = lab.deploy();
      await lab.pass(minute);
      lab.ask("StopDeployment", { deploymentId });
      await lab.pass();
      const { rollbackInfo } = lab.info(deploymentId);
      const { rollbackDeploymentId } = rollbackInfo;
      const rollbackMessage = `Deployment ${deploymentId} is rolled back: The deployment was stopped by a user.`;
      expect(rollbackInfo).to.deep.equal({ rollbackDeploymentId, rollbackMessage });
      expect(lab.info(rollbackDeploymentId)).to.deep.include({
        ...inGroup,
        status: "Succeeded",
        creator: "codeDeployRollback",
        deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce",
        rollbackInfo: { rollbackTriggeringDeploymentId: deploymentId, rollbackMessage },
      });
      expect(lab.target(rollbackDeploymentId).lambdaFunctionInfo).to.include({
        currentVersion: "2",
        targetVersion: "1",
        targetVersionWeight: 1,
      });
      expect(lab.ask("ListDeployments", inGroup).deployments).to.deep.equal([rollbackDeploymentId, deploymentId]);
      expect(lab.calls.asked).to.deep.equal([looks, toTwo, looks, toOne]);
    });

    it("is over before its alias is back, and its group is busy until then", async () => {
      lab.createGroup({ autoRollbackConfiguration: rollback });
      const deploymentId = lab.deploy();
      await lab.pass(minute);
      let back = () => {};
      const { calls } = lab;
      calls.moveAlias = async () => {
        await new Promise<void>((resolve) => {
          back = resolve;
        });
      };
      lab.ask("StopDeployment", { deploymentId });
      await lab.pass(minute);
      expect(end(deploymentId)).to.deep.equal(["Stopped", "MANUAL_STOP"]);
      const { rollbackDeploymentId } = lab.info(deploymentId).rollbackInfo;
      expect(lab.info(rollbackDeploymentId)).to.include({ status: "InProgress", creator: "codeDeployRollback" });
      const list = lab.ask("ListDeployments", { ...inGroup, includeOnlyStatuses: ["InProgress"] });
      expect(list.deployments).to.deep.equal([rollbackDeploymentId]);
      const another = { ...inGroup, revision: revisionOf(appSpec()) };
      expect(lab.outcome("CreateDeployment", another)).to.equal("DeploymentLimitExceededException");
      back();
      await lab.pass();
      expect(lab.info(rollbackDeploymentId).status).to.equal("Succeeded");
      expect(lab.outcome("CreateDeployment", another)).to.have.property("deploymentId");
    });

    it("says so when its alias can't be moved back", async () => {
      lab.createGroup({ autoRollbackConfiguration: rollback });
      const deploymentId = lab.deploy();
      await lab.pass(minute);
      lab.calls.refusals.set("moveAlias", refusal("AccessDeniedException"));
      lab.ask("StopDeployment", { deploymentId });
      await lab.pass();
      expect(end(deploymentId)).to.deep.equal(["Stopped", "MANUAL_STOP"]);
      expect(end(lab.info(deploymentId).rollbackInfo.rollbackDeploymentId)).to.deep.equal([
        "Failed",
        "IAM_ROLE_PERMISSIONS",
      ]);
      expect(lab.logged.join()).to.equal(`CodeDeploy ${deploymentId} can't be rolled back: refused`);
    });
  });

  describe("is one at a time", () => {
    const another = { ...inGroup, revision: revisionOf(appSpec()) };

    it("in its group: another is refused, and may come when it is over", async () => {
      lab.createGroup();
      lab.deploy();
      expect(lab.outcome("CreateDeployment", another)).to.equal("DeploymentLimitExceededException");
      await lab.pass(5 * minute);
      expect(lab.outcome("CreateDeployment", another)).to.have.property("deploymentId");
    });

    it("in a group that was changed in the meantime", async () => {
      lab.createGroup();
      lab.deploy();
      const change = { applicationName: "app", currentDeploymentGroupName: "greeter", newDeploymentGroupName: "host" };
      lab.ask("UpdateDeploymentGroup", { ...change, autoRollbackConfiguration: rollback });
      expect(lab.outcome("CreateDeployment", { ...another, deploymentGroupName: "host" })).to.equal(
        "DeploymentLimitExceededException",
      );
    });

    it("but goes beside those of other groups", async () => {
      lab.createGroup();
      lab.createGroup({ deploymentGroupName: "other" });
      const [one, two] = [lab.deploy(), lab.deploy([], { deploymentGroupName: "other" })];
      const list = (more: object) => lab.ask("ListDeployments", { applicationName: "app", ...more }).deployments;
      expect(list({ includeOnlyStatuses: ["InProgress"] })).to.deep.equal([two, one]);
      expect(list({ deploymentGroupName: "other" })).to.deep.equal([two]);
      expect(list({ includeOnlyStatuses: ["Succeeded", "Failed"] })).to.deep.equal([]);
      expect(list({ applicationName: "none" })).to.deep.equal([]);
    });
  });

  describe("takes of a hook", () => {
    const answers: [string, object, string][] = [
      ["only Succeeded or Failed", { status: "Skipped" }, "InvalidLifecycleEventHookExecutionStatusException"],
      [
        "no answer to another execution",
        { lifecycleEventHookExecutionId: "none" },
        "InvalidLifecycleEventHookExecutionIdException",
      ],
    ];
    for (const [what, answer, exception] of answers) {
      it(what, async () => {
        lab.createGroup();
        const deploymentId = lab.deploy([before]);
        await lab.pass();
        const { LifecycleEventHookExecutionId: lifecycleEventHookExecutionId } = lab.calls.hooks[0]!.event;
        const good = { deploymentId, lifecycleEventHookExecutionId, status: "Succeeded" };
        expect(lab.outcome("PutLifecycleEventHookExecutionStatus", { ...good, ...answer })).to.equal(exception);
        expect(lab.events(deploymentId)[0]).to.equal("InProgress");
        lab.ask("PutLifecycleEventHookExecutionStatus", good);
      });
    }

    it("one answer", async () => {
      lab.createGroup();
      lab.deploy([before]);
      await lab.pass();
      expect(lab.answer("Succeeded")).to.have.property("lifecycleEventHookExecutionId");
      await lab.pass();
      expect(lab.answer("Failed")).to.equal("LifecycleEventAlreadyCompletedException");
    });
  });

  it("has one target: the alias", async () => {
    lab.createGroup();
    const deploymentId = lab.deploy();
    const { Name, Alias } = properties;
    expect(lab.ask("ListDeploymentTargets", { deploymentId }).targetIds).to.deep.equal([`${Name}:${Alias}`]);
    const target = (targetId?: string) => lab.outcome("GetDeploymentTarget", { deploymentId, targetId });
    expect(target()).to.equal("DeploymentTargetIdRequiredException");
    expect(target("other:live")).to.equal("DeploymentTargetDoesNotExistException");
  });

  it("leaves its alias where it is when the local cloud ends", async () => {
    lab.createGroup({ autoRollbackConfiguration: rollback });
    lab.deploy();
    await lab.pass(minute);
    const closed = lab.account.close();
    await lab.pass();
    await closed;
    expect(lab.calls.asked).to.deep.equal([looks, toTwo]);
  });
});
