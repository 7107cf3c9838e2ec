import { resourcePolicy, type Subject } from "../shared/policy";

interface Config {
  allowed: string[];
}

/** Where the ARNs of attached policies stand. */
const attachments: Readonly<Record<string, readonly string[]>> = {
  "aws:iam/role:Role": ["managedPolicyArns"],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ["policyArn"],
  "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": ["policyArns"],
  "aws:iam/userPolicyAttachment:UserPolicyAttachment": ["policyArn"],
  "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": ["policyArn"],
  "aws:iam/policyAttachment:PolicyAttachment": ["policyArn"],
  "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": ["managedPolicyArn"],
};

/** AWS's policies for trying things out are not for keeping. */
export const iamManagedFullAccess = resourcePolicy<Config>({
  name: "iam-managed-full-access",
  description: "No managed policy with full access is attached.",
  why:
    "AWS's ...FullAccess policies allow every action on every resource of a service, often of its neighbours too, and AWS " +
    "extends them.",
  fix: "write a policy with the actions and ARNs that are needed.",
  link: "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html#aws-managed-policies",
  severity: "high",
  parameters: {
    allowed: {
      description: "Names of managed policies that may be attached all the same",
      type: "array",
      items: { type: "string", minLength: 1 },
      default: [],
    },
  },
  types: Object.keys(attachments),
  check: (subject, { allowed }, report) => {
    for (const arn of attached(subject)) {
      const name = /:iam::aws:policy\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
      if (!name || allowed.includes(name)) continue;
      if (/FullAccess(V\d+)?$|^AdministratorAccess|^PowerUserAccess$/.test(name)) {
        report(`${subject.name} attaches the managed policy ${name}.`);
      }
    }
  },
});

function attached({ type, props }: Subject): string[] {
  return (attachments[type] ?? []).flatMap((path) =>
    path.endsWith("s") ? props.texts(path) : (props.text(path) ?? []),
  );
}
