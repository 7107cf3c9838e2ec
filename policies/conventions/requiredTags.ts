import { resourcePolicy, type Subject } from "../shared/policy";
import { taggableTypes } from "../shared/taggableTypes";
import { projectOf, stackOf } from "../shared/urn";
import { Values } from "../shared/values";

interface Config {
  keys: string[];
  values: Record<string, string>;
}

/** Every resource that can carry tags says what it belongs to. */
export const requiredTags = resourcePolicy<Config>({
  name: "required-tags",
  description: "Resources that take tags have the required ones.",
  why: "costs, alarms and clean-ups are sorted by tags; a resource without them is nobody's.",
  fix:
    "set the tags once for all resources, in the provider's defaultTags (`aws:defaultTags` in Pulumi.<stack>.yaml), or set " +
    "this policy to `remediate` and let it add what it knows.",
  link: "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
  severity: "medium",
  parameters: {
    keys: {
      description: "The tags that every resource has",
      type: "array",
      items: { type: "string", minLength: 1 },
      default: ["project", "environment", "owner"],
    },
    values: {
      description:
        "What `remediate` sets where a tag is missing; `project` and `environment` are the Pulumi project and stack unless set here",
      type: "object",
      additionalProperties: { type: "string" },
      default: {},
    },
  },
  types: (type) => taggableTypes.has(type),
  check: (subject, { keys }, report) => {
    const missing = missingTags(subject, keys);
    if (missing.length > 0)
      report(
        `The tag${missing.length > 1 ? "s" : ""} ${missing.join(", ")} of ${subject.name} ${missing.length > 1 ? "are" : "is"} missing.`,
      );
  },
  remedy: (props, subject, { keys, values }) => {
    const known = { project: projectOf(subject.urn), environment: stackOf(subject.urn), ...values } as Record<
      string,
      string
    >;
    const added = missingTags(subject, keys).filter((key) => known[key] !== undefined);
    props.tags ??= {};
    for (const key of added) (props.tags as Record<string, string>)[key] = known[key] as string;
    return added.length > 0;
  },
});

function missingTags(subject: Subject, keys: readonly string[]): string[] {
  const present = [...subject.props.keys("tags"), ...defaultTags(subject)];
  return keys.filter((key) => !present.includes(key));
}

/** The provider's defaultTags; Pulumi hands over a provider's nested settings as JSON. */
function defaultTags({ provider }: Subject): string[] {
  return new Values(provider?.props).json("defaultTags").keys("tags");
}
