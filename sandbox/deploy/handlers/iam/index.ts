import type { Handlers } from "../../handler";
import { policy, rolePolicy, rolePolicyAttachment } from "./policies";
import { role } from "./role";

export const handlers: Handlers = {
  "aws:iam/role:Role": role,
  "aws:iam/rolePolicy:RolePolicy": rolePolicy,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": rolePolicyAttachment,
  "aws:iam/policy:Policy": policy,
};
