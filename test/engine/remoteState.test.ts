import * as path from "node:path";
import {
  CopyObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect } from "chai";
import { awsConfig } from "../../sandbox/aws";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { bootstrap } from "../../stacks/bootstrap/bootstrap";
import { namesFor, pulumiUrls } from "../../stacks/bootstrap/names";
import type { Settings } from "../../stacks/bootstrap/settings";
import { requireEngine } from "./engineSuite";
import { assumeRoleFromGitHub } from "./github";
import { errors, PulumiProject } from "./pulumiProject";

const settings: Settings = {
  project: "thingstack",
  stack: "dev",
  account: "100000000006",
  region: "eu-central-1",
  repository: "acme/fleet",
};
const names = namesFor(settings);
const pin = "4711-geheim";
const Bucket = names.bucket;
const Key = ".pulumi/stacks/thingstack/dev.json";

describe("state in the bucket of the bootstrap, with the real engine", () => {
  let cloud: LocalCloud;
  let project: PulumiProject;
  let s3: S3Client;
  const ownEnvironment = { ...process.env };

  before(async function () {
    const toolchain = await requireEngine(this);
    cloud = await startLocalCloud({ accountId: settings.account, region: settings.region });
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: settings.account, AWS_SECRET_ACCESS_KEY: "test" });
    await bootstrap(settings, { endpoint: cloud.endpoint });
    const { backend, secretsProvider } = pulumiUrls(settings);
    project = new PulumiProject({
      toolchain,
      cloud,
      main: path.join(__dirname, "fixtures", "secretOnly.ts"),
      project: settings.project,
      environment: { PULUMI_BACKEND_URL: backend, PULUMI_CONFIG_PASSPHRASE: "" },
    });
    s3 = new S3Client(awsConfig(cloud));
    await project.ok("stack", "init", "dev", "--secrets-provider", secretsProvider);
    await project.ok("config", "set", "--secret", "pin", pin, "--stack", "dev");
    await project.up("dev");
  });
  after(async () => {
    process.env = ownEnvironment;
    project?.remove();
    await cloud?.stop();
  });

  const stored = async () => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString() ?? "";

  it("is kept with its secrets encrypted by the key", async () => {
    const state = JSON.parse(await stored());
    expect(state.checkpoint.latest.secrets_providers.type).to.equal("cloud");
    expect(JSON.stringify(state)).to.contain("ciphertext").and.not.to.contain(pin);
    expect(await project.outputs("dev")).to.deep.equal({ pin });
  });

  it("is written by the deploy role of GitHub Actions, and only read by the preview role", async () => {
    const deploy = await assumeRoleFromGitHub(cloud, settings, names.deployRole, "environment:dev");
    const preview = await assumeRoleFromGitHub(cloud, settings, names.previewRole, "pull_request");
    const up = ["up", "--yes", "--skip-preview", "--stack", "dev"];
    expect(await project.run(up, deploy)).to.include({ code: 0 });
    expect(await project.run(["preview", "--stack", "dev"], preview)).to.include({ code: 0 });
    const refused = await project.run(up, preview);
    expect(refused.code).not.to.equal(0);
    expect(errors(refused)).to.match(/AccessDenied/);
  });

  it("comes back from an older version of the object, as the documentation says", async () => {
    const whole = await stored();
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: whole.slice(0, whole.length / 2) }));
    expect(await project.run(["preview", "--stack", "dev"])).not.to.include({ code: 0 });

    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
    const lastGood = Versions.filter((version) => version.Key === Key && !version.IsLatest)[0];
    const CopySource = `${Bucket}/${Key}?versionId=${lastGood?.VersionId}`;
    await s3.send(new CopyObjectCommand({ Bucket, Key, CopySource }));
    expect(await stored()).to.equal(whole);
    expect(await project.up("dev")).to.deep.equal({ same: 1 });
  });
});
