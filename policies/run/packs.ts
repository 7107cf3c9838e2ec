import { pack as conventions } from "../conventions/pack";
import { pack as reliability } from "../reliability/pack";
import { pack as security } from "../security/pack";
import type { Pack } from "../shared/configuration";

/** All packs of this project. */
export const packs: readonly Pack[] = [conventions, security, reliability];
