import * as path from "node:path";

/** The project: where package.json and node_modules are. */
export const projectDirectory = path.resolve(__dirname, "..");
