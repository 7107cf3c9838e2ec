/** Where, on the edge's own origin, the page finds the sign-in service. */
export const cognitoPath = "/_aws/cognito-idp";

/**
 * A page's settings with the one name in them that leads to AWS itself replaced by its place here. On the same origin, so
 * that the content security policy is the one that is deployed, and nothing has to be allowed for the laptop.
 */
export function withLocalNames(config: string): string {
  return config.replace(/"https:\/\/cognito-idp\.[a-z0-9-]+\.amazonaws\.com"/g, JSON.stringify(cognitoPath));
}
