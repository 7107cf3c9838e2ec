import { type Subject, stackName } from "./policy";

export interface ProtectedStacks {
  protectedStacks: string[];
}

/** The parameter that says which stacks hold what must not be lost. */
export const protectedStacksParameter = {
  protectedStacks: {
    description: "Names of the stacks that hold what must not be lost; `*` stands for any letters",
    type: "array" as const,
    items: { type: "string" as const, minLength: 1 },
    default: ["prod", "prod-*", "production"],
  },
};

/** Whether a resource belongs to a stack that holds what must not be lost. */
export function inProtectedStack(subject: Pick<Subject, "urn">, { protectedStacks }: ProtectedStacks): boolean {
  return protectedStacks.some((pattern) => matches(stackName(subject), pattern));
}

/** Whether a text matches a pattern in which `*` stands for any letters. */
export function matches(text: string, pattern: string): boolean {
  const literal = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`).test(text);
}
