import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";

/** What a trace can be found by in X-Ray: `annotation.thing = "cooler-17"`. */
export type Annotations = Readonly<Record<string, string | number | boolean>>;

/**
 * Does some work as a subsegment of the call's trace. Lambda makes the call's own segment, but takes no annotations on it.
 *
 * A subsegment is one datagram of JSON to the daemon that Lambda runs beside each function, so X-Ray's SDK (some hundred
 * kilobytes) is not needed. Where nothing is traced (a call that was not sampled, the local cloud) only the work is done.
 */
export async function traced<T>(name: string, annotations: Annotations, work: () => Promise<T>): Promise<T> {
  const parent = sampledParent(process.env._X_AMZN_TRACE_ID);
  const daemon = /^([\w.-]+):(\d+)$/.exec(process.env.AWS_XRAY_DAEMON_ADDRESS ?? "");
  if (!parent || !daemon) return work();
  const started = Date.now();
  let fault = true;
  try {
    const result = await work();
    fault = false;
    return result;
  } finally {
    const segment = {
      name,
      id: randomBytes(8).toString("hex"),
      type: "subsegment",
      ...parent,
      start_time: started / 1000,
      end_time: Date.now() / 1000,
      annotations,
      ...(fault && { fault }),
    };
    await send(`{"format":"json","version":1}\n${JSON.stringify(segment)}`, daemon[1]!, Number(daemon[2]));
  }
}

/** Of `Root=1-...;Parent=...;Sampled=1`. */
function sampledParent(header = ""): { trace_id: string; parent_id: string } | undefined {
  const { Root, Parent, Sampled } = Object.fromEntries(header.split(";").map((part) => part.split("=")));
  return Root && Parent && Sampled === "1" ? { trace_id: Root, parent_id: Parent } : undefined;
}

/** A trace that is lost is no reason for a call to fail. */
function send(datagram: string, host: string, port: number): Promise<void> {
  const socket = createSocket("udp4");
  return new Promise((resolve) => {
    const done = () => socket.close(() => resolve());
    socket.on("error", done);
    socket.send(datagram, port, host, done);
  });
}
