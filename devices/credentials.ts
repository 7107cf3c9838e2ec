import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { ConnectionError } from "./errors";

export interface CredentialOptions {
  /** The device's certificate: a PEM file, or `certificatePem`. */
  readonly certificatePath?: string;
  readonly certificatePem?: string;
  /** The certificate's private key: a PEM file, or `keyPem`. */
  readonly keyPath?: string;
  readonly keyPem?: string;
  /**
   * The certificate authority that the server's certificate has to come from: a PEM file, or `caPem`.
   * Default: the authorities that the system trusts; Amazon's are among them.
   */
  readonly caPath?: string;
  readonly caPem?: string;
}

export interface Credentials {
  readonly certificate: string;
  readonly key: string;
  readonly ca?: string;
}

/**
 * Reads and checks what the device identifies itself with. The TLS library would say "invalid argument" to all of this.
 *
 * @throws ConnectionError (`credentials`) naming the file and what is wrong with it.
 */
export function readCredentials(options: CredentialOptions): Credentials {
  const certificate = read("certificate", options.certificatePem, options.certificatePath);
  const key = read("key", options.keyPem, options.keyPath);
  if (certificate === undefined) throw fault("There is no device certificate: give certificatePath or certificatePem.");
  if (key === undefined) throw fault("There is no private key: give keyPath or keyPem.");
  const ca = read("CA", options.caPem, options.caPath);

  const parsed = parse(`the certificate${of(options.certificatePath)}`, () => new X509Certificate(certificate));
  const privateKey = parse(`the private key${of(options.keyPath)}`, () => createPrivateKey(key));
  if (ca !== undefined) parse(`the CA certificate${of(options.caPath)}`, () => new X509Certificate(ca));
  if (!parsed.checkPrivateKey(privateKey)) {
    throw fault(
      `The private key${of(options.keyPath)} is not the key of the certificate${of(options.certificatePath)} ` +
        `(${subjectOf(parsed)}). Use the pair that was made together.`,
    );
  }
  return { certificate, key, ca };
}

function read(what: string, pem: string | undefined, path: string | undefined): string | undefined {
  if (pem !== undefined || path === undefined) return pem;
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === "ENOENT" ? "there is no such file" : code === "EACCES" ? "this user may not read it" : code;
    throw fault(`The ${what} file ${path} cannot be read: ${why}.`, cause);
  }
}

function parse<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw fault(`${what[0]?.toUpperCase()}${what.slice(1)} is not one in PEM form (-----BEGIN ...).`, cause);
  }
}

function subjectOf(certificate: X509Certificate): string {
  return certificate.subject.replace(/\n/g, ", ");
}

function of(path: string | undefined): string {
  return path === undefined ? "" : ` ${path}`;
}

function fault(message: string, cause?: unknown): ConnectionError {
  return new ConnectionError("credentials", message, { cause });
}
