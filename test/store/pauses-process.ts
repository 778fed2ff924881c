/**
 * A runner's asking as a process of its own: it asks as fast as it may until it is told to stop. Arguments: addresses of
 * the table and the model server.
 */
import Anthropic from "@anthropic-ai/sdk";
import { ask } from "../../packages/agent/ask.ts";
import { modelOf } from "../../packages/agent/models.ts";
import { createPauses } from "../../packages/store/pauses.ts";
import { connect, TABLE } from "../stand-ins/dynamodb-folder.ts";

const [tableUrl = "", baseURL = "", apiKey = ""] = process.argv.slice(2);
const claude = new Anthropic({ baseURL, apiKey, logLevel: "off" });
const model = modelOf("claude-sonnet-5-5");
const pause = createPauses({ documents: connect(tableUrl), table: TABLE })({ url: baseURL, apiKey, model: model.id });
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

process.once("SIGTERM", () => process.exit(0));
for (;;) {
  const asked = await ask(
    { messages: claude.messages, now: () => new Date(), sleep, pause },
    {
      model,
      maxTokens: 100,
      prefix: { system: "s", tools: [] },
      dropsThinking: false,
      messages: [{ role: "user", content: [{ type: "text", text: "?" }] }],
    },
    {
      deadline: new Date(Date.now() + 60_000),
      onAsk: async () => {},
      onFailed: async () => {},
      onWait: async (until) => console.log(`waits until ${until.toISOString()}`),
    },
  );
  if (asked.kind !== "answered") throw new Error(`It ended as ${asked.kind}.`);
  console.log("answered");
  await sleep(20);
}
