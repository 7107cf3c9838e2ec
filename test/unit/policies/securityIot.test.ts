import { unknown } from "./support";
import { document, type Row, table } from "./table";

const iot = (kind: string, name: string) => `arn:aws:iot:eu-central-1:123456789012:${kind}/${name}`;
const thing = "${iot:Connection.Thing.ThingName}";
const confined = "iot-confined-resources";

const policy = (
  title: string,
  statement: object,
  finds: string[],
  more: { tags?: object; entries?: object } = {},
): Row => ({
  title,
  on: "device-policy",
  change: (props) => {
    props.policy = document(statement);
    props.tags = { ...props.tags, ...more.tags };
  },
  finds,
  ...(more.entries && { config: { "thingstack-security": { [confined]: more.entries } } }),
});

describe("policies: AWS IoT", () => {
  describe("iot-wildcard-actions", () => {
    const actions = "iot-wildcard-actions";
    table([
      policy("finds all actions", { Action: "iot:*", Resource: iot("client", thing) }, [actions]),
      policy("finds a family of actions", { Action: ["iot:Connect", "iot:Pub*"], Resource: iot("client", thing) }, [
        actions,
      ]),
      policy("finds NotAction", { NotAction: "iot:Connect", Resource: iot("client", thing) }, [actions]),
      policy("leaves what is denied alone", { Effect: "Deny", Action: "iot:*", Resource: "*" }, []),
      policy("takes a reason in a tag", { Action: "iot:Pub*", Resource: iot("topic", `a/${thing}`) }, [], {
        tags: { "thingstack:because/iot:Pub*": "retained and plain messages alike" },
      }),
      policy(
        "refuses a tag that gives no reason",
        { Action: "iot:Pub*", Resource: iot("topic", `a/${thing}`) },
        [actions],
        {
          tags: { "thingstack:because/iot:Pub*": "todo" },
        },
      ),
    ]);
  });

  describe("iot-confined-resources", () => {
    const publish = (name: string, finds: string[]) =>
      policy(
        `${finds.length ? "finds" : "takes"} topic/${name}`,
        { Action: "iot:Publish", Resource: iot("topic", name) },
        finds,
      );
    table([
      publish(`my/things/${thing}/state`, []),
      publish(`my/things/${thing}/*`, []),
      publish(`my/things/device-${thing}`, []),
      publish(`$aws/things/${thing}/jobs/*/get`, []),
      publish("fleet/${iot:Connection.Thing.Attributes[fleet]}/state", []),
      publish("$aws/certificates/create/json", []),
      publish("$aws/provisioning-templates/fleet/provision/json", []),
      publish("*", [confined]),
      publish("my/things/state", [confined]),
      publish("my/things/*/state", [confined]),
      publish(`*/${thing}`, [confined]),
      publish(`my/things/${thing}*`, [confined]),
      publish(`my/things/${thing}-*/state`, [confined]),
      publish("my/things/${iot:ClientId}/state", [confined]),
      publish("$aws/provisioning-templates/*/provision/json", [confined]),
      policy("finds a client id that is anybody's", { Action: "iot:Connect", Resource: iot("client", "*") }, [
        confined,
      ]),
      policy("finds the beginning of a client id", { Action: "iot:Connect", Resource: iot("client", `${thing}-*`) }, [
        confined,
      ]),
      policy("finds everything", { Action: "iot:Connect", Resource: "*" }, [confined]),
      policy(
        "finds the one loose resource of several",
        { Action: "iot:Subscribe", Resource: [iot("topicfilter", `a/${thing}/b`), iot("topicfilter", "a/+/b")] },
        [confined],
      ),
      policy("finds the shadow of any thing", { Action: "iot:GetThingShadow", Resource: iot("thing", "*") }, [
        confined,
      ]),
      policy(
        "takes one role alias for all devices",
        { Action: "iot:AssumeRoleWithCertificate", Resource: iot("rolealias", "video") },
        [],
      ),
      policy("finds any role alias", { Action: "iot:AssumeRoleWithCertificate", Resource: iot("rolealias", "*") }, [
        confined,
      ]),
      policy(
        "takes a shared topic that is listed, to hear",
        { Action: ["iot:Receive"], Resource: iot("topic", "news") },
        [],
        {
          entries: { sharedTopics: ["news"] },
        },
      ),
      policy(
        "finds a shared topic that is listed, to publish",
        { Action: ["iot:Receive", "iot:Publish"], Resource: iot("topic", "news") },
        [confined],
        {
          entries: { sharedTopics: ["news"] },
        },
      ),
      policy("takes a reason in a tag, for that action", { Action: "iot:Connect", Resource: iot("client", "*") }, [], {
        tags: { "thingstack:because/iot:Connect": "a claim certificate has no thing yet" },
      }),
      policy(
        "does not take the reason for another action",
        { Action: "iot:Publish", Resource: iot("topic", "*") },
        [confined],
        {
          tags: { "thingstack:because/iot:Connect": "a claim certificate has no thing yet" },
        },
      ),
      policy(
        "takes the variables of its configuration",
        { Action: "iot:Publish", Resource: iot("topic", "a/${iot:Certificate.Subject.CommonName}/b") },
        [],
        {
          entries: { variables: ["iot:Certificate.Subject.CommonName"] },
        },
      ),
      policy("leaves what is denied alone", { Effect: "Deny", Action: "iot:Publish", Resource: iot("topic", "*") }, []),
      {
        title: "says nothing while the policy is not known",
        on: "device-policy",
        change: (props) => {
          props.policy = unknown;
        },
      },
      {
        title: "says that the policy is no JSON",
        on: "device-policy",
        change: (props) => {
          props.policy = "iot:*";
        },
        finds: ["iot-wildcard-actions", confined],
        says: /must be JSON/,
      },
    ]);
  });
});
