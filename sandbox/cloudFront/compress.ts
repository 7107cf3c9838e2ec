import type { IncomingHttpHeaders } from "node:http";
import type { Transform } from "node:stream";
import { constants, createBrotliCompress, createGzip } from "node:zlib";

/** What CloudFront compresses, as far as a site has it; fonts and images are compressed by themselves. */
const compressible =
  /^(text\/(html|css|plain|javascript|xml)|application\/(json|javascript|xml|manifest\+json)|image\/svg\+xml)\b/;

/** CloudFront leaves what is smaller, or larger, as it is: bytes. */
const SMALLEST = 1000;
const LARGEST = 10_000_000;

/**
 * How CloudFront would compress an answer, or undefined when it would not.
 * {@link https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html}
 */
export function compression(
  accepted: string,
  status: number,
  headers: IncomingHttpHeaders,
): { readonly encoding: "br" | "gzip"; readonly stream: () => Transform } | undefined {
  const length = Number(headers["content-length"] ?? 0);
  if (status !== 200 || length < SMALLEST || length > LARGEST || headers["content-encoding"]) return undefined;
  if (!compressible.test(headers["content-type"] ?? "")) return undefined;
  if (/\bbr\b/.test(accepted)) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 5 };
    return { encoding: "br", stream: () => createBrotliCompress({ params }) };
  }
  return /\bgzip\b/.test(accepted) ? { encoding: "gzip", stream: () => createGzip() } : undefined;
}
