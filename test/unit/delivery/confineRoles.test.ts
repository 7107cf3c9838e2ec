import { Role } from "@pulumi/aws/iam";
import { Queue } from "@pulumi/aws/sqs";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { confineRoles } from "../../../stacks/bootstrap/confineRoles";

const boundary = "arn:aws:iam::111111111111:policy/thingstack-dev-workload-boundary";

describe("confineRoles", () => {
  it("puts every role, also one deep inside a component, on the stack's path and inside the boundary", async () => {
    const registered: Record<string, Record<string, unknown>> = {};
    await pulumi.runtime.setMocks(
      {
        newResource: ({ name, inputs }) => {
          registered[name] = inputs;
          return { id: name, state: inputs };
        },
        call: () => ({}),
      },
      "thingstack",
      "dev",
    );
    class Wrapper extends pulumi.ComponentResource {
      constructor() {
        super("test:index:Wrapper", "wrapper");
        new Role("deep", { assumeRolePolicy: "{}", description: "Stays as it is" }, { parent: this });
        new Queue("queue", {}, { parent: this });
      }
    }
    await pulumi.runtime.runInPulumiStack(async () => {
      confineRoles(boundary);
      new Wrapper();
    });
    await pulumi.runtime.disconnect();

    expect(registered.deep).to.deep.equal({
      assumeRolePolicy: "{}",
      description: "Stays as it is",
      path: "/thingstack/dev/",
      permissionsBoundary: boundary,
    });
    expect(registered.queue).not.to.have.any.keys("path", "permissionsBoundary");
  });
});
