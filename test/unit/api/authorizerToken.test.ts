import { expect } from "chai";
import { accessTokenVerifier, TokenRefused } from "../../../functions/signIn/accessToken";
import {
  accessClaims,
  clientId,
  hmacToken,
  issuer,
  signedToken,
  signingKey,
  unsignedToken,
  userPoolId,
} from "../../support/authorizerTokens";

const key = signingKey("one");
const other = signingKey("one");
const keySet = (...keys: object[]) => new TextEncoder().encode(JSON.stringify({ keys })).buffer as ArrayBuffer;

function verifier(fetchKeys: (url: string) => Promise<ArrayBuffer> = async () => keySet(key.jwk)) {
  return accessTokenVerifier({ userPoolId, clientId, fetchKeys });
}
const bearer = (token: string) => `Bearer ${token}`;
const outcomeOf = (header: string | undefined) =>
  verifier()(header).then(
    () => "taken",
    (error: Error) => (error instanceof TokenRefused ? `refused: ${error.message}` : `fault: ${error.message}`),
  );

describe("the authorizer's look at a token", () => {
  it("takes an access token of the pool and the client, and says whose it is", async () => {
    const claims = accessClaims({ "cognito:groups": ["admin", "user"] });
    const token = signedToken(key, claims);
    expect(await verifier()(bearer(token))).to.deep.equal({
      token,
      sub: "5b2f-sub",
      username: "5b2f-sub",
      groups: ["admin", "user"],
    });
    expect((await verifier()(`bearer  ${token}`)).sub).to.equal("5b2f-sub");
  });

  it("takes a user in no group for one in no group", async () => {
    const token = signedToken(key, accessClaims({ "cognito:groups": undefined }));
    expect((await verifier()(bearer(token))).groups).to.deep.equal([]);
  });

  const long = 3600;
  const now = Math.floor(Date.now() / 1000);
  const [head, claims, signature] = signedToken(key).split(".") as [string, string, string];
  const refusals: [what: string, header: string | undefined, reason: RegExp][] = [
    ["no header", undefined, /no bearer token/],
    ["an empty header", "", /no bearer token/],
    ["a token without its scheme", signedToken(key), /no bearer token/],
    ["another scheme", `Basic ${Buffer.from("a:b").toString("base64")}`, /no bearer token/],
    ["two tokens", `${bearer(signedToken(key))}, ${bearer(signedToken(key))}`, /no bearer token/],
    ["a word", bearer("word"), /JwtParse/],
    ["three parts of nothing", bearer("a.b.c"), /JwtParse/],
    ["a token without its signature", bearer(`${head}.${claims}`), /JwtParse/],
    ["JSON that is no object", bearer(`${head}.${Buffer.from("[]").toString("base64url")}.${signature}`), /JwtParse/],
    ["one that has expired", bearer(signedToken(key, accessClaims({ exp: now - 1 }))), /JwtExpired/],
    ["one that is not valid yet", bearer(signedToken(key, accessClaims({ nbf: now + long }))), /NotBefore/],
    ["one of another pool", bearer(signedToken(key, accessClaims({ iss: `${issuer}x` }))), /Validation/],
    ["one of no pool", bearer(signedToken(key, accessClaims({ iss: undefined }))), /Validation/],
    ["one for another client", bearer(signedToken(key, accessClaims({ client_id: "other" }))), /ClientId/],
    ["an ID token", bearer(signedToken(key, accessClaims({ token_use: "id", aud: clientId }))), /TokenUse/],
    ["one signed with another key of the same name", bearer(signedToken(other)), /InvalidSignature/],
    ["one signed with a key that the pool does not have", bearer(signedToken(signingKey("two"))), /KidNotFound/],
    [
      "claims that were changed",
      bearer(`${head}.${signedToken(key, accessClaims({ sub: "x" })).split(".")[1]}.${signature}`),
      /InvalidSignature/,
    ],
    ["one without the name of its key", bearer(signedToken(key, accessClaims(), { kid: undefined })), /Kid/],
    ["alg none", bearer(unsignedToken()), /./],
    ["alg none with a signature", bearer(`${unsignedToken()}${signature}`), /Algorithm/],
    ["the public key taken for a shared secret", bearer(hmacToken(key)), /Algorithm/],
    [
      "another algorithm than the key's",
      bearer(signedToken(key, accessClaims(), { alg: "RS512" })),
      /Algorithm|Signature/,
    ],
  ];
  for (const [what, header, reason] of refusals) {
    it(`refuses ${what}`, async () => {
      expect(await outcomeOf(header))
        .to.match(/^refused: /)
        .and.match(reason);
    });
  }

  it("gets the pool's keys once, from where Cognito has them", async () => {
    const asked: string[] = [];
    const verify = verifier(async (url) => {
      asked.push(url);
      return keySet(key.jwk);
    });
    await verify(bearer(signedToken(key)));
    await verify(bearer(signedToken(key)));
    expect(asked).to.deep.equal([`${issuer}/.well-known/jwks.json`]);
  });

  it("asks again for a key it does not know, since pools change theirs", async () => {
    const next = signingKey("next");
    let keys = keySet(key.jwk);
    const verify = verifier(async () => keys);
    await verify(bearer(signedToken(key)));
    keys = keySet(key.jwk, next.jwk);
    expect((await verify(bearer(signedToken(next)))).sub).to.equal("5b2f-sub");
  });

  const faults: [what: string, fetchKeys: () => Promise<ArrayBuffer>][] = [
    ["can't be reached", () => Promise.reject(new Error("ECONNREFUSED"))],
    ["gives no key set", async () => new TextEncoder().encode('{"message":"slow down"}').buffer as ArrayBuffer],
  ];
  for (const [what, fetchKeys] of faults) {
    it(`takes it for a fault of its own when the pool ${what}, and blames no token`, async () => {
      const error = await verifier(fetchKeys)(bearer(signedToken(key))).catch((reason) => reason);
      expect(error).to.be.instanceOf(Error).and.not.instanceOf(TokenRefused);
    });
  }
});
