import { IAMClient, ListPolicyVersionsCommand } from "@aws-sdk/client-iam";
import { CreateKeyCommand, KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import { DeletePublicAccessBlockCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { awsConfig } from "../../sandbox/aws";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { bootstrap } from "../../stacks/bootstrap/bootstrap";
import type { Settings } from "../../stacks/bootstrap/settings";
import { assumeRoleFromGitHub } from "../engine/github";

function settingsOf(account: string, stack = "dev"): Settings {
  return { project: "thingstack", stack, account, region: "eu-central-1", repository: "acme/fleet" };
}

describe("bootstrap of an account", () => {
  let cloud: LocalCloud;
  const environment = { ...process.env };

  before(async () => {
    cloud = await startLocalCloud({ region: "eu-central-1" });
  });
  after(() => cloud?.stop());
  afterEach(() => {
    process.env = { ...environment };
  });

  /** On the local cloud twelve digits as the access key are the account; each test has one of its own. */
  function useAccount(account: string): void {
    process.env.AWS_ACCESS_KEY_ID = account;
    process.env.AWS_SECRET_ACCESS_KEY = "test";
  }
  const run = (settings: Settings, options: { dryRun?: boolean; withTestRole?: boolean } = {}) =>
    bootstrap(settings, { ...options, endpoint: cloud.endpoint });
  const config = (account: string) => awsConfig(cloud, account);

  it("makes everything once; a second run changes nothing", async () => {
    useAccount("300000000001");
    const first = await run(settingsOf("300000000001"), { withTestRole: true });
    const second = await run(settingsOf("300000000001"), { withTestRole: true });
    expect(first.changed).to.be.greaterThan(15);
    expect(second).to.deep.equal({ changed: 0, unchanged: first.changed + first.unchanged });
  });

  it("changes nothing in a dry run, and says what it would make", async () => {
    useAccount("300000000002");
    const lines: string[] = [];
    const settings = settingsOf("300000000002");
    const outcome = await bootstrap(settings, { dryRun: true, endpoint: cloud.endpoint, print: (l) => lines.push(l) });
    expect(outcome.unchanged).to.equal(0);
    expect(lines.join("\n")).to.contain("would be made    S3 bucket thingstack-state-300000000002-eu-central-1");
    const { Buckets = [] } = await new S3Client(config("300000000002")).send(new ListBucketsCommand({}));
    const { Keys = [] } = await new KMSClient(config("300000000002")).send(new ListKeysCommand({}));
    expect({ Buckets, Keys }).to.deep.equal({ Buckets: [], Keys: [] });
  });

  it("refuses the credentials of another account, names both, and makes nothing", async () => {
    useAccount("300000000003");
    const error = await run(settingsOf("399999999999")).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error?.message).to.match(/belongs to account 399999999999 .* of account 300000000003/);
    const { Buckets = [] } = await new S3Client(config("300000000003")).send(new ListBucketsCommand({}));
    expect(Buckets).to.deep.equal([]);
  });

  it("takes up the key of a run that was interrupted before the key had its alias", async () => {
    useAccount("300000000004");
    const kms = new KMSClient(config("300000000004"));
    const Tags = [{ TagKey: "thingstack:bootstrap", TagValue: "thingstack" }];
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Tags }));
    await run(settingsOf("300000000004"));
    const { Keys = [] } = await kms.send(new ListKeysCommand({}));
    expect(Keys.map((key) => key.KeyId)).to.deep.equal([KeyMetadata?.KeyId]);
  });

  it("puts back what was changed by hand, and only that", async () => {
    useAccount("300000000005");
    const settings = settingsOf("300000000005");
    const { changed, unchanged } = await run(settings);
    const Bucket = "thingstack-state-300000000005-eu-central-1";
    await new S3Client(config("300000000005")).send(new DeletePublicAccessBlockCommand({ Bucket }));
    expect(await run(settings)).to.deep.equal({ changed: 1, unchanged: changed + unchanged - 1 });
    expect((await run(settings)).changed).to.equal(0);
  });

  it("updates a policy as often as it takes: IAM keeps five versions", async () => {
    useAccount("300000000006");
    for (const repository of ["a/1", "a/2"]) await run({ ...settingsOf("300000000006"), repository });
    // A new region changes what the read policy says, under the same name.
    for (const region of ["eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "us-east-1", "us-west-2"]) {
      await run({ ...settingsOf("300000000006"), region });
    }
    const PolicyArn = "arn:aws:iam::300000000006:policy/thingstack-dev-read";
    const iam = new IAMClient(config("300000000006"));
    const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
    expect(Versions).to.have.lengthOf.at.most(5);
    expect((await run({ ...settingsOf("300000000006"), region: "us-west-2" })).changed).to.equal(0);
  });

  it("lets only the stack's own environment of the repository deploy", async () => {
    const account = "300000000009";
    useAccount(account);
    await run(settingsOf(account));
    const take = ([repository, subject]: readonly [string, string]) =>
      assumeRoleFromGitHub(cloud, { account, repository }, "thingstack-dev-deploy", subject);
    await take(["acme/fleet", "environment:dev"]);
    const others = [
      ["acme/fleet", "pull_request"],
      ["acme/fleet", "environment:prod"],
      ["evil/fleet", "environment:dev"],
    ] as const;
    for (const other of others) expect(await refusal(take(other)), other.join(" ")).to.equal("AccessDenied");
  });
});

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => "allowed",
    (error: Error) => error.name,
  );
