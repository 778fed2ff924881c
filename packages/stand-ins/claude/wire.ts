import { z } from "zod";

/** The part of the Messages API's request that we look into; what else is allowed is named, so that a typo is refused. */
export const ApiBlock = z.looseObject({ type: z.string() });
export type ApiBlock = z.infer<typeof ApiBlock>;

const Content = z.union([z.string(), z.array(ApiBlock).min(0)]);

const ApiTool = z.looseObject({
  name: z.string(),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal("object") }),
  strict: z.boolean().optional(),
  cache_control: z.looseObject({ type: z.literal("ephemeral") }).nullish(),
});

export const ApiMessage = z.strictObject({ role: z.enum(["user", "assistant", "system"]), content: Content });
export type ApiMessage = z.infer<typeof ApiMessage>;

/** Messages are looked at one by one, and only those that no request had before: see history.ts. */
const ApiEnvelope = z.strictObject({
  model: z.string(),
  max_tokens: z.int(),
  messages: z.array(z.unknown()).min(1),
  system: Content.optional(),
  tools: z.array(ApiTool).optional(),
  tool_choice: z.looseObject({ type: z.enum(["auto", "any", "tool", "none"]) }).optional(),
  thinking: z
    .looseObject({
      type: z.enum(["adaptive", "enabled", "disabled", "between_tools"]),
      display: z.string().nullish(),
      block_binding: z.strictObject({ prefix_mismatch_behavior: z.enum(["error", "drop_block"]).nullish() }).nullish(),
    })
    .optional(),
  cache_control: z.looseObject({ type: z.literal("ephemeral") }).nullish(),
  stream: z.boolean().optional(),
  temperature: z.unknown().optional(),
  top_p: z.unknown().optional(),
  top_k: z.unknown().optional(),
  stop_sequences: z.array(z.string()).optional(),
  metadata: z.strictObject({ user_id: z.string().nullish() }).optional(),
  output_config: z.looseObject({ effort: z.enum(["low", "medium", "high", "xhigh", "max"]).nullish() }).optional(),
  service_tier: z.string().optional(),
  diagnostics: z.looseObject({}).nullish(),
});
export type Envelope = z.infer<typeof ApiEnvelope>;
export type MessagesRequest = Omit<Envelope, "messages"> & { messages: ApiMessage[] };

export type FlatMessage = { role: ApiMessage["role"]; content: ApiBlock[] };

/** What a schema says, in the words in which the API would. */
export function parsed<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const at = [...(path === "" ? [] : [path]), ...issue.path];
  if (issue.code === "unrecognized_keys")
    invalidRequest(`${[...at, issue.keys[0]].join(".")}: Extra inputs are not permitted`);
  invalidRequest(`${at.join(".")}: ${issue.message}`);
}

export const envelopeOf = (json: unknown): Envelope => parsed(ApiEnvelope, json, "");

/** As the API sees it: a string is one text block, and neighbours of one role are one message. */
export function merged(messages: MessagesRequest["messages"]): FlatMessage[] {
  const result: FlatMessage[] = [];
  for (const { role, content } of messages) {
    const blocks = blocksOf(content);
    const last = result.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else result.push({ role, content: [...blocks] });
  }
  return result;
}

export const blocksOf = (content: string | ApiBlock[] | undefined): ApiBlock[] =>
  content === undefined ? [] : typeof content === "string" ? [{ type: "text", text: content }] : content;

/** An error of the API: thrown by the rules and by faults, sent as its JSON body. */
export class ClaudeError extends Error {
  override name = "ApiError";
  readonly status: number;
  readonly type: string;
  readonly headers: Record<string, string>;
  readonly details: Record<string, unknown> | undefined;
  constructor(
    status: number,
    type: string,
    message: string,
    more: { headers?: Record<string, string>; details?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.status = status;
    this.type = type;
    this.headers = more.headers ?? {};
    this.details = more.details;
  }

  toJSON() {
    const { type, message, details } = this;
    return { type: "error", error: { type, message, ...(details && { details }) }, request_id: null };
  }
}

export function invalidRequest(message: string): never {
  throw new ClaudeError(400, "invalid_request_error", message);
}
