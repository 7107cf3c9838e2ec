/** `npm run bootstrap -- --stack <name>`: prepares the account of a stack for deployments. */
import * as path from "node:path";
import { parseArgs } from "node:util";
import { bootstrap } from "./bootstrap";
import { namesFor, pulumiUrls } from "./names";
import { readSettings, type Settings, SettingsError } from "./settings";

const help = `npm run bootstrap -- --stack <name> [options]

Prepares the AWS account of a stack: the bucket and the key for Pulumi's state and secrets, and the roles that GitHub
Actions deploys with, without a stored key. Safe to repeat: it looks first and changes only what is not as it should be.
Needs administrator's credentials of the account that aws:allowedAccountIds in Pulumi.<name>.yaml names.

  --stack <name>             the stack whose account it is
  --dry-run                  look and tell, change nothing
  --with-test-role           also make the role that end-to-end tests take; not for production
  --repository <owner/name>  the GitHub repository that deploys; default: that of the git remote origin
  --endpoint <url>           another endpoint than AWS's own, e.g. a local cloud
  --outputs                  only print the names and URLs as key=value lines, for workflows; asks AWS nothing
  --help`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stack: { type: "string" },
      "dry-run": { type: "boolean", default: false },
      "with-test-role": { type: "boolean", default: false },
      repository: { type: "string" },
      endpoint: { type: "string" },
      outputs: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(help);
  if (!values.stack) throw new SettingsError(`Say which stack: --stack <name>.\n\n${help}`);

  const settings = readSettings(path.resolve(__dirname, "../.."), values.stack, values.repository);
  if (values.outputs) return printOutputs(settings);

  const dryRun = values["dry-run"];
  console.log(
    `Account ${settings.account}, ${settings.region}, stack ${settings.stack}, deployed by ${settings.repository}`,
  );
  const { unchanged, changed } = await bootstrap(settings, {
    dryRun,
    withTestRole: values["with-test-role"],
    endpoint: values.endpoint,
    print: (line) => console.log(line),
  });
  console.log(`${changed} ${dryRun ? "to be made" : "made"}, ${unchanged} as they should be.`);
  if (!dryRun) printNextSteps(settings);
}

function printOutputs(settings: Settings): void {
  const names = namesFor(settings);
  const { backend, secretsProvider } = pulumiUrls(settings);
  const role = (name: string) => `arn:aws:iam::${settings.account}:role/${name}`;
  const outputs = {
    region: settings.region,
    backend,
    "secrets-provider": secretsProvider,
    "preview-role": role(names.previewRole),
    "deploy-role": role(names.deployRole),
    "test-role": role(names.testRole),
    "workload-boundary": `arn:aws:iam::${settings.account}:policy/${names.workloadBoundary}`,
  };
  for (const [key, value] of Object.entries(outputs)) console.log(`${key}=${value}`);
}

function printNextSteps(settings: Settings): void {
  const { backend, secretsProvider } = pulumiUrls(settings);
  const boundary = `arn:aws:iam::${settings.account}:policy/${namesFor(settings).workloadBoundary}`;
  console.log(`
Next, once:
  pulumi login '${backend}'
  pulumi stack init ${settings.stack} --secrets-provider='${secretsProvider}'
  pulumi config set ${settings.project}:permissionsBoundary ${boundary} --stack ${settings.stack}
and commit Pulumi.${settings.stack}.yaml. On GitHub, make the environment "${settings.stack}", restricted to the branch main
(and with required reviewers if it is production). docs/delivery.md tells more.`);
}

main().catch((error: unknown) => {
  const expected = error instanceof SettingsError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS");
  console.error(expected ? (error as Error).message : error);
  process.exitCode = 1;
});
