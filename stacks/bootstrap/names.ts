import type { Settings } from "./settings";

/** Where everything lies that the bootstrap makes and that deployments, workflows and documentation refer to. */
export interface Names {
  /** One state bucket and one key per account and region, shared by the stacks of the project there. */
  readonly bucket: string;
  readonly keyAlias: string;
  /** The roles that GitHub Actions takes, by OIDC. */
  readonly deployRole: string;
  readonly previewRole: string;
  readonly testRole: string;
  /** What the deploy role may do at most, and what the roles it makes may do at most. */
  readonly deployBoundary: string;
  readonly workloadBoundary: string;
  /** The IAM path of the roles of the stack itself: the only ones that the deploy role may touch or pass on. */
  readonly workloadPath: string;
  readonly oidcProviderArn: string;
}

export const workloadPath = (project: string, stack: string) => `/${project}/${stack}/`;

export function namesFor({ project, stack, account, region }: Settings): Names {
  return {
    bucket: `${project}-state-${account}-${region}`,
    keyAlias: `alias/${project}-state`,
    deployRole: `${project}-${stack}-deploy`,
    previewRole: `${project}-${stack}-preview`,
    testRole: `${project}-${stack}-test`,
    deployBoundary: `${project}-${stack}-deploy-boundary`,
    workloadBoundary: `${project}-${stack}-workload-boundary`,
    workloadPath: workloadPath(project, stack),
    oidcProviderArn: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`,
  };
}

/** The arguments of `pulumi login` and of `--secrets-provider`. */
export function pulumiUrls(settings: Settings): { backend: string; secretsProvider: string } {
  const { bucket, keyAlias } = namesFor(settings);
  return {
    backend: `s3://${bucket}?region=${settings.region}&awssdk=v2`,
    secretsProvider: `awskms://${keyAlias}?region=${settings.region}&awssdk=v2`,
  };
}
