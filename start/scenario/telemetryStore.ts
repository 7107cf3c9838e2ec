import { gunzipSync } from "node:zlib";
import { GetObjectCommand, paginateListObjectsV2, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";

/** A row of the store, or of the quarantine beside it. */
export interface TelemetryRow {
  readonly topic: string;
  readonly arrived: string;
  readonly sequence: string;
  readonly payload?: unknown;
  readonly reason?: string;
  readonly bytes?: string;
}

export type TelemetryPrefix = "telemetry" | "quarantine";

/** What a pipeline has written, read from its objects. An object is read again only when it was written again. */
export class TelemetryStore {
  private readonly s3: S3Client;
  private readonly read = new Map<string, { readonly written: string; readonly rows: readonly TelemetryRow[] }>();

  constructor(
    config: S3ClientConfig,
    private readonly bucketName: string,
  ) {
    this.s3 = new S3Client(config);
  }

  /** Every row there is now. @param onObject hears of each object that is new, or new again */
  async rows(
    prefix: TelemetryPrefix,
    onObject: (key: string, rows: readonly TelemetryRow[]) => void = () => {},
  ): Promise<TelemetryRow[]> {
    const all: TelemetryRow[] = [];
    const pages = paginateListObjectsV2({ client: this.s3 }, { Bucket: this.bucketName, Prefix: `${prefix}/` });
    for await (const { Contents = [] } of pages) {
      for (const { Key = "", ETag, LastModified } of Contents) {
        const written = `${ETag} ${LastModified?.toISOString()}`;
        let object = this.read.get(Key);
        if (object?.written !== written) {
          object = { written, rows: await this.rowsOf(Key) };
          this.read.set(Key, object);
          onObject(Key, object.rows);
        }
        all.push(...object.rows);
      }
    }
    return all;
  }

  close(): void {
    this.s3.destroy();
  }

  private async rowsOf(Key: string): Promise<TelemetryRow[]> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.bucketName, Key }));
    const text = gunzipSync(await Body!.transformToByteArray()).toString("utf8");
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  }
}
