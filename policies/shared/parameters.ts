import type { PolicyConfigJSONSchema } from "@pulumi/policy/schema";

/** The parameters of a policy: a JSON schema, a default and a description for each key of its configuration. */
export type Parameters<Config> = {
  [Key in keyof Config]: PolicyConfigJSONSchema & { default: Config[Key]; description: string };
};

/** The configuration that was given, filled up with the defaults. The engine does this too; other callers may not. */
export function withDefaults<Config>(parameters: Parameters<Config> | undefined, given: Partial<Config>): Config {
  const defaults = Object.entries(parameters ?? {}).map(([key, schema]) => [
    key,
    (schema as { default: unknown }).default,
  ]);
  return { ...Object.fromEntries(defaults), ...given } as Config;
}
