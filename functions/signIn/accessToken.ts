import { CognitoJwtVerifier } from "aws-jwt-verify";
import { JwksValidationError, JwkValidationError, JwtBaseError } from "aws-jwt-verify/error";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";

/** What an access token says of its user. */
export interface TokenClaims {
  /** The user's id in the user pool. */
  readonly sub: string;
  readonly username: string;
  readonly groups: readonly string[];
}

/** Why a request is refused with 401; goes to the log, never to the caller. */
export class TokenRefused extends Error {
  override readonly name = "TokenRefused";
}

export interface VerifierSettings {
  readonly userPoolId: string;
  readonly clientId: string;
  /** Gets a key set; an error of it is a fault of the service, and never a refusal. */
  readonly fetchKeys: (url: string) => Promise<ArrayBuffer>;
}

/**
 * Returns a function that takes the header `Authorization` to the claims of its access token: signed with a key of the user
 * pool (RS256), of this pool and client, an access token and no ID token, not expired. The pool's keys are got once.
 *
 * @throws TokenRefused for any other header; other errors are faults
 */
export function accessTokenVerifier({ userPoolId, clientId, fetchKeys }: VerifierSettings) {
  const verifier = CognitoJwtVerifier.create(
    { userPoolId, clientId, tokenUse: "access" },
    { jwksCache: new SimpleJwksCache({ fetcher: { fetch: fetchKeys } }) },
  );
  return async (header: string | undefined): Promise<TokenClaims & { readonly token: string }> => {
    const token = /^Bearer +([\w.-]+)$/i.exec(header ?? "")?.[1];
    if (token === undefined) throw new TokenRefused("no bearer token");
    try {
      const claims = await verifier.verify(token);
      return { token, sub: claims.sub, username: claims.username, groups: claims["cognito:groups"] ?? [] };
    } catch (error) {
      // A key set that does not look like one is the pool's fault, not the token's.
      const fault = error instanceof JwksValidationError || error instanceof JwkValidationError;
      if (fault || !(error instanceof JwtBaseError)) throw error;
      throw new TokenRefused(error.constructor.name);
    }
  };
}
