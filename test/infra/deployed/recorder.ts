import { createServer, request as forward, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** One call to AWS by one role: `dynamodb:Query` on `table/JobsTable/index/open`. `leadingKey`: the row's partition. */
export type Call = { role: string; action: string; resource: string; leadingKey?: string };

/** Stands between one role and one stand-in, passes every byte on as it came, and notes what was asked for. */
export async function startRecorder({ role, target, calls }: { role: string; target: string; calls: Call[] }) {
  const { hostname, port } = new URL(target);
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    for (const call of callsIn(request, body)) calls.push({ role, ...call });
    forward(
      { hostname, port, method: request.method, path: request.url, headers: request.headers, setHost: false },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      },
    )
      .on("error", () => response.destroy())
      .end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
function callsIn(request: IncomingMessage, body: Buffer): Omit<Call, "role">[] {
  const [service, operation] = String(request.headers["x-amz-target"] ?? "").split(".");
  if (service?.startsWith("DynamoDB")) {
    const { TableName, IndexName, RequestItems, Key, Item, ExpressionAttributeValues } = JSON.parse(body.toString());
    const leadingKey = (Key?.pk ?? Item?.pk ?? ExpressionAttributeValues?.[":pk"])?.S;
    const tables: string[] = RequestItems ? Object.keys(RequestItems) : [TableName];
    return tables.map((table) => ({
      action: `dynamodb:${operation}`,
      resource: `table/${table}${IndexName ? `/index/${IndexName}` : ""}`,
      ...(leadingKey && { leadingKey }),
    }));
  }
  if (service === "AWSStepFunctions") {
    const { stateMachineArn, executionArn } = JSON.parse(body.toString());
    return [
      {
        action: `states:${operation}`,
        resource: String(executionArn ?? stateMachineArn)
          .split(":")
          .slice(5)
          .join(":"),
      },
    ];
  }
  const { pathname, searchParams } = new URL(request.url!, "http://localhost");
  const [, invoked] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(pathname) ?? [];
  if (invoked) return [{ action: "lambda:InvokeFunction", resource: `function:${invoked}` }];
  const [bucket, ...key] = decodeURIComponent(pathname).slice(1).split("/");
  if (searchParams.has("list-type")) return [{ action: "s3:ListBucket", resource: bucket! }];
  const resource = `${bucket}/${key.join("/")}`;
  if (request.method === "GET" || request.method === "HEAD") return [{ action: "s3:GetObject", resource }];
  if (request.method !== "PUT") return [{ action: `s3:${request.method}`, resource }];
  const tagged = request.headers["x-amz-tagging"] ? [{ action: "s3:PutObjectTagging", resource }] : [];
  return [{ action: "s3:PutObject", resource }, ...tagged];
}
