import type * as pulumi from "@pulumi/pulumi";
import type { Grant } from "../access/grants";

/*
 * What the functions of a rollout may do with AWS IoT. `iot` is the beginning of an ARN: `arn:aws:iot:<region>:<account>`.
 */

type Prefix = pulumi.Output<string>;

const under = (iot: Prefix, ...names: string[]) => names.map((name) => iot.apply((arn) => `${arn}:${name}`));

/** May make, change and delete the dynamic groups of a component. */
export const manageGroups = (iot: Prefix, component: string): Grant => ({
  sid: "ManageGroups",
  actions: [
    "iot:CreateDynamicThingGroup",
    "iot:UpdateDynamicThingGroup",
    "iot:DeleteDynamicThingGroup",
    "iot:DescribeThingGroup",
    "iot:ListThingsInThingGroup",
  ],
  resources: under(iot, `thinggroup/${component}-*`, "index/AWS_Things"),
});

/** May make and cancel the jobs of some apps, for the component's groups. */
export const manageJobs = (iot: Prefix, component: string, apps: readonly string[]): Grant => ({
  sid: "ManageJobs",
  actions: ["iot:CreateJob", "iot:DescribeJob", "iot:CancelJob"],
  resources: under(iot, ...apps.map((app) => `job/${app}-*`), `thinggroup/${component}-*`),
});

/** May read the documents of the jobs of some apps. */
export const readJobDocuments = (iot: Prefix, apps: readonly string[]): Grant => ({
  sid: "ReadJobDocuments",
  actions: ["iot:GetJobDocument"],
  resources: under(iot, ...apps.map((app) => `job/${app}-*`)),
});

/** May see what AWS IoT has switched on; AWS offers no narrower resource than `*`. */
export const readAccount: Grant = {
  sid: "ReadAccount",
  actions: ["iot:GetIndexingConfiguration", "iot:DescribeEventConfigurations"],
  resources: ["*"],
};

/** May give a role to AWS IoT. */
export const passRole = (roleArn: pulumi.Input<string>): Grant => ({
  sid: "PassRole",
  actions: ["iam:PassRole"],
  resources: [roleArn],
});

/**
 * May read and write the shadows and attributes of all things. AWS could confine the writing to `thing/*` followed by the
 * shadow's name; MiniStack knows a shadow by its thing alone.
 */
export const recordVersions = (iot: Prefix): Grant => ({
  sid: "AnyResourceBecauseReleasesReachEveryThingOfTheAccount",
  actions: ["iot:GetThingShadow", "iot:UpdateThingShadow", "iot:DescribeThing", "iot:UpdateThing"],
  resources: under(iot, "thing/*"),
});
