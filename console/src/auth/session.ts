import { computed, signal } from "@preact/signals";
import type { Caller } from "../api/types";
import type { Config } from "../config";
import { Cognito, SignInError, type Tokens } from "./cognito";

/** Only the refresh token, and only for as long as the tab lives: docs/decisions/console.md says why. */
const storageKey = "thingstack.refresh";
/** An access token is renewed this long before it ends, in milliseconds. */
const margin = 60_000;

type State =
  | { readonly kind: "starting" }
  | { readonly kind: "signedOut"; readonly message?: string }
  | { readonly kind: "signedIn"; readonly tokens: Tokens };

const state = signal<State>({ kind: "starting" });
let cognito: Cognito;
let renewing: Promise<Tokens> | undefined;

export const sessionKind = computed(() => state.value.kind);
/** Why the person has to sign in again; undefined at first. */
export const signedOutBecause = computed(() => (state.value.kind === "signedOut" ? state.value.message : undefined));
/** Who is signed in; undefined until the API has said. */
export const caller = signal<Caller | undefined>(undefined);
export const isAdmin = computed(() => caller.value?.isAdmin ?? false);

/** Goes on with the session of this tab where there is one. */
export async function startSession(config: Config): Promise<Cognito> {
  cognito = new Cognito(config);
  const refreshToken = sessionStorage.getItem(storageKey);
  if (refreshToken) await renew(refreshToken).catch(() => endSession());
  else state.value = { kind: "signedOut" };
  return cognito;
}

export function beginSession(tokens: Tokens): void {
  if (tokens.refreshToken) sessionStorage.setItem(storageKey, tokens.refreshToken);
  state.value = { kind: "signedIn", tokens };
}

/** A token that is good for at least a minute. */
export async function accessToken(): Promise<string> {
  const { value } = state;
  if (value.kind !== "signedIn") throw new SignInError("SignedOut", "You are signed out.");
  const { tokens } = value;
  if (tokens.expiresAt - Date.now() > margin) return tokens.accessToken;
  return renewAccess();
}

/** Another access token, whatever the old one says of itself: the API did not take it. */
export async function renewAccess(): Promise<string> {
  const refreshToken = sessionStorage.getItem(storageKey);
  try {
    if (!refreshToken) throw new SignInError("SignedOut", "You are signed out.");
    return (await renew(refreshToken)).accessToken;
  } catch (error) {
    // Without network the session goes on later; only Cognito ends it.
    if (error instanceof SignInError && error.code !== "Unreachable")
      endSession("Your session has ended. Sign in again.");
    throw error;
  }
}

export async function signOut(): Promise<void> {
  const refreshToken = sessionStorage.getItem(storageKey);
  endSession();
  // Whether or not Cognito can be reached: this tab has nothing left to come back with.
  if (refreshToken) await cognito.revoke(refreshToken).catch(() => undefined);
}

function endSession(message?: string): void {
  sessionStorage.removeItem(storageKey);
  caller.value = undefined;
  state.value = { kind: "signedOut", message };
}

/** One renewal at a time, however many requests wait for it. */
function renew(refreshToken: string): Promise<Tokens> {
  renewing ??= cognito
    .refresh(refreshToken)
    .then((tokens) => {
      const renewed = { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken };
      beginSession(renewed);
      return renewed;
    })
    .finally(() => {
      renewing = undefined;
    });
  return renewing;
}
