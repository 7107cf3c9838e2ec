import { createServer, type Server } from "node:net";
import { LocalCloudError } from "./errors";

/**
 * Listens on 127.0.0.1.
 * @param port 0: any free one
 * @param option the argument the port was given by; a port that is taken or no port at all is reported under this name
 * @returns the port
 */
export async function listenLocally(server: Server, port: number, option: string): Promise<number> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new LocalCloudError(
      `\`${option}\` is ${port}, which is no port. Give a number from 1 to 65535, or none for any free one.`,
    );
  }
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(explain(error, port, option)));
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

/** Finds a free port, or makes sure that a given one is free. */
export async function freePort(port: number, option: string): Promise<number> {
  const server = createServer();
  const free = await listenLocally(server, port, option);
  await new Promise((resolve) => server.close(resolve));
  return free;
}

function explain(error: NodeJS.ErrnoException, port: number, option: string): Error {
  if (error.code === "EADDRINUSE") {
    return new LocalCloudError(
      `\`${option}\` is ${port}, but port ${port} of 127.0.0.1 is taken by another program. ` +
        `Stop that program, give another \`${option}\`, or none for any free one.`,
    );
  }
  if (error.code === "EACCES") {
    return new LocalCloudError(
      `\`${option}\` is ${port}, but this user may not listen on port ${port}. Give a \`${option}\` above 1023, or none.`,
    );
  }
  return error;
}
