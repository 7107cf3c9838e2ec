import { excusedByTag, howToTag } from "../shared/excuse";
import { statements } from "../shared/iamDocument";
import { resourcePolicy } from "../shared/policy";

/** A device may do what a device does. */
export const iotWildcardActions = resourcePolicy({
  name: "iot-wildcard-actions",
  description: "AWS IoT policies name the actions they allow.",
  why: "`iot:*` lets whoever reads the key out of one device's flash use every action of AWS IoT that takes a certificate.",
  fix: `name the actions: iot:Connect, iot:Publish, iot:Subscribe, iot:Receive; ${howToTag("<action>")}.`,
  link: "https://docs.aws.amazon.com/iot/latest/developerguide/iot-policy-actions.html",
  severity: "high",
  types: ["aws:iot/policy:Policy"],
  check: (subject, _config, report) => {
    for (const { allows, actions, notActions, label } of statements(subject.props.at("policy"))) {
      const wild = [...actions, ...notActions.map((action) => `all but ${action}`)].filter((action) =>
        /[*?]|^all/.test(action),
      );
      const refused = wild.filter((action) => !excusedByTag(subject, action));
      if (allows && refused.length > 0) report(`${subject.name}: ${label} allows ${refused.join(", ")}.`);
    }
  },
});
