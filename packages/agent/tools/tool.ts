import { transformJSONSchema } from "@anthropic-ai/sdk/lib/transform-json-schema";
import { z } from "zod";
import type { ActionKind, CallAnswer } from "../../conversation/calls.ts";
import type { CommandEnd } from "../../conversation/conversation.ts";
import type { Redact } from "../redact.ts";
import type { Tree } from "../tree.ts";
import { TreeError } from "../tree.ts";

/** What a tool may use besides its input. */
export type ToolContext = {
  tree: Tree;
  signal?: AbortSignal;
  /** To what the report of this round replies, each of them. */
  threads?: readonly string[];
  /** Takes secrets out of what is shown, before it is numbered or cut. */
  redact?: Redact;
};

/** One schema is type, parser and what the model is shown. `run` throws a TreeError for what the model did wrong. */
export type Tool<Input = unknown> = {
  name: string;
  description: string;
  schema: z.ZodType<Input>;
  strict?: boolean;
  /** What it is for, and what people read of a call of it. */
  kind: ActionKind;
  /** On the card, while it runs: "reading pom.xml". */
  doing(input: Input): string;
  /** In the conversation: "read pom.xml". `answer` is absent when the round ended before it came. */
  done(input: Input, answer?: CallAnswer): string;
  /** The one file that it looks at or changes. */
  pathOf?(input: Input): string;
  /** Its answer is what stands in files, so secrets are taken out of them before it looks. */
  showsFiles?: boolean;
  /** Only a tree with a sandbox has it. */
  needsCommands?: boolean;
  /** The card names the activity while the call runs, not only with the next request. */
  mayTakeLong?: boolean;
  run(input: Input, context: ToolContext): Promise<string | Answer>;
};

/** What the model is told, and how the command ended where the tool ran one. */
type Answer = { text: string; command?: CommandEnd };

export type ToolResult = Answer & { isError: boolean };

type InputSchema = { type: "object" };
/** Made once for each schema, as most stand in their tool's file and every round and attempt asks anew. */
const made = { strict: new WeakMap<z.ZodType, InputSchema>(), plain: new WeakMap<z.ZodType, InputSchema>() };

/** The Messages API's form of a tool. */
export const toApiTool = (tool: Tool) => ({
  name: tool.name,
  description: tool.description,
  input_schema: inputSchemaOf(tool),
  ...(tool.strict && { strict: true }),
});

function inputSchemaOf({ schema, strict }: Tool): InputSchema {
  const known = strict ? made.strict : made.plain;
  const found = known.get(schema);
  if (found) return found;
  const { $schema: _, ...whole } = z.toJSONSchema(schema, { io: "input" });
  const input = withoutLimits(strict ? transformJSONSchema(whole) : whole) as InputSchema;
  known.set(schema, input);
  return input;
}

const LIMITS = new Set(["minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"]);

/**
 * Limits are checked when a call comes; in every request they would be bytes without use. In a strict schema the
 * API refuses them, and transformJSONSchema moves them into descriptions as `{maxLength: 3000}`.
 */
function withoutLimits(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema), (key, value) => {
    if (LIMITS.has(key) && typeof value === "number") return undefined;
    return key === "description" && typeof value === "string" ? value.replace(/\n*\{\w+: [^}]*\}$/, "") : value;
  });
}

export function runnable<Input>(tool: Tool<Input>): Tool {
  return tool as unknown as Tool;
}

/** Bad input and TreeErrors become sentences for the model; anything else is not the model's doing and is thrown on. */
export async function runTool(tool: Tool, input: unknown, context: ToolContext): Promise<ToolResult> {
  const parsed = tool.schema.safeParse(input);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "input"}: ${issue.message}`);
    return {
      text: `${tool.name} did not run. Call it again with this put right: ${problems.join("; ")}.`,
      isError: true,
    };
  }
  try {
    const answer = await tool.run(parsed.data, context);
    return { ...(typeof answer === "string" ? { text: answer } : answer), isError: false };
  } catch (error) {
    if (error instanceof TreeError) return { text: error.message, isError: true };
    throw error;
  }
}
