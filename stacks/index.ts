import { assertAccount } from "./account";
import { backend } from "./backend";
import { confineRoles } from "./bootstrap/confineRoles";
import { loadConfig } from "./config";

/** The program, the same for every stack: what differs is in `Pulumi.<stack>.yaml`. */
export = async () => {
  const config = loadConfig();
  await assertAccount(config.allowedAccountIds);
  if (config.permissionsBoundary) confineRoles(config.permissionsBoundary);
  return backend(config);
};
