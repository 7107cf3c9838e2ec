/** `node -r ./typescript.cjs test/engine/toolchain/main.ts`: makes the toolchain, prints its folder. */
import { ToolUnavailable } from "./goTool";
import { makeToolchain } from "./toolchain";

makeToolchain((line) => console.error(`engine: ${line}`)).then(
  ({ folder, engine, version }) => {
    console.error(
      engine === "official"
        ? `engine: the official Pulumi CLI ${version} on PATH`
        : `engine: Pulumi ${version}, built from its Go module, with stand-ins for its Node hosts (test equipment)`,
    );
    console.log(folder);
  },
  (error: unknown) => {
    console.error(error instanceof ToolUnavailable ? `engine: ${error.message}` : error);
    process.exitCode = 1;
  },
);
