import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { IoTClient, ListThingsCommand } from "@aws-sdk/client-iot";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { awsConfig } from "../../../sandbox/aws";
import type { AwsRequest, AwsResponse, Fill } from "../../../sandbox/fill";
import { openFrontDoor } from "../../../sandbox/frontDoor";
import { useDoorway } from "./doorway";

describe("a fill behind the front door", () => {
  const doorway = useDoorway();
  const target = () => ({ endpoint: doorway.door.endpoint, region: "eu-west-1", accountId: "111122223333" });

  it("gives it what it takes, with the credential scope and the whole body, and passes on the rest", async () => {
    const taken: AwsRequest[] = [];
    const offered: AwsRequest[] = [];
    doorway.door.addFill(
      fill({
        takes: (request) => {
          offered.push(request);
          return request.path === "/things/a b";
        },
        answer: async (request) => {
          taken.push(request);
          return { status: 201, headers: { "x-from": "fill" }, body: { things: [] } };
        },
      }),
    );
    const response = await fetch(`${doorway.door.endpoint}/things/a%20b?max=5`, {
      method: "POST",
      body: "{}",
      headers: { authorization: "AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/iot/aws4_request" },
    });
    expect([response.status, response.headers.get("x-from"), await response.json()]).to.deep.equal([
      201,
      "fill",
      { things: [] },
    ]);
    expect(taken[0]).to.deep.include({
      service: "iot",
      region: "eu-west-1",
      accessKeyId: "111122223333",
      method: "POST",
      path: "/things/a b",
      body: Buffer.from("{}"),
    });
    expect(taken[0]!.query.get("max")).to.equal("5");
    expect(offered[0]!.body, "nobody has read it yet").to.have.length(0);

    await fetch(`${doorway.door.endpoint}/other`);
    expect(doorway.seen.map(({ url }) => url)).to.deep.equal(["/other"]);
  });

  it("asks the fills in the order they were added", async () => {
    doorway.door.addFill(fill({ answer: async () => ({ status: 200, body: "first" }) }));
    doorway.door.addFill(fill({ answer: async () => ({ status: 200, body: "second" }) }));
    expect(await (await fetch(doorway.door.endpoint)).text()).to.equal("first");
  });

  const protocols: { what: string; call: () => Promise<unknown> }[] = [
    { what: "REST and JSON", call: () => new IoTClient(once()).send(new ListThingsCommand({})) },
    { what: "query and XML", call: () => new IAMClient(once()).send(new ListRolesCommand({})) },
    { what: "S3", call: () => new S3Client(once()).send(new ListBucketsCommand({})) },
  ];
  const once = () => ({ ...awsConfig(target()), maxAttempts: 1 });
  for (const { what, call } of protocols) {
    it(`turns its failure into an error the SDK knows by name (${what})`, async () => {
      doorway.door.addFill(
        fill({
          answer: async () => {
            throw new Error("no <index>");
          },
        }),
      );
      const error = await call().then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      expect(error).to.include({ name: "InternalFailure" });
      expect(error!.message).to.equal('The local cloud\'s fill "test" failed: no <index>');
      expect(doorway.logged[0]).to.match(/^test: (GET|POST) .* failed: Error: no <index>\n\s+at /);
    });
  }

  it("goes on without one that cannot say what it takes", async () => {
    doorway.door.addFill(
      fill({
        takes: () => {
          throw new Error("confused");
        },
      }),
    );
    expect((await fetch(doorway.door.endpoint)).status).to.equal(200);
    expect(doorway.logged.join()).to.match(/test: could not say whether it takes GET \/: Error: confused/);
  });

  it("closes it once, and while it can still reach MiniStack; one that fails does not keep the door open", async () => {
    const other = await openFrontDoor(0, (text) => doorway.logged.push(text));
    other.setUpstream(doorway.behindUrl);
    const heard: string[] = [];
    const say = async (path: string) => heard.push(await (await fetch(`${other.endpoint}${path}`)).text());
    other.addFill(
      fill({
        takes: ({ path }) => path === "/mine",
        close: async () => {
          await say("/goodbye");
          await say("/mine");
        },
      }),
    );
    other.addFill(fill({ takes: () => false, close: () => Promise.reject(new Error("stuck")) }));
    await Promise.all([other.close(), other.close()]);
    expect(heard[0]).to.equal("fine");
    expect(heard[1]).to.match(/The local cloud is stopping/);
    expect(doorway.seen.map(({ url }) => url)).to.deep.equal(["/goodbye"]);
    expect(doorway.logged).to.deep.equal(["A fill did not close, test: Error: stuck"]);
    const failure = await fetch(other.endpoint).catch((error) => error);
    expect(failure, "nobody listens any more").to.be.instanceOf(Error);
  });

  it("does not wait for ever for one that does not close, and says which", async () => {
    const other = await openFrontDoor(0, (text) => doorway.logged.push(text), { closingMs: 10 });
    other.addFill(fill({ takes: () => false, close: () => new Promise(() => {}) }));
    await other.close();
    expect(doorway.logged).to.deep.equal(["A fill did not close, test: Error: not within 10 ms"]);
  });
});

function fill(parts: Partial<Fill>): Fill {
  return {
    name: "test",
    takes: () => true,
    answer: async (): Promise<AwsResponse> => ({ status: 200 }),
    close: async () => {},
    ...parts,
  };
}
