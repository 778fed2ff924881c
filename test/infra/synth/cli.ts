import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { ACCOUNT, REGION } from "./mocks.ts";

/** The questions that components ask the sst CLI while it deploys, answered on loopback. Returns the URL for SST_SERVER. */
export async function answerAsCli(): Promise<string> {
  const server = createServer(async (request, response) => {
    // The port was another server's a moment ago, and on a busy machine its clients still knock.
    if (`${request.method} ${request.url}` !== "POST /rpc") return void response.writeHead(404).end();
    const { method, params } = JSON.parse(await text(request)) as { method: string; params: [Build] };
    const answer = ANSWERS[method];
    response.end(JSON.stringify(answer ? { result: answer(params[0]) } : { error: `rpc: can't find ${method}` }));
  });
  // SST keeps its connections, and one that is closed for idleness while a busy process asks again ends all.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

type Build = { bundle?: string; handler: string };

const ANSWERS: Record<string, (build: Build) => unknown> = {
  "Provider.Aws.Bootstrap": () => ({
    asset: "sst-asset",
    assetEcrRegistryId: ACCOUNT,
    assetEcrUrl: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/sst-asset`,
    state: "sst-state",
  }),
  /** Our functions are bundled before: the CLI would hand the folder back as it is. */
  "Runtime.Build": ({ bundle, handler }) =>
    bundle ? { out: bundle, handler, errors: [], sourcemaps: [] } : { errors: [`${handler} is not bundled by us`] },
  "Runtime.AddTarget": () => ({}),
};
