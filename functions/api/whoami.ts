import { api } from "./answer";

/** Who is signed in. */
export function whoami() {
  return api(async ({ caller: { sub, username, groups, isAdmin } }) => ({ body: { sub, username, groups, isAdmin } }));
}
