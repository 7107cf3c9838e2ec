import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export const userPoolId = "eu-central-1_AbCdEfGhI";
export const clientId = "4u8client";
export const issuer = `https://cognito-idp.eu-central-1.amazonaws.com/${userPoolId}`;

/** A key of a user pool, and how the pool publishes it. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: object;
}

export function signingKey(kid: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { kid, privateKey, publicKey, jwk: { ...publicKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" } };
}

/** What Cognito writes into an access token. */
export function accessClaims(change: object = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    sub: "5b2f-sub",
    "cognito:groups": ["user"],
    iss: issuer,
    client_id: clientId,
    token_use: "access",
    scope: "aws.cognito.signin.user.admin",
    auth_time: now,
    iat: now,
    exp: now + 900,
    username: "5b2f-sub",
    ...change,
  };
}

const part = (value: object | string) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token as Cognito signs it, unless the header says otherwise. */
export function signedToken(key: SigningKey, claims: object = accessClaims(), header: object = {}): string {
  const text = `${part({ alg: "RS256", kid: key.kid, ...header })}.${part(claims)}`;
  return `${text}.${sign("sha256", Buffer.from(text), key.privateKey).toString("base64url")}`;
}

/** The attack on verifiers that take the public key for a shared secret. */
export function hmacToken(key: SigningKey, claims: object = accessClaims()): string {
  const text = `${part({ alg: "HS256", kid: key.kid })}.${part(claims)}`;
  const secret = key.publicKey.export({ type: "spki", format: "pem" });
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

/** A token that says it needs no signature. */
export const unsignedToken = (claims: object = accessClaims(), kid = "one") =>
  `${part({ alg: "none", kid })}.${part(claims)}.`;
