import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Claude, startClaude } from "../../packages/stand-ins/claude/start-claude.ts";
import { type Slack, startSlack } from "../../packages/stand-ins/slack/start.ts";
import { PRODUCTION } from "./synth/deployments.ts";
import { ROOT, synthesise } from "./synth/synthesise.ts";

let claude: Claude;
let slack: Slack;
beforeAll(async () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, "slack/manifest.http.json"), "utf8"));
  [claude, slack] = await Promise.all([
    startClaude({ log: () => {} }),
    startSlack({
      manifest,
      botToken: "xoxb-before-deploy",
      appToken: "xapp-x",
      http: { url: "http://127.0.0.1:9", signingSecret: "s" },
      log: () => {},
    }),
  ]);
});
afterAll(() => Promise.all([claude?.stop(), slack?.stop()]));

it("a deployment stops before it makes anything when a token opens nothing, and says which, without it", async () => {
  const settings = {
    ...PRODUCTION.settings,
    CODY_DOCTOR: "1",
    ANTHROPIC_BASE_URL: claude.url,
    SST_SECRET_AnthropicApiKey: "sk-ant-of-another",
    SST_SECRET_SlackBotToken: "xoxb-before-deploy",
    SLACK_API_URL: slack.apiUrl,
    GITHUB_API_URL: "http://127.0.0.1:9",
  };
  const refusal: string = await synthesise({ stage: "production", settings }).then(
    () => "It was deployed.",
    (error: { stderr: string }) => error.stderr,
  );
  expect(refusal).toContain("Nothing was deployed (CODY_DOCTOR=0 deploys without asking the services):");
  expect(refusal).toMatch(/ok +SlackBotToken belongs to .+ and has every scope\./);
  expect(refusal).toContain("BAD  Claude refuses AnthropicApiKey.");
  expect(refusal).toContain("BAD  http://127.0.0.1:9 cannot be reached: ");
  expect(refusal).not.toMatch(/sk-ant-of-another|xoxb-before|synthesis-github/);
});
