import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { type S3Options, startS3 } from "../../packages/stand-ins/s3/s3.ts";

export const BUCKET = "cody-artifacts";
export const CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local-secret" };

const quiet = () => {};
const logger = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };

/** A client with the SDK's own defaults, as every entry point has it. */
export const connect = (url: string, config: S3ClientConfig = {}) =>
  new S3Client({ endpoint: url, region: "us-east-1", credentials: CREDENTIALS, maxAttempts: 1, logger, ...config });

export async function startWorld(options: Partial<S3Options> = {}) {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "cody-s3-")));
  const logged: string[] = [];
  const log = (line: string) => void logged.push(line);
  const server = await startS3({ folder, buckets: [BUCKET], log, ...CREDENTIALS, ...options });
  const s3 = connect(server.url);
  return {
    ...server,
    folder,
    s3,
    logged,
    async [Symbol.asyncDispose]() {
      s3.destroy();
      await server.stop();
      if (!options.folder) await rm(folder, { recursive: true });
    },
  };
}
export type S3World = Awaited<ReturnType<typeof startWorld>>;

/** The request line goes out as it is: fetch would fold `..` in a path. */
export function rawRequest(url: string, path: string, options: http.RequestOptions = {}, body = "") {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const request = http.request({ hostname, port, path, ...options }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
    });
    request.on("error", reject);
    request.end(body);
  });
}
