import { expect } from "chai";
import { presets } from "../../../sandbox/codeDeploy/configs";
import { appSpec, group, inGroup, Lab, revisionOf, target } from "./codeDeployHelp";

describe("CodeDeploy on the local cloud", () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
  });
  afterEach(() => lab.close());

  const routing = { type: "TimeBasedCanary", timeBasedCanary: { canaryPercentage: 5, canaryInterval: 7 } };
  const config = { deploymentConfigName: "slowly", computePlatform: "Lambda", trafficRoutingConfig: routing };
  const tooLong = "x".repeat(101);

  describe("has applications, which", () => {
    it("are made, told of, listed and deleted with their groups", () => {
      const { applicationId } = lab.ask("CreateApplication", { applicationName: "b", computePlatform: "Lambda" });
      expect(lab.ask("GetApplication", { applicationName: "b" })).to.deep.equal({
        application: {
          applicationId,
          applicationName: "b",
          computePlatform: "Lambda",
          createTime: 1_000,
          linkedToGitHub: false,
        },
      });
      expect(lab.ask("ListApplications")).to.deep.equal({ applications: ["app", "b"] });
      lab.createGroup();
      lab.ask("DeleteApplication", { applicationName: "app" });
      expect(lab.ask("ListApplications")).to.deep.equal({ applications: ["b"] });
      lab.ask("CreateApplication", { applicationName: "app", computePlatform: "Lambda" });
      expect(lab.ask("ListDeploymentGroups", inGroup).deploymentGroups).to.deep.equal([]);
    });
  });

  describe("has deployment configurations, which", () => {
    it("are made, told of, listed behind AWS's own, and deleted", () => {
      const { deploymentConfigId } = lab.ask("CreateDeploymentConfig", config);
      expect(lab.ask("GetDeploymentConfig", config).deploymentConfigInfo).to.deep.equal({
        ...config,
        deploymentConfigId,
        createTime: 1_000,
      });
      const list = () => lab.ask("ListDeploymentConfigs").deploymentConfigsList;
      expect(list()).to.deep.equal([...presets.keys(), "slowly"]);
      lab.ask("DeleteDeploymentConfig", config);
      expect(list()).to.deep.equal([...presets.keys()]);
    });

    it("are AWS's own, too", () => {
      const deploymentConfigName = "CodeDeployDefault.LambdaCanary10Percent30Minutes";
      const { deploymentConfigInfo } = lab.ask("GetDeploymentConfig", { deploymentConfigName });
      expect(deploymentConfigInfo.trafficRoutingConfig.timeBasedCanary).to.deep.equal({
        canaryPercentage: 10,
        canaryInterval: 30,
      });
    });

    it("stay while a group uses them", () => {
      lab.ask("CreateDeploymentConfig", config);
      lab.createGroup({ deploymentConfigName: "slowly" });
      expect(lab.outcome("DeleteDeploymentConfig", config)).to.equal("DeploymentConfigInUseException");
      lab.ask("DeleteDeploymentGroup", inGroup);
      expect(lab.outcome("DeleteDeploymentConfig", config)).to.deep.equal({});
    });
  });

  describe("has deployment groups, which", () => {
    const told = () => lab.ask("GetDeploymentGroup", inGroup).deploymentGroupInfo;

    it("are made, told of, listed and deleted", () => {
      const { deploymentGroupId } = lab.ask("CreateDeploymentGroup", group);
      expect(told()).to.deep.equal({ ...group, deploymentGroupId, computePlatform: "Lambda" });
      expect(lab.ask("ListDeploymentGroups", inGroup)).to.deep.equal({
        applicationName: "app",
        deploymentGroups: ["greeter"],
      });
      expect(lab.ask("DeleteDeploymentGroup", inGroup)).to.deep.equal({ hooksNotCleanedUp: [] });
      expect(lab.outcome("GetDeploymentGroup", inGroup)).to.equal("DeploymentGroupDoesNotExistException");
    });

    it("change in what is said, and keep the rest", () => {
      lab.createGroup({ alarmConfiguration: { enabled: true, alarms: [{ name: "a" }] } });
      const old = told();
      const autoRollbackConfiguration = { enabled: true, events: ["DEPLOYMENT_FAILURE"] };
      const change = { applicationName: "app", currentDeploymentGroupName: "greeter", autoRollbackConfiguration };
      lab.ask("UpdateDeploymentGroup", change);
      expect(told()).to.deep.equal({ ...old, autoRollbackConfiguration });
    });

    it("get another name, and keep id and tags", () => {
      lab.createGroup({ tags: [{ Key: "team", Value: "a" }] });
      const { deploymentGroupId } = told();
      const renaming = { applicationName: "app", currentDeploymentGroupName: "greeter" };
      lab.ask("UpdateDeploymentGroup", { ...renaming, newDeploymentGroupName: "host" });
      expect(lab.outcome("GetDeploymentGroup", inGroup)).to.equal("DeploymentGroupDoesNotExistException");
      const renamed = lab.ask("GetDeploymentGroup", { ...inGroup, deploymentGroupName: "host" });
      expect(renamed.deploymentGroupInfo.deploymentGroupId).to.equal(deploymentGroupId);
      expect(lab.ask("ListTagsForResource", { ResourceArn: arn("deploymentgroup:app/host") }).Tags).to.have.length(1);
    });
  });

  const arn = (resource: string) => `arn:aws:codedeploy:${target.region}:${target.accountId}:${resource}`;

  describe("has tags, which", () => {
    for (const resource of ["application:app", "deploymentgroup:app/greeter"]) {
      it(`are set, replaced and removed: of ${resource}`, () => {
        lab.createGroup();
        const ResourceArn = arn(resource);
        const Tags = [
          { Key: "a", Value: "1" },
          { Key: "b", Value: "2" },
        ];
        lab.ask("TagResource", { ResourceArn, Tags });
        lab.ask("TagResource", { ResourceArn, Tags: [{ Key: "b", Value: "3" }] });
        lab.ask("UntagResource", { ResourceArn, TagKeys: ["a"] });
        expect(lab.ask("ListTagsForResource", { ResourceArn })).to.deep.equal({ Tags: [{ Key: "b", Value: "3" }] });
      });
    }

    it("come with what is made, and go with what is deleted", () => {
      const tagged = { applicationName: "b", computePlatform: "Lambda", tags: [{ Key: "a", Value: "1" }] };
      lab.ask("CreateApplication", tagged);
      const list = () => lab.ask("ListTagsForResource", { ResourceArn: arn("application:b") }).Tags;
      expect(list()).to.deep.equal(tagged.tags);
      lab.ask("DeleteApplication", tagged);
      lab.ask("CreateApplication", { ...tagged, tags: undefined });
      expect(list()).to.deep.equal([]);
    });
  });

  describe("takes for deleted what was not there", () => {
    for (const [operation, input] of [
      ["DeleteApplication", { applicationName: "none" }],
      ["DeleteDeploymentConfig", { deploymentConfigName: "none" }],
      ["DeleteDeploymentGroup", { applicationName: "none", deploymentGroupName: "none" }],
    ] as const) {
      it(operation, () => {
        expect(lab.outcome(operation, input)).to.be.an("object");
      });
    }
  });

  const alarms = (...names: string[]) => ({
    ...group,
    alarmConfiguration: { enabled: true, alarms: names.map((name) => ({ name })) },
  });
  const rollsBack = (...events: string[]) => ({ ...group, autoRollbackConfiguration: { enabled: true, events } });
  const update = { applicationName: "app", currentDeploymentGroupName: "taken" };
  const deployment = { applicationName: "app", deploymentGroupName: "taken", revision: revisionOf(appSpec()) };
  const unknownId = { deploymentId: "d-ABCDEF123" };

  /** There is an application `app` with a group `taken`, and a configuration `taken`. */
  const refused: [operation: string, what: string, input: object, exception: string][] = [
    ["CreateApplication", "without a name", {}, "ApplicationNameRequiredException"],
    ["CreateApplication", "with a bad name", { applicationName: "a b" }, "InvalidApplicationNameException"],
    ["CreateApplication", "with too long a name", { applicationName: tooLong }, "InvalidApplicationNameException"],
    ["CreateApplication", "for servers", { applicationName: "b" }, "InvalidComputePlatformException"],
    [
      "CreateApplication",
      "that is there",
      { applicationName: "app", computePlatform: "Lambda" },
      "ApplicationAlreadyExistsException",
    ],
    ["GetApplication", "that is not there", { applicationName: "none" }, "ApplicationDoesNotExistException"],
    ["DeleteApplication", "without a name", {}, "ApplicationNameRequiredException"],

    ["CreateDeploymentConfig", "without a name", {}, "DeploymentConfigNameRequiredException"],
    [
      "CreateDeploymentConfig",
      "with a bad name",
      { ...config, deploymentConfigName: "a/b" },
      "InvalidDeploymentConfigNameException",
    ],
    [
      "CreateDeploymentConfig",
      "with a name that AWS keeps for itself",
      { ...config, deploymentConfigName: "CodeDeployDefault.Mine" },
      "InvalidDeploymentConfigNameException",
    ],
    [
      "CreateDeploymentConfig",
      "for servers",
      { ...config, computePlatform: undefined },
      "InvalidComputePlatformException",
    ],
    [
      "CreateDeploymentConfig",
      "that is there",
      { ...config, deploymentConfigName: "taken" },
      "DeploymentConfigAlreadyExistsException",
    ],
    [
      "CreateDeploymentConfig",
      "that AWS has",
      { ...config, deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce" },
      "DeploymentConfigAlreadyExistsException",
    ],
    [
      "CreateDeploymentConfig",
      "without a routing",
      { ...config, trafficRoutingConfig: undefined },
      "InvalidTrafficRoutingConfigurationException",
    ],
    [
      "GetDeploymentConfig",
      "that is not there",
      { deploymentConfigName: "none" },
      "DeploymentConfigDoesNotExistException",
    ],
    [
      "GetDeploymentConfig",
      "that AWS does not have",
      { deploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent7Minutes" },
      "DeploymentConfigDoesNotExistException",
    ],
    [
      "DeleteDeploymentConfig",
      "of AWS's",
      { deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce" },
      "InvalidOperationException",
    ],

    [
      "CreateDeploymentGroup",
      "in no application",
      { ...group, applicationName: "none" },
      "ApplicationDoesNotExistException",
    ],
    [
      "CreateDeploymentGroup",
      "without a name",
      { ...group, deploymentGroupName: "" },
      "DeploymentGroupNameRequiredException",
    ],
    [
      "CreateDeploymentGroup",
      "with a bad name",
      { ...group, deploymentGroupName: "a:b" },
      "InvalidDeploymentGroupNameException",
    ],
    [
      "CreateDeploymentGroup",
      "that is there",
      { ...group, deploymentGroupName: "taken" },
      "DeploymentGroupAlreadyExistsException",
    ],
    [
      "CreateDeploymentGroup",
      "with a configuration that is not there",
      { ...group, deploymentConfigName: "none" },
      "DeploymentConfigDoesNotExistException",
    ],
    ["CreateDeploymentGroup", "without a role", { ...group, serviceRoleArn: undefined }, "RoleRequiredException"],
    ["CreateDeploymentGroup", "with a role's name", { ...group, serviceRoleArn: "greeter" }, "InvalidRoleException"],
    ["CreateDeploymentGroup", "with alarms that are none", alarms(), "InvalidAlarmConfigException"],
    ["CreateDeploymentGroup", "with an alarm without a name", alarms(""), "InvalidAlarmConfigException"],
    ["CreateDeploymentGroup", "with an alarm twice", alarms("a", "b", "a"), "InvalidAlarmConfigException"],
    ["CreateDeploymentGroup", "with eleven alarms", alarms(..."abcdefghijk"), "AlarmsLimitExceededException"],
    ["CreateDeploymentGroup", "that rolls back on nothing", rollsBack(), "InvalidAutoRollbackConfigException"],
    [
      "CreateDeploymentGroup",
      "that rolls back on what there is not",
      rollsBack("DEPLOYMENT_FAILURE", "RAIN"),
      "InvalidAutoRollbackConfigException",
    ],
    ["GetDeploymentGroup", "that is not there", inGroup, "DeploymentGroupDoesNotExistException"],
    ["ListDeploymentGroups", "of no application", { applicationName: "none" }, "ApplicationDoesNotExistException"],
    [
      "UpdateDeploymentGroup",
      "that is not there",
      { ...update, currentDeploymentGroupName: "none" },
      "DeploymentGroupDoesNotExistException",
    ],
    [
      "UpdateDeploymentGroup",
      "to a name that is taken",
      { ...update, newDeploymentGroupName: "other" },
      "DeploymentGroupAlreadyExistsException",
    ],
    [
      "UpdateDeploymentGroup",
      "to a configuration that is not there",
      { ...update, deploymentConfigName: "none" },
      "DeploymentConfigDoesNotExistException",
    ],
    [
      "UpdateDeploymentGroup",
      "to alarms that are none",
      { ...update, alarmConfiguration: { enabled: true, alarms: [] } },
      "InvalidAlarmConfigException",
    ],

    [
      "CreateDeployment",
      "in no group",
      { ...deployment, deploymentGroupName: "none" },
      "DeploymentGroupDoesNotExistException",
    ],
    [
      "CreateDeployment",
      "by no configuration",
      { ...deployment, deploymentConfigName: "none" },
      "DeploymentConfigDoesNotExistException",
    ],
    ["CreateDeployment", "of nothing", { ...deployment, revision: undefined }, "RevisionRequiredException"],
    [
      "CreateDeployment",
      "of a revision in S3",
      { ...deployment, revision: { revisionType: "S3" } },
      "InvalidRevisionException",
    ],
    [
      "CreateDeployment",
      "of no AppSpec",
      { ...deployment, revision: revisionOf("nonsense") },
      "InvalidRevisionException",
    ],
    ["GetDeployment", "without an id", {}, "DeploymentIdRequiredException"],
    ["GetDeployment", "with what is no id", { deploymentId: "greeter" }, "InvalidDeploymentIdException"],
    ["GetDeployment", "that is not there", unknownId, "DeploymentDoesNotExistException"],
    ["StopDeployment", "that is not there", unknownId, "DeploymentDoesNotExistException"],
    ["ListDeploymentTargets", "that are not there", unknownId, "DeploymentDoesNotExistException"],
    ["PutLifecycleEventHookExecutionStatus", "for none", unknownId, "DeploymentDoesNotExistException"],

    ["ListTagsForResource", "of nothing", {}, "ResourceArnRequiredException"],
    ["TagResource", "of what is no ARN", { ResourceArn: "app", Tags: [] }, "InvalidArnException"],
    ["TagResource", "of a configuration", { ResourceArn: arn("deploymentconfig:taken") }, "ArnNotSupportedException"],
    ["TagResource", "of no application", { ResourceArn: arn("application:none") }, "ApplicationDoesNotExistException"],
    [
      "UntagResource",
      "of no group",
      { ResourceArn: arn("deploymentgroup:app/none") },
      "DeploymentGroupDoesNotExistException",
    ],

    ["RegisterOnPremisesInstance", "which is not for functions", {}, "UnknownOperationException"],
    ["toString", "which is none", {}, "UnknownOperationException"],
  ];
  for (const [operation, what, input, exception] of refused) {
    it(`refuses ${operation} ${what}: ${exception}`, () => {
      lab.ask("CreateDeploymentConfig", { ...config, deploymentConfigName: "taken" });
      lab.createGroup({ deploymentGroupName: "taken" });
      lab.createGroup({ deploymentGroupName: "other" });
      const everything = () => [
        lab.ask("ListApplications"),
        lab.ask("ListDeploymentConfigs"),
        lab.ask("GetDeploymentGroup", { ...inGroup, deploymentGroupName: "taken" }),
        lab.ask("ListDeploymentGroups", inGroup),
        lab.ask("ListDeployments"),
      ];
      const before = everything();
      expect(lab.outcome(operation, input)).to.equal(exception);
      expect(everything(), "nothing has changed").to.deep.equal(before);
    });
  }
});
