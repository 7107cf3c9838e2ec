import type { CodeDeployAccount } from "./account";

/** Answers one operation of CodeDeploy; its input is as the AWS SDK sends it. @throws CodeDeployError */
export type Operation<Input = never> = (account: CodeDeployAccount, input: Input) => object;

/** By AWS's names. */
export type Operations = Readonly<Record<string, Operation>>;
