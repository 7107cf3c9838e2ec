/** CodeDeploy for functions on the local cloud. */
export { type CodeDeployOptions, codeDeployFill } from "./codeDeployFill";
