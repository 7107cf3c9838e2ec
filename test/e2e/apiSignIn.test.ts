import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminUserGlobalSignOutCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  DeleteUserPoolClientCommand,
  DeleteUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import type { ApiOutputs } from "../../common/stackOutputs";
import { waitFor } from "../../common/waitFor";
import { hmacToken, signedToken, signingKey, unsignedToken } from "../support/authorizerTokens";
import { fuzz, fuzzer } from "./apiFuzz";
import { ApiPeople, claimsOf, type Person } from "./apiPeople";
import { openTarget, type Target } from "./support/target";

/** Seconds until what the authorizer said is no longer taken again, with some to spare; see DeviceApi's `authorizerTtl`. */
const cached = 75;

describe("the API, through its gateway", () => {
  let target: Target;
  let api: ApiOutputs;
  let people: ApiPeople;
  let admin: Person;
  let owner: Person;
  let outsider: Person;
  let theirs: string;

  before(async () => {
    target = await openTarget();
    api = target.outputs.api as ApiOutputs;
    people = new ApiPeople(target.aws, api);
    theirs = target.devices[0]!.thingName;
    [admin, owner, outsider] = await Promise.all([
      people.signUp({ group: "admin" }),
      people.signUp({ group: "user", things: [theirs] }),
      people.signUp({}),
    ]);
  });
  after(async () => {
    await people?.close();
    await target?.close();
  });

  /** Asks, and sees to it that whatever is refused is refused with a problem document and no word of how it came about. */
  async function ask(path: string, token?: string, init: RequestInit = {}) {
    const authorization = token === undefined ? undefined : { authorization: `Bearer ${token}` };
    const answer = await fetch(api.url + path, { ...init, headers: { ...authorization, ...init.headers } });
    const text = await answer.text();
    const body = JSON.parse(text) as Record<string, unknown>;
    if (answer.status >= 400) {
      expect(answer.headers.get("content-type"), text).to.match(/^application\/problem\+json/);
      expect(body).to.include({ status: answer.status });
      expect(text).not.to.match(/\.js:\d|\.ts:\d|\n\s+at |Error:|arn:aws|x-amz/);
    }
    return { status: answer.status, body };
  }
  const refusal = async (path: string, token?: string) => {
    const { status, body } = await ask(path, token);
    return { status, type: body.type };
  };
  const unauthenticated = { status: 401, type: "urn:thingstack:problem:unauthenticated" };
  const forbidden = { status: 403, type: "urn:thingstack:problem:forbidden" };

  describe("who signs in", () => {
    it("is known by name and groups", async () => {
      const { status, body } = await ask("/whoami", owner.accessToken);
      expect(status).to.equal(200);
      expect(body).to.include({ sub: owner.sub, username: owner.email, isAdmin: false });
      expect((await ask("/whoami", admin.accessToken)).body).to.include({ isAdmin: true });
    });

    it("reaches what is theirs, and an admin everything", async () => {
      expect((await ask(`/things/${theirs}/anomalies`, owner.accessToken)).status).to.equal(200);
      expect((await ask(`/things/${theirs}/anomalies`, admin.accessToken)).status).to.equal(200);
    });

    it("learns of nobody whether they have an account", async () => {
      const wrong = await people.problemOf(() => people.signIn(owner.email, "Wrong-password-1"));
      const nobody = await people.problemOf(() => people.signIn("nobody@example.com", "Wrong-password-1"));
      expect(nobody)
        .to.equal(wrong)
        .and.match(/Incorrect username or password/);
    });

    it("was invited", async function () {
      if (target.local) this.skip(); // MiniStack lets anybody sign up: see test/e2e/apiGaps.test.ts
      expect(await people.problemOf(() => people.signUpUninvited())).to.match(/SignUp is not permitted/);
    });
  });

  describe("a request is refused with 401", () => {
    const key = signingKey("ours");
    const refused: [what: string, token: () => string | Promise<string>][] = [
      ["a word for a token", () => "word"],
      ["a token cut off", () => owner.accessToken.slice(0, -40)],
      [
        "claims changed under the signature",
        () => {
          const [head, , signature] = owner.accessToken.split(".");
          const claims = { ...claimsOf(owner.accessToken), "cognito:groups": ["admin"] };
          return `${head}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${signature}`;
        },
      ],
      ["a token signed by somebody else", () => signedToken(key, claimsOf(owner.accessToken))],
      [
        "one signed by somebody else under the name of the pool's key",
        () => signedToken(signingKey(claimsOf(owner.accessToken, 0).kid as string), claimsOf(owner.accessToken)),
      ],
      ["alg none", () => unsignedToken(claimsOf(owner.accessToken), claimsOf(owner.accessToken, 0).kid as string)],
      ["alg HS256", () => hmacToken(key, claimsOf(owner.accessToken))],
      ["an ID token", () => owner.idToken],
      ["a refresh token", () => owner.refreshToken],
    ];
    for (const [what, token] of refused) {
      it(`for ${what}`, async () => {
        expect(await refusal("/whoami", await token())).to.deep.equal(unauthenticated);
      });
    }

    it("for no token at all, an empty one, and another scheme", async () => {
      expect(await refusal("/whoami")).to.deep.equal(unauthenticated);
      for (const authorization of ["", "Bearer ", `Basic ${Buffer.from("a:b").toString("base64")}`]) {
        const { status } = await ask("/whoami", undefined, { headers: { authorization } });
        expect(status, authorization).to.equal(401);
      }
    });

    it("for a token of another client of the same pool", async () => {
      const cognito = new CognitoIdentityProviderClient(target.aws);
      const { UserPoolClient } = await cognito.send(
        new CreateUserPoolClientCommand({
          UserPoolId: api.userPoolId,
          ClientName: "of a test",
          ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        }),
      );
      const ClientId = UserPoolClient?.ClientId as string;
      try {
        const { accessToken } = await people.signIn(owner.email, owner.password, ClientId);
        expect(await refusal("/whoami", accessToken)).to.deep.equal(unauthenticated);
      } finally {
        await cognito.send(new DeleteUserPoolClientCommand({ UserPoolId: api.userPoolId, ClientId }));
      }
    });

    it("for a token of another pool, with a client and a user of the same names", async () => {
      const cognito = new CognitoIdentityProviderClient(target.aws);
      const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: "of a test" }));
      const UserPoolId = UserPool?.Id as string;
      try {
        const { UserPoolClient } = await cognito.send(
          new CreateUserPoolClientCommand({
            UserPoolId,
            ClientName: "app",
            ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
          }),
        );
        const others = new ApiPeople(target.aws, {
          ...api,
          userPoolId: UserPoolId,
          userPoolClientId: UserPoolClient?.ClientId as string,
        });
        const stranger = await others.signUp({});
        expect(await refusal("/whoami", stranger.accessToken)).to.deep.equal(unauthenticated);
      } finally {
        await cognito.send(new DeleteUserPoolCommand({ UserPoolId }));
      }
    });

    it("for a token that has expired", async function () {
      if (!target.local) this.skip(); // AWS gives tokens of five minutes at least
      const { accessToken, ends } = await people.shortToken(owner);
      await waitFor("the token's end", async () => Date.now() > ends, { everyMs: 100 });
      expect(await refusal("/whoami", accessToken)).to.deep.equal(unauthenticated);
      expect((await ask("/whoami", owner.accessToken)).status, "a token of theirs that goes on").to.equal(200);
    });

    const removals: [what: string, command: (user: object) => object][] = [
      ["was removed", (user) => new AdminDeleteUserCommand(user as never)],
      ["was disabled", (user) => new AdminDisableUserCommand(user as never)],
      ["was signed out everywhere", (user) => new AdminUserGlobalSignOutCommand(user as never)],
    ];
    for (const [what, command] of removals) {
      it(`for a token whose user ${what}`, async () => {
        const { accessToken, email } = await people.signUp({ group: "user" });
        expect((await ask("/whoami", accessToken)).status).to.equal(200);
        await new CognitoIdentityProviderClient(target.aws).send(
          command({ UserPoolId: api.userPoolId, Username: email }) as never,
        );
        await waitFor("the refusal", async () => (await ask("/whoami", accessToken)).status === 401, {
          seconds: cached,
        });
        expect(await refusal("/things", accessToken)).to.deep.equal(unauthenticated);
      });
    }
  });

  describe("a request is refused with 403", () => {
    it("for another user's thing, in the very words that an unknown one gets", async () => {
      const other = target.devices[1]!.thingName;
      for (const path of ["", "/anomalies", "/telemetry"]) {
        const another = await ask(`/things/${other}${path}`, owner.accessToken);
        expect(another.status).to.equal(403);
        expect(await ask(`/things/no-such-thing${path}`, owner.accessToken)).to.deep.equal(another);
      }
    });

    it("for changing another user's thing", async () => {
      const init = { method: "PATCH", body: '{"desired":{}}', headers: { "content-type": "application/json" } };
      const { status } = await ask(`/things/${target.devices[1]!.thingName}/desired`, owner.accessToken, init);
      expect(status).to.equal(403);
    });

    for (const [method, path] of [
      ["GET", "/releases"],
      ["POST", "/releases"],
    ] as const) {
      it(`for ${method} ${path} of somebody who is no admin`, async () => {
        expect((await ask(path, owner.accessToken, { method })).status).to.equal(403);
      });
    }

    it("for a user in no group, whatever they ask", async () => {
      for (const path of ["/whoami", "/things", "/anomalies"]) {
        expect(await refusal(path, outsider.accessToken)).to.deep.equal(forbidden);
      }
    });

    for (const name of ["*", "%2A", "..%2F..%2Fwhoami", "cooler-%3F", "%00"]) {
      it(`for the name ${name}, which is none`, async () => {
        expect((await ask(`/things/${name}/anomalies`, owner.accessToken)).status).to.be.oneOf([400, 403, 404]);
      });
    }

    it("for a thing as soon as it is no longer theirs, and not before it is", async () => {
      const table = DynamoDBDocumentClient.from(new DynamoDBClient(target.aws));
      const thingName = target.devices[1]!.thingName;
      const { accessToken, sub } = await people.signUp({ group: "user" });
      const Key = { owner: sub, thingName };
      const statusIs = (status: number) => async () =>
        (await ask(`/things/${thingName}/anomalies`, accessToken)).status === status;
      expect(await statusIs(403)()).to.equal(true);
      await table.send(new PutCommand({ TableName: api.ownershipTableName, Item: Key }));
      await waitFor("the new owner's way in", statusIs(200), { seconds: cached });
      await table.send(new DeleteCommand({ TableName: api.ownershipTableName, Key }));
      await waitFor("the end of it", statusIs(403), { seconds: cached });
    });
  });

  describe("API Gateway", () => {
    const requests: [what: string, method: string, path: string, status: number, kind: string][] = [
      ["an unknown path", "GET", "/nothing", 404, "not-found"],
      ["an unknown method", "DELETE", "/whoami", 404, "not-found"],
      ["the root", "GET", "/", 404, "not-found"],
    ];
    for (const [what, method, path, status, kind] of requests) {
      it(`answers ${what} with a problem`, async () => {
        const answer = await ask(path, owner.accessToken, { method });
        expect(answer.status).to.equal(status);
        expect(answer.body.type).to.equal(`urn:thingstack:problem:${kind}`);
      });
    }

    const bodies: [what: string, body: string][] = [
      ["no JSON", "{"],
      ["no object", "[]"],
      ["without what is required", "{}"],
      ["of the wrong type", '{"desired":"on"}'],
    ];
    for (const [what, body] of bodies) {
      it(`refuses a body that is ${what}, before any function sees it`, async () => {
        const init = { method: "PATCH", body, headers: { "content-type": "application/json" } };
        const answer = await ask(`/things/${theirs}/desired`, owner.accessToken, init);
        expect(answer.status).to.equal(400);
        expect(answer.body).to.deep.include({ detail: "The body is not as the OpenAPI document says." });
      });
    }
  });

  // Last, when the functions are warm: it has only so many seconds.
  describe("its contract", () => {
    it("is kept, whatever schemathesis sends it", async function () {
      this.timeout(400_000);
      const found = await fuzzer();
      if (!("python" in found)) {
        this.test!.title += ` (${found.reason})`;
        return this.skip();
      }
      const what = { url: api.url, token: admin.accessToken, contract: target.outputs.openApi as string };
      let report = await fuzz(found.python, what, 20);
      // A machine that is busy elsewhere gets through hardly any request in that time.
      if (report.requests < 20) report = await fuzz(found.python, what, 120);
      expect(report.failures, report.output).to.deep.equal([]);
      expect(report.requests, report.output).to.be.at.least(20);
    });
  });
});
