import * as http from "node:http";
import type * as net from "node:net";
import { type FrontDoor, openFrontDoor } from "../../../sandbox/frontDoor";

/** What the server behind the front door got, to the letter. */
export interface Seen {
  method: string;
  url: string;
  rawHeaders: string[];
  body: Buffer;
}

/** A front door, and the server behind it; new for every test. */
export interface Doorway {
  door: FrontDoor;
  behind: http.Server;
  behindUrl: string;
  /** Every request that came to the server behind, in turn. */
  seen: Seen[];
  /** What the front door has logged. */
  logged: string[];
  /** How the server behind answers. Default: with "fine". */
  answer: (request: http.IncomingMessage, response: http.ServerResponse) => void;
}

export function useDoorway(): Doorway {
  const doorway = {} as Doorway;

  beforeEach(async () => {
    const behind = http.createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk);
      }
      const { method, url, rawHeaders } = request;
      doorway.seen.push({ method: method!, url: url!, rawHeaders, body: Buffer.concat(chunks) });
      doorway.answer(request, response);
    });
    await new Promise<void>((resolve) => behind.listen(0, "127.0.0.1", resolve));
    const logged: string[] = [];
    const door = await openFrontDoor(0, (text) => logged.push(text));
    const behindUrl = `http://127.0.0.1:${(behind.address() as net.AddressInfo).port}`;
    door.setUpstream(behindUrl);
    Object.assign(doorway, {
      door,
      behind,
      behindUrl,
      seen: [],
      logged,
      answer: (_: unknown, response: http.ServerResponse) => response.end("fine"),
    });
  });

  afterEach(async () => {
    await doorway.door.close();
    doorway.behind.closeAllConnections();
    await new Promise((resolve) => doorway.behind.close(resolve));
  });

  return doorway;
}
