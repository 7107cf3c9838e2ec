import { mkdtempSync, readdirSync, realpathSync } from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { projectDirectory } from "../../../common/project";
import { miniStackEnvironment } from "../../../sandbox/ministack/environment";
import { createRunFolder } from "../../../sandbox/ministack/folders";
import { temporaryFolder } from "./fakePython";

describe("the environment of MiniStack and of the functions", () => {
  const folder = temporaryFolder();

  const environmentOf = (caller: NodeJS.ProcessEnv) => {
    const run = createRunFolder(mkdtempSync(path.join(folder, "sandbox-")));
    after(() => run.remove());
    const options = {
      run,
      endpoint: "http://127.0.0.1:4567",
      accountId: "111122223333",
      region: "eu-central-1",
      mqttPort: 0,
      asyncRetryBaseSeconds: 0.2,
      progress: () => {},
    };
    return { run, environment: miniStackEnvironment(options, caller) };
  };

  it("has the settings of the run", () => {
    expect(environmentOf({}).environment).to.include({
      AUTH: "true",
      MINISTACK_ACCOUNT_ID: "111122223333",
      MINISTACK_REGION: "eu-central-1",
      LAMBDA_ASYNC_RETRY_BASE_SECONDS: "0.2",
      AWS_ENDPOINT_URL: "http://127.0.0.1:4567",
      GATEWAY_PORT: "4567",
    });
  });

  const ofTheUser = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_REGION",
    "AWS_ENDPOINT_URL_S3",
    "AWS_CA_BUNDLE",
    "HTTPS_PROXY",
    "NODE_OPTIONS",
    "PYTHONPATH",
    "DOCKER_HOST",
    "PULUMI_ACCESS_TOKEN",
    "GITHUB_TOKEN",
    "LAMBDA_EXECUTOR",
    "PERSIST_STATE",
  ];
  for (const name of ofTheUser) {
    it(`has nothing of the caller's ${name}`, () => {
      const { environment } = environmentOf({ [name]: "of the user" });
      expect(Object.values(environment)).to.not.include("of the user");
    });
  }

  it("has a home of its own, where no AWS profile is", () => {
    const { run, environment } = environmentOf({ HOME: "/home/user", USERPROFILE: "/home/user" });
    for (const name of ["HOME", "USERPROFILE", "STATE_DIR", "S3_DATA_DIR"]) {
      expect(environment[name]?.startsWith(run.path), name).to.equal(true);
    }
    expect(readdirSync(environment.HOME!)).to.deep.equal([]);
    expect(environment.TMPDIR).to.equal(run.temporary);
  });

  it("finds this program's Node before any other on the caller's PATH", () => {
    const { environment } = environmentOf({ PATH: "/opt/other-node/bin" });
    expect(environment.PATH!.split(path.delimiter)).to.deep.equal([
      path.dirname(process.execPath),
      "/opt/other-node/bin",
    ]);
  });

  it("offers functions the project's AWS SDK, and no other package", () => {
    const { environment } = environmentOf({});
    expect(readdirSync(environment.NODE_PATH!)).to.deep.equal(["@aws-sdk", "@smithy"]);
    const sdk = realpathSync(path.join(environment.NODE_PATH!, "@aws-sdk", "client-lambda"));
    expect(sdk).to.equal(realpathSync(path.join(projectDirectory, "node_modules", "@aws-sdk", "client-lambda")));
  });
});
