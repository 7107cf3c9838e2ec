import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import type * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

const repository = resolve(__dirname, "..", "..");
const secondsToStart = 60;

/** A policy pack as Pulumi's engine talks to it: the calls of its gRPC service, as promises. */
export interface PackServer {
  readonly pid: number | undefined;
  info(): Promise<proto.AnalyzerInfo>;
  configure(request: proto.ConfigureAnalyzerRequest): Promise<unknown>;
  analyze(request: proto.AnalyzeRequest): Promise<proto.AnalyzeResponse>;
  analyzeStack(request: proto.AnalyzeStackRequest): Promise<proto.AnalyzeResponse>;
  remediate(request: proto.AnalyzeRequest): Promise<proto.RemediateResponse>;
  stop(): void;
}

/** Starts a pack's folder the way `pulumi-analyzer-policy` does, and waits for the port that it prints. */
export async function startPack(folder: string): Promise<PackServer> {
  const runner = require.resolve("@pulumi/pulumi/cmd/run-policy-pack", { paths: [repository] });
  const noEngine = "127.0.0.1:1";
  const child = spawn(process.execPath, [runner, noEngine, "."], { cwd: join(repository, "policies", folder) });
  let said = "";
  child.stderr.on("data", (data) => {
    said += data;
  });
  const port = await new Promise<string>((resolvePort, reject) => {
    const timer = setTimeout(() => fail(`printed no port within ${secondsToStart} s`), secondsToStart * 1000);
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill();
      reject(new Error(`The policy pack ${folder} ${why}. It said:\n${said}`));
    };
    child.once("exit", (code) => fail(`ended with ${code} before it printed its port`));
    child.stdout.once("data", (data) => {
      clearTimeout(timer);
      child.removeAllListeners("exit");
      resolvePort(String(data).trim());
    });
  });

  const client = new AnalyzerClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const call = <Request, Response>(
    method: (request: Request, callback: (error: Error | null, response: Response) => void) => unknown,
  ) => {
    const bound = method.bind(client);
    return (request: Request) =>
      new Promise<Response>((done, reject) =>
        bound(request, (error, response) => (error ? reject(error) : done(response))),
      );
  };
  const getInfo = call<Empty, proto.AnalyzerInfo>(client.getAnalyzerInfo as never);
  return {
    pid: child.pid,
    info: () => getInfo(new Empty()),
    configure: call(client.configure as never),
    analyze: call(client.analyze as never),
    analyzeStack: call(client.analyzeStack as never),
    remediate: call(client.remediate as never),
    stop: () => {
      client.close();
      child.kill();
    },
  };
}
