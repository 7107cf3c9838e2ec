import { randomUUID } from "node:crypto";
import type { CreateApplicationInput, DeleteApplicationInput, GetApplicationInput } from "@aws-sdk/client-codedeploy";
import { CodeDeployError } from "./errors";
import type { Group } from "./group";
import { now } from "./lifecycle";
import { checkFree, checkName } from "./names";
import type { Operations } from "./operation";
import { tagMap } from "./tagOperations";

/** What groups are in. */
export interface Application {
  readonly applicationId: string;
  readonly applicationName: string;
  readonly createTime: number;
  readonly groups: Map<string, Group>;
  readonly tags: Map<string, string>;
}

export const applicationOperations = {
  CreateApplication(account, { applicationName, computePlatform = "Server", tags }: CreateApplicationInput) {
    const name = checkName("Application", applicationName);
    checkLambda(computePlatform);
    checkFree("Application", name, account.applications.has(name));
    const applicationId = randomUUID();
    const application = { applicationId, applicationName: name, createTime: now() };
    account.applications.set(name, { ...application, groups: new Map(), tags: tagMap(tags) });
    return { applicationId };
  },

  GetApplication(account, input: GetApplicationInput) {
    const { applicationId, applicationName, createTime } = account.application(input.applicationName);
    const application = { applicationId, applicationName, createTime };
    return { application: { ...application, computePlatform: "Lambda", linkedToGitHub: false } };
  },

  ListApplications(account) {
    return { applications: [...account.applications.keys()] };
  },

  /** With its groups; AWS takes it for deleted when there was none, too. */
  DeleteApplication(account, { applicationName }: DeleteApplicationInput) {
    account.applications.delete(checkName("Application", applicationName));
    return {};
  },
} satisfies Operations;

/** @throws CodeDeployError InvalidComputePlatformException */
export function checkLambda(computePlatform: string): void {
  if (computePlatform === "Lambda") return;
  const message = `the local cloud has CodeDeploy for Lambda, not for ${computePlatform}`;
  throw new CodeDeployError("InvalidComputePlatformException", message);
}
