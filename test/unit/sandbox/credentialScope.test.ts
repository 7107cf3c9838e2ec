import { expect } from "chai";
import { credentialScope } from "../../../sandbox/ministack/credentialScope";

const UNSIGNED = { accessKeyId: "", region: "", service: "" };
const SIGNED = { accessKeyId: "000000000000", region: "eu-west-1", service: "iot" };
const SCOPE = "000000000000/20260101/eu-west-1/iot/aws4_request";

describe("credentialScope", () => {
  const cases: { what: string; header?: string; query?: string; expected: object }[] = [
    { what: "no signature", expected: UNSIGNED },
    {
      what: "the SDK's header",
      header: `AWS4-HMAC-SHA256 Credential=${SCOPE}, SignedHeaders=host;x-amz-date, Signature=ab12`,
      expected: SIGNED,
    },
    {
      what: "a header without spaces after the commas",
      header: `AWS4-HMAC-SHA256 SignedHeaders=host,Signature=ab12,Credential=${SCOPE}`,
      expected: SIGNED,
    },
    {
      what: "SigV4a, whose scope has no region",
      header: "AWS4-ECDSA-P256-SHA256 Credential=AKIA1/20260101/s3/aws4_request, Signature=ab12",
      expected: { accessKeyId: "AKIA1", region: "", service: "s3" },
    },
    {
      what: "a presigned link",
      query: `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(SCOPE)}`,
      expected: SIGNED,
    },
    { what: "a bearer token", header: "Bearer Credential=x", expected: UNSIGNED },
    { what: "the old signature version", header: "AWS AKIA1:c2lnbmF0dXJl", expected: UNSIGNED },
    {
      what: "a scope cut short",
      header: "AWS4-HMAC-SHA256 Credential=000000000000/20260101, Signature=ab12",
      expected: UNSIGNED,
    },
    {
      what: "a scope of something else",
      header: "AWS4-HMAC-SHA256 Credential=000000000000/20260101/eu-west-1/iot/aws5_request",
      expected: UNSIGNED,
    },
  ];
  for (const { what, header, query, expected } of cases) {
    it(`reads ${what}`, () => {
      expect(credentialScope(header, new URLSearchParams(query))).to.deep.equal(expected);
    });
  }
});
