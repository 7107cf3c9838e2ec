import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { assertAccount } from "../../stacks/account";

describe("the account of a stack", () => {
  const asked = async (answer: () => Record<string, unknown>): Promise<Error | undefined> => {
    await pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: answer }, "thingstack", "dev");
    return assertAccount(["111111111111"], "dev").then(
      () => undefined,
      (error: Error) => error,
    );
  };
  const refuse = (message: string) => () => {
    // Pulumi reads `details` of a failed call, as of any gRPC error.
    throw Object.assign(new Error(message), { details: message });
  };

  it("is accepted when it is the stack's", async () => {
    expect(await asked(() => ({ accountId: "111111111111" }))).to.equal(undefined);
  });

  const refusals: [string, () => Record<string, unknown>, RegExp][] = [
    ["is another", () => ({ accountId: "222222222222" }), /to account 111111111111, but .* account 222222222222\./],
    [
      "is refused by the AWS provider",
      refuse("AWS account ID not allowed: 222222222222"),
      /to account 111111111111, but the AWS provider refuses .* 222222222222/,
    ],
  ];
  for (const [what, answer, message] of refusals) {
    it(`that ${what} is named beside the stack's, with the way out and no stack trace`, async () => {
      const error = await asked(answer);
      expect(error?.message)
        .to.match(message)
        .and.match(/Nothing was changed.*Pulumi\.dev\.yaml/);
      expect(error?.stack).to.equal("");
    });
  }

  it("can't be told: the reason stays what it was", async () => {
    const error = await asked(refuse("no credentials found"));
    expect(error?.message)
      .to.match(/no credentials found/)
      .and.not.match(/belongs to/);
  });
});
