import { connect } from "node:tls";
import { type Endpoint, refusedCertificate, unreachable } from "./connectionFaults";
import type { Credentials } from "./credentials";
import { ConnectionError } from "./errors";

const wrongAuthority = [
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_SIGNATURE_FAILURE",
];

/** Milliseconds for the server to react to the client's certificate, once the client is content with the server's. */
const patience = 1500;

/**
 * Does the TLS handshake once more with Node's own TLS, which says exactly what is wrong, at once. The SDK's (s2n) says
 * only "negotiation failed", and that after 10 to 30 seconds, by which it guards against timing attacks.
 *
 * @returns what is wrong, or `undefined` when the handshake is fine.
 */
export function probeTls(at: Endpoint, { certificate, key, ca }: Credentials): Promise<ConnectionError | undefined> {
  return new Promise((resolve) => {
    const { host, port } = at;
    const socket = connect({ host, port, cert: certificate, key, ca, ...(isName(host) ? { servername: host } : {}) });
    const done = (result: ConnectionError | undefined) => {
      clearTimeout(limit);
      socket.destroy();
      resolve(result);
    };
    let limit = setTimeout(() => done(unreachable(at, "no TLS handshake within 5 s")), 5000);
    // With TLS 1.3 the client is done before the server has looked at its certificate.
    socket.once("secureConnect", () => {
      clearTimeout(limit);
      limit = setTimeout(() => done(undefined), patience);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => done(explainTls(error.code ?? error.message, at)));
    socket.once("close", () => done(refusedCertificate(at)));
  });
}

/** What Node's or OpenSSL's error code means for a device. */
export function explainTls(code: string, at: Endpoint): ConnectionError {
  const where = `${at.host}:${at.port}`;
  if (wrongAuthority.includes(code)) {
    return untrusted(
      `${where} shows a certificate from a CA that the device does not trust (${code}). Give the CA of this endpoint ` +
        "as caPath; for AWS that is an Amazon root CA, for the local cloud the file that its outputs name.",
    );
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return untrusted(
      `The certificate of ${where} is for another host name. Connect by the name that the endpoint has.`,
    );
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return untrusted(
      `By the device's clock (${new Date().toISOString()}) the certificate of ${where} is not valid (${code}). ` +
        "A device that lost its time needs it set first.",
    );
  }
  if (/ALERT/.test(code)) return refusedCertificate(at, ` (${code})`);
  if (/SSL|EPROTO/.test(code)) return untrusted(`What listens at ${where} does not speak TLS as expected (${code}).`);
  if (code === "ECONNRESET" || code === "EPIPE") return refusedCertificate(at, ` (${code})`);
  return unreachable(at, code);
}

function untrusted(message: string): ConnectionError {
  return new ConnectionError("untrustedServer", message);
}

/** SNI carries names, not addresses. */
function isName(host: string): boolean {
  return !/^[\d.]+$|:/.test(host);
}
