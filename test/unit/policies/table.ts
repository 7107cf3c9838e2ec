import { expect } from "chai";
import { compliantStack } from "./compliantStack";
import { type CheckOptions, check, type Props, type TestResource } from "./support";

/** One field of the compliant stack changed, and what is to be found then: nothing, or violations of one policy each. */
export interface Row extends Pick<CheckOptions, "stack" | "config"> {
  readonly title: string;
  /** The resource that is changed. */
  readonly on: string;
  readonly change: (props: Props, resource: TestResource, stack: TestResource[]) => void;
  /** What is found, as `policy` or, on another resource than the changed one, `policy on resource`. */
  readonly finds?: readonly string[];
  /** Matches the words of all that is found. */
  readonly says?: RegExp;
}

/** Declares a test for each row. */
export function table(rows: readonly Row[]): void {
  for (const { title, on, change, finds = [], says = /./, ...options } of rows) {
    it(title, () => {
      const stack = compliantStack();
      const resource = stack.find(({ name }) => name === on);
      if (!resource) throw new Error(`the compliant stack has no ${on}`);
      change(resource.props, resource, stack);
      const found = check(stack, { ...options, changed: on });
      expect(found.map(({ policy, on: where }) => (where === on ? policy : `${policy} on ${where}`))).to.deep.equal(
        finds,
      );
      for (const { what } of found) expect(what).to.match(says);
    });
  }
}

/** Takes a resource out of a stack. */
export function remove(stack: TestResource[], name: string): void {
  stack.splice(
    stack.findIndex((resource) => resource.name === name),
    1,
  );
}

/** A policy document of one statement, allowing unless it says otherwise. */
export const document = (statement: Props): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });

/** A row that sets properties of a resource; undefined is as good as absent. */
export const set = (on: string, title: string, change: object, finds: string[] = [], says?: RegExp): Row => ({
  title,
  on,
  change: (props) => {
    Object.assign(props, change);
  },
  finds,
  says,
});
