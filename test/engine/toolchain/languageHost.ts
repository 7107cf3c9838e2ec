/**
 * Stands in for `pulumi-language-nodejs` where the official CLI is not installed: test equipment, and as small as the
 * engine allows. The engine starts it as `pulumi-language-nodejs -root=<folder> [-<option>=<value>...] <engine address>`,
 * reads its port from the first line of stdout, and asks it to run the program.
 *
 * What it leaves out, and the official host does: installing dependencies, finding the plugins a program needs (the
 * engine finds them on PATH as soon as a resource asks for one), code generation, debuggers.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import * as path from "node:path";
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";

/** The SDK exits with it when the user has already been told what went wrong. */
const alreadyReported = 32;

const args = process.argv.slice(2);
const engineAddress = args.filter((arg) => !arg.startsWith("-")).at(-1) ?? "";
/** One of `runtime.options` of Pulumi.yaml; they arrive as flags. */
const option = (name: string) => args.find((arg) => arg.startsWith(`-${name}=`))?.slice(name.length + 2);

type Unary<Request, Response> = (call: grpc.ServerUnaryCall<Request, Response>) => Promise<Response> | Response;

function unary<Request, Response>(answer: Unary<Request, Response>): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => answer(call))
      .then(
        (response) => callback(null, response),
        (error) =>
          callback({ code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : `${error}` }),
      );
  };
}

/** Runs the program to its end; the engine learns of its resources from the program itself, over the monitor. */
function run(request: language.RunRequest): Promise<language.RunResponse> {
  const info = request.getInfo();
  const programFolder = info?.getProgramDirectory() || request.getPwd();
  const runner = createRequire(path.join(programFolder, "_")).resolve("@pulumi/pulumi/cmd/run");
  const flags = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    pwd: request.getPwd(),
    "root-directory": info?.getRootDirectory() || request.getPwd(),
    parallel: String(request.getParallel()),
  };
  const config: Record<string, string> = {};
  request.getConfigMap().forEach((value, key) => {
    // The engine hands keys as `namespace:config:name`, programs read `namespace:name`.
    config[key.replace(/^([^:]+):config:/, "$1:")] = value;
  });
  const child = spawn(
    process.execPath,
    [
      ...(option("nodeargs")?.split(/\s+/).filter(Boolean) ?? []),
      runner,
      ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
      ...(request.getDryrun() ? ["--dry-run"] : []),
      info?.getEntryPoint() || request.getProgram() || ".",
      ...request.getArgsList(),
    ],
    {
      cwd: request.getPwd(),
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        // TypeScript is on unless the project says otherwise.
        PULUMI_NODEJS_TYPESCRIPT: String(option("typescript") !== "false"),
      },
    },
  );
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const response = new language.RunResponse();
      if (code === alreadyReported) response.setBail(true);
      else if (signal) response.setError(`Program was ended by signal ${signal}`);
      else if (code !== 0) response.setError(`Program exited with code ${code}`);
      resolve(response);
    });
  });
}

const server = new grpc.Server();
server.addService(LanguageRuntimeService, {
  handshake: unary(() => new language.LanguageHandshakeResponse()),
  getPluginInfo: unary(() => {
    const info = new PluginInfo();
    info.setVersion("0.0.0-thingstack");
    return info;
  }),
  getRequiredPlugins: unary(() => new language.GetRequiredPluginsResponse()),
  getRequiredPackages: unary(() => new language.GetRequiredPackagesResponse()),
  getProgramDependencies: unary(() => new language.GetProgramDependenciesResponse()),
  about: unary(() => {
    const about = new language.AboutResponse();
    about.setExecutable(process.execPath);
    about.setVersion(process.version);
    return about;
  }),
  run: unary((call: grpc.ServerUnaryCall<language.RunRequest, language.RunResponse>) => run(call.request)),
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});

// The engine holds our stdin open for as long as it lives, so its end is ours too, even when it was killed.
process.stdin.resume().once("end", () => process.exit(0));
