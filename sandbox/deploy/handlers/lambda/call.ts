import { createHash } from "node:crypto";
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { lambda } from "@pulumi/aws";
import { orGone } from "../../context";
import type { ResourceHandler } from "../../handler";

/**
 * One call of a function, made when it is created, and again when what it is given changes. As AWS keeps no trace of it, it
 * is read as it was noted, for as long as there is its function.
 */
export const invocation: ResourceHandler<lambda.InvocationArgs, lambda.InvocationState> = {
  replaceOn: ["functionName", "qualifier", "input", "triggers"],

  async create({ functionName, qualifier, input }, ctx) {
    const { FunctionError, Payload } = await ctx.client(LambdaClient).send(
      new InvokeCommand({
        FunctionName: functionName,
        Qualifier: qualifier,
        Payload: new TextEncoder().encode(input),
      }),
    );
    const result = new TextDecoder().decode(Payload);
    if (FunctionError) throw new Error(`the function ${functionName} failed (${FunctionError}): ${result}`);
    const id = `${functionName}_${qualifier ?? "$LATEST"}_${createHash("md5").update(input).digest("hex")}`;
    return { id, outputs: { result } };
  },

  async read(_id, state, ctx) {
    const request = { FunctionName: state.functionName, Qualifier: state.qualifier };
    return (await orGone(ctx.client(LambdaClient).send(new GetFunctionConfigurationCommand(request)))) && state;
  },

  async delete() {
    // What a call did is not undone.
  },
};
