import { CodeDeployClient } from "@aws-sdk/client-codedeploy";
import { GetAliasCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { Handler, type HandlerArgs, LiveFunctions, type Rollout } from "../../components";
import type { LiveFunctionsOutput } from "../../operations/deploy/release";
import { type AwsConfig, awsConfig } from "../../sandbox/aws";
import { type Deployment, deploy } from "../../sandbox/deploy/inProcess";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";

export type Greeter = HandlerArgs<{ name: string }, string>;

/** A minute of a rollout takes 50 ms: a bake time of 30 minutes one and a half seconds. */
const releaseSpeed = 1_200;

/** A local cloud with one function that is released: it greets. */
export class LiveFunctionsLab {
  readonly config: AwsConfig;
  readonly lambda: LambdaClient;
  readonly codeDeploy: CodeDeployClient;
  /** As the stack's output `liveFunctions` has it. */
  stack!: LiveFunctionsOutput;
  functionName!: string;
  private deployment: Deployment | undefined;

  private constructor(readonly cloud: LocalCloud) {
    this.config = awsConfig(cloud);
    this.lambda = new LambdaClient(this.config);
    this.codeDeploy = new CodeDeployClient(this.config);
  }

  static async open(): Promise<LiveFunctionsLab> {
    return new LiveFunctionsLab(await startLocalCloud({ releaseSpeed }));
  }

  close(): Promise<void> {
    return this.cloud.stop();
  }

  /** What `pulumi up` does: publishes a version of what changed. */
  async up(greeter: Partial<Greeter>, rollout: Rollout = "AllAtOnce"): Promise<void> {
    this.deployment = await deploy({
      program: () => {
        const liveFunctions = new LiveFunctions("live", { rollout });
        const handler = new Handler<{ name: string }, string>("greeter", {
          description: "Greets",
          callbackFactory:
            () =>
            async ({ name }) =>
              `hello ${name}`,
          liveFunctions,
          ...greeter,
        });
        const { functions, application } = liveFunctions;
        return { functionName: handler.name, stack: { applicationName: application.name, functions } };
      },
      project: "thingstack",
      stack: "test",
      config: { "aws:region": this.cloud.region },
      cloud: this.cloud,
      previous: this.deployment?.state,
    });
    this.stack = this.deployment.outputs.stack?.value as LiveFunctionsOutput;
    this.functionName = this.deployment.outputs.functionName?.value as string;
  }

  /** What the alias answers. */
  async greet(): Promise<string> {
    const Payload = Buffer.from(JSON.stringify({ name: "Ada" }));
    const call = new InvokeCommand({ FunctionName: this.functionName, Qualifier: "live", Payload });
    return (await this.lambda.send(call)).Payload!.transformToString();
  }

  async liveVersion(): Promise<string | undefined> {
    const alias = new GetAliasCommand({ FunctionName: this.functionName, Name: "live" });
    return (await this.lambda.send(alias)).FunctionVersion;
  }
}
