import type { FunctionCase } from "../support/functionCase";

const call = "POST /2015-03-31/functions/fn:2/invocations";
const release = { DeploymentId: "d-1", LifecycleEventHookExecutionId: "e-1" };

/** A deployment of version 2, as CodeDeploy tells of it. */
const deployment = {
  GetDeployment: {
    body: JSON.stringify({
      deploymentInfo: {
        revision: {
          appSpecContent: {
            content: JSON.stringify({
              Resources: [
                { it: { Properties: { Name: "fn", Alias: "live", CurrentVersion: "1", TargetVersion: "2" } } },
              ],
            }),
          },
        },
      },
    }),
  },
};

export const releaseFunctionCases: readonly FunctionCase[] = [
  {
    promise: "lets a version through that answers a dry run",
    function: "live-dry-run-function",
    event: release,
    answers: { ...deployment, [call]: { body: JSON.stringify({ ready: true, version: "2" }) } },
    result: { status: "Succeeded" },
    calls: ["GetDeployment", call, "PutLifecycleEventHookExecutionStatus"],
  },
  {
    promise: "refuses a version that fails on an event of its trigger, and tells CodeDeploy",
    function: "live-dry-run-function",
    event: release,
    answers: { ...deployment, [call]: { body: JSON.stringify({ ready: false, reason: "TypeError: no" }) } },
    result: { status: "Failed", reason: "version 2 fails on an event of its trigger: TypeError: no" },
    calls: ["GetDeployment", call, "PutLifecycleEventHookExecutionStatus"],
  },
  {
    promise: "refuses a version that gives no answer, and tells CodeDeploy",
    function: "live-dry-run-function",
    event: release,
    answers: deployment,
    result: { status: "Failed", reason: "version 2 gives no answer to a dry run" },
    calls: ["GetDeployment", call, "PutLifecycleEventHookExecutionStatus"],
  },
  {
    promise: "refuses when it can't see what is to be released, and tells CodeDeploy",
    function: "live-dry-run-function",
    event: release,
    answers: { GetDeployment: { status: 400, body: JSON.stringify({ __type: "AccessDenied", message: "no" }) } },
    result: { status: "Failed", reason: "no" },
    calls: ["GetDeployment", "PutLifecycleEventHookExecutionStatus"],
  },
];
