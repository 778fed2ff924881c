import Anthropic from "@anthropic-ai/sdk";
import type { AgentInput } from "../../packages/agent/agent-input.ts";
import type { AgentDeps, Progress } from "../../packages/agent/run-agent.ts";
import type { Turn } from "../../packages/conversation/conversation.ts";
import { NO_USAGE } from "../../packages/jobs/usage.ts";
import type { Brain, Reply } from "../../packages/stand-ins/claude/brain.ts";
import { knownConversationOf } from "../../packages/stand-ins/claude/conversation.ts";
import { type Claude, startClaude } from "../../packages/stand-ins/claude/start-claude.ts";
import type { MessagesRequest } from "../../packages/stand-ins/claude/wire.ts";
import { type FolderTree, folderTree } from "./folder-tree.ts";

export type Stage = AsyncDisposable & {
  claude: Claude;
  tree: FolderTree;
  client: Anthropic;
  /** Stored by saveTurn, oldest first. */
  turns: Turn[];
  progress: Progress[];
  slept: number[];
  refused: string[];
  /** The clock; sleeping moves it on. */
  clock: { ms: number };
  deps: AgentDeps;
  input(changes?: Partial<AgentInput>): AgentInput;
  bodies(): MessagesRequest[];
};

/** The real SDK against the stand-in, a tree with real git, and a clock that only sleeping moves. */
export async function stage(
  options: {
    files?: Record<string, string | Uint8Array>;
    brain?: Brain;
    commands?: boolean;
    apiKey?: string;
    extraModels?: string[];
  } = {},
): Promise<Stage> {
  const refused: string[] = [];
  const claude = await startClaude({
    log: (line) => refused.push(line),
    ...(options.brain && { brain: options.brain }),
    ...(options.extraModels && { extraModels: options.extraModels }),
  });
  const tree = await folderTree(options.files ?? { "README.md": "# Sample\n" }, options);
  const client = new Anthropic({ baseURL: claude.url, apiKey: options.apiKey ?? claude.apiKey, logLevel: "off" });
  const turns: Turn[] = [];
  const progress: Progress[] = [];
  const slept: number[] = [];
  const clock = { ms: Date.parse("2026-11-22T12:00:00Z") };
  return {
    claude,
    tree,
    client,
    turns,
    progress,
    slept,
    refused,
    clock,
    deps: {
      messages: client.messages,
      tree,
      saveTurn: async (turn) => {
        turns.push(turn);
        return "stored";
      },
      heartbeat: async (now) => void progress.push(now),
      dollarsLeft: async () => 5,
      now: () => new Date(clock.ms),
      jitter: () => 0,
      sleep: async (ms, signal) => {
        signal?.throwIfAborted();
        slept.push(ms);
        clock.ms += ms;
      },
    },
    input: (changes = {}) => ({
      jobId: "j0123456789abcdef",
      repository: "acme/sample",
      baseCommit: "0".repeat(40),
      round: 1,
      attempt: 1,
      prompt: "Do the thing.",
      model: "claude-sonnet-5-5",
      limits: { maxTurns: 30, maxSeconds: 3_600 },
      earlierTurns: [],
      before: { turns: 0, usage: NO_USAGE, spendUsd: 0 },
      ...changes,
    }),
    bodies: () => claude.requests().flatMap(({ body }) => (body ? [body] : [])),
    async [Symbol.asyncDispose]() {
      await claude.stop();
    },
  };
}

/** A model that says these things in this order, whatever it hears, and the last one again and again. */
export const saying =
  (...replies: Reply[]): Brain =>
  (request) =>
    replies[Math.min(knownConversationOf(request).turns, replies.length - 1)]!;

export const calling = (name: string, input: Record<string, unknown> = {}): Reply => ({
  thinking: "",
  calls: [{ name, input }],
});

export const verdict = (changed: boolean, words = "All seen."): Reply => ({
  thinking: "Done.",
  calls: [
    {
      name: "report_verdict",
      input: {
        outcome: changed ? "changed" : "not-needed",
        missing: "",
        summary: words,
        evidence: [{ path: "README.md", note: "read" }],
        pullRequestTitle: changed ? "Change it" : "",
        pullRequestBody: changed ? "Because." : "",
      },
    },
  ],
});
