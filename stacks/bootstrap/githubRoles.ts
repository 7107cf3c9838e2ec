import type { IAMClient } from "@aws-sdk/client-iam";
import { oidcProviderStep, policyStep, roleSteps } from "./iamSteps";
import { namesFor } from "./names";
import {
  deployBoundary,
  readPermissions,
  statePermissions,
  testPermissions,
  trust,
  workloadBoundary,
  writePermissions,
} from "./permissions";
import type { Settings } from "./settings";
import type { Step } from "./step";

/**
 * What GitHub Actions needs to deploy one stack without a stored key:
 *
 * - `<project>-<stack>-preview` reads configuration and state. Pull requests and the nightly drift check take it.
 * - `<project>-<stack>-deploy` changes the stack inside its boundary. Only jobs of the GitHub environment `<stack>` take
 *   it, so restrict that environment to the main branch, and give prod's required reviewers.
 * - `<project>-<stack>-test`, if asked for, plays with a deployed stack in end-to-end tests; not for production.
 */
export function githubRoleSteps(
  iam: IAMClient,
  settings: Settings,
  keyArn: () => string | undefined,
  withTestRole: boolean,
): Step[] {
  const names = namesFor(settings);
  const tags = { Project: settings.project, Stack: settings.stack };
  const policyArn = (name: string) => `arn:aws:iam::${settings.account}:policy/${name}`;
  const readPolicy = policyArn(`${settings.project}-${settings.stack}-read`);
  // A dry run of a new account has no key yet; its policies are not there either, so what they say makes no difference.
  const key = () => keyArn() ?? `arn:aws:kms:${settings.region}:${settings.account}:key/not-made-yet`;
  const ofEnvironment = trust(settings, `environment:${settings.stack}`);
  return [
    oidcProviderStep(iam, names.oidcProviderArn, { Project: settings.project }),
    policyStep(
      iam,
      policyArn(names.workloadBoundary),
      `The most that a role of the stack ${settings.stack} can do`,
      () => workloadBoundary(settings, key()),
      tags,
    ),
    policyStep(
      iam,
      policyArn(names.deployBoundary),
      `The most that a deployment of ${settings.stack} can do`,
      () => deployBoundary(settings, key()),
      tags,
    ),
    policyStep(
      iam,
      readPolicy,
      `Reads the configuration of ${settings.stack}, no data`,
      () => readPermissions(settings),
      tags,
    ),
    ...roleSteps(iam, {
      name: names.previewRole,
      description: `previews ${settings.stack} and looks for drift`,
      trust: trust(settings, "pull_request", "ref:refs/heads/main"),
      boundaryArn: policyArn(names.deployBoundary),
      attached: [readPolicy],
      inline: { state: () => statePermissions(settings, key(), false) },
      tags,
    }),
    ...roleSteps(iam, {
      name: names.deployRole,
      description: `deploys ${settings.stack}`,
      trust: ofEnvironment,
      boundaryArn: policyArn(names.deployBoundary),
      attached: [readPolicy],
      inline: { state: () => statePermissions(settings, key(), true), write: () => writePermissions(settings) },
      tags,
    }),
    ...(withTestRole
      ? roleSteps(iam, {
          name: names.testRole,
          description: `runs end-to-end tests against ${settings.stack}`,
          trust: ofEnvironment,
          attached: [],
          inline: {
            state: () => statePermissions(settings, key(), false),
            play: () => testPermissions(settings),
          },
          tags,
        })
      : []),
  ];
}
