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

/** What the required tags of the compliant stack are. */
export const tags = { project: "a", environment: "b", owner: "c" };

/** A row that takes a resource out of the stack. */
export const gone = (name: string, title: string, finds: string[], says?: RegExp): Row => ({
  title,
  on: name,
  change: (_props, _resource, stack) => remove(stack, name),
  finds,
  says,
});

/** A row that adds resources, which are then all that can call the worker. */
export const add = (title: string, resources: TestResource[], finds: string[], says?: RegExp): Row => ({
  title,
  on: "on-failure",
  // Nothing but the added resource can be what calls the worker.
  change: (_props, _resource, stack) => {
    remove(stack, "on-failure");
    remove(stack, "permission");
    remove(stack, "rule");
    stack.push(...resources);
  },
  finds,
  says,
});

/** The configuration of the security pack. */
export const security = (entries: object) => ({ "thingstack-security": { ...entries } });

/** Rows that replace the statement of the document `policy` of a resource. */
export const statement = (
  on: string,
  title: string,
  given: object,
  finds: string[],
  says?: RegExp,
  entries?: object,
): Row => ({
  title,
  on,
  change: (props) => {
    props.policy = document(given);
  },
  finds,
  says,
  ...(entries && { config: security(entries) }),
});

export const arn = (service: string, name: string) => `arn:aws:${service}:eu-central-1:123456789012:${name}`;
