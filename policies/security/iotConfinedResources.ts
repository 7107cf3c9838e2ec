import { excusedByTag, howToTag } from "../shared/excuse";
import { type Statement, statements } from "../shared/iamDocument";
import { resourcePolicy } from "../shared/policy";

interface Config {
  variables: string[];
  sharedTopics: string[];
}

/** What a device without a thing yet may reach: https://docs.aws.amazon.com/iot/latest/developerguide/fleet-provision-api.html */
const provisioning = /^\$aws\/(certificates\/create(-from-csr)?|provisioning-templates\/[^/*?]+\/provision)(\/|$)/;

/** One device cannot reach another. */
export const iotConfinedResources = resourcePolicy<Config>({
  name: "iot-confined-resources",
  description: "AWS IoT policies confine a device to what is its own, by thing policy variables.",
  why:
    "a policy is attached to many certificates; where its resources are not bound to the thing that is connected, one " +
    "stolen key reads and commands the whole fleet.",
  fix:
    "put `${iot:Connection.Thing.ThingName}` as a whole level before the first wildcard, as in " +
    "`topic/my/things/${iot:Connection.Thing.ThingName}/*`; list a topic that all devices hear in `sharedTopics`; " +
    `${howToTag("<action>")}.`,
  link: "https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html",
  severity: "critical",
  parameters: {
    variables: {
      description: "Policy variables that bind a resource to the device, or the beginning of one",
      type: "array",
      items: { type: "string", minLength: 1 },
      default: ["iot:Connection.Thing.ThingName", "iot:Connection.Thing.Attributes["],
    },
    sharedTopics: {
      description: "Topics that every device may subscribe to and receive, not publish",
      type: "array",
      items: { type: "string", pattern: "^[^*?]+$" },
      default: [],
    },
  },
  types: ["aws:iot/policy:Policy"],
  check: (subject, config, report) => {
    for (const statement of statements(subject.props.at("policy")).filter(({ allows }) => allows)) {
      const actions = statement.actions.filter((action) => !excusedByTag(subject, action));
      const loose = statement.resources.filter((resource) => !isConfined(resource, statement, config));
      if (actions.length > 0 && loose.length > 0) {
        report(`${subject.name}: ${statement.label} allows every device ${actions.join(", ")} on ${loose.join(", ")}.`);
      }
    }
  },
});

function isConfined(resource: string, statement: Statement, { variables, sharedTopics }: Config): boolean {
  const [, kind, path = ""] = /^arn:[^:]+:iot:[^:]*:[^:]*:(\w+)\/(.*)$/.exec(resource) ?? [];
  // Other kinds, such as a role alias, are one resource for all devices, if they are named.
  if (!kind || !["client", "topic", "topicfilter", "thing"].includes(kind)) return !/[*?]/.test(resource);
  if (provisioning.test(path)) return true;
  const hears = statement.actions.every((action) => /^iot:(Subscribe|Receive)$/i.test(action));
  if (hears && sharedTopics.includes(path)) return true;
  // A whole level, before any wildcard: `${...ThingName}*` would let the thing "a" reach all of "ab".
  const [before = ""] = path.split(/[*?]/);
  return before.split("/").some((level, at, levels) => {
    const whole = at < levels.length - 1 || before === path;
    return whole && variables.some((variable) => level.includes(`\${${variable}`) && level.endsWith("}"));
  });
}
