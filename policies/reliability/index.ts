import { PolicyPack } from "@pulumi/policy";
import { refuseWrongConfiguration } from "../shared/strictServer";
import { pack } from "./pack";

refuseWrongConfiguration(pack);
new PolicyPack(pack.name, pack);
