/** What the page has to know of the stack that it belongs to: `/config.json`, beside it in the bucket. */
export interface Config {
  /** Where the API is; on the page's own origin, so that no other may call it from a browser. */
  readonly apiUrl: string;
  readonly region: string;
  readonly userPoolId: string;
  readonly userPoolClientId: string;
  readonly cognitoEndpoint: string;
}

export async function loadConfig(): Promise<Config> {
  const answer = await fetch("/config.json");
  if (!answer.ok) throw new Error(`The console's settings (/config.json) could not be read: HTTP ${answer.status}.`);
  return answer.json();
}
