import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { record } from "./record";

/** The properties that a constructor refuses, by path; none of its custom resources may have been registered by then. */
export async function refusedProperties(construct: () => unknown): Promise<Record<string, string>> {
  let refused: pulumi.InputPropertiesError | undefined;
  const { resources } = await record(() => {
    try {
      construct();
    } catch (error) {
      if (!pulumi.InputPropertiesError.isInstance(error)) throw error;
      refused = error;
    }
  });
  expect(resources.filter(({ type }) => type.startsWith("aws:")).map(({ name }) => name)).to.deep.equal([]);
  return Object.fromEntries((refused?.errors ?? []).map(({ propertyPath, reason }) => [propertyPath, reason]));
}
