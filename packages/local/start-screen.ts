import { join } from "node:path";
import { listed } from "../text/lists.ts";
import type { Stack } from "./stack/stack.ts";

type Shown = Pick<Stack, "services" | "env" | "stocked" | "claude"> & {
  slack:
    | { pageUrl(): string; workspace: { people: readonly { name: string; role?: string | undefined }[] } }
    | undefined;
  forge: { pageUrl: string } | undefined;
};

/** What a terminal shows once everything is up: where it is, what to try and as whom. Pure. */
export function startScreen({ services, env, slack, forge, claude, stocked }: Shown, folder: string): string {
  const token = env.GITHUB_TOKEN && !env.GITHUB_READ_TOKEN;
  return [
    "Cody Batch is up.",
    "",
    ...services.map(
      ({ name, real, where }) => `  ${name.padEnd(15)} ${(real ? "real" : "stand-in").padEnd(9)} ${where}`,
    ),
    "",
    ...welcome(claude !== undefined, slack, stocked),
    slack ? `Open ${slack.pageUrl()}` : "Type /cody in your workspace.",
    ...(slack || !forge ? [] : [`Open ${forge.pageUrl} once; then pull requests open in this browser.`]),
    ...(token ? ["Warning: GITHUB_TOKEN reads and writes; two tokens keep the write one away from the model."] : []),
    "",
    `State: ${folder} (logs: ${join(folder, "stack.log")}, runner/logs/). Stop with Ctrl-C; what runs then goes on at the next start.`,
  ].join("\n");
}

function welcome(isScripted: boolean, slack: Shown["slack"], stocked: readonly string[]): string[] {
  if (stocked.length === 0) return ["Cody does one thing in up to five repositories at once. Type /cody to begin.", ""];
  return [
    `Cody does one thing in up to five repositories at once. Here are ${listed(stocked)}. Try:`,
    `  1. /cody Raise log4j-core to at least 2.17.1`,
    `  2. /cody Raise the npm package minimist to at least 1.2.8, with the delivery "Ask first": the card then has Approve`,
    `  3. a reply in the thread of a finished job: repository 1: raise log4j-core to at least 2.20.0`,
    ...(isScripted
      ? ["The model is scripted: it raises versions, and only looks at the rest. ANTHROPIC_API_KEY makes it real."]
      : []),
    ...(slack ? ["In the page you choose who you are:"] : []),
    ...(slack?.workspace.people.map(({ name, role }) => `  ${name}: ${role}`) ?? []),
    "",
  ];
}
