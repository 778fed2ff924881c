import { MODELS, modelOf } from "../../agent/models.ts";
import { type Piece, tokensOf } from "./prefix.ts";
import { ApiError, ApiRequest, type Block, blocksOf, type FlatMessage, invalid, merged } from "./wire.ts";

const MAX_BODY_BYTES = 32 * 1024 * 1024;
const MAX_MARKS = 4;
/** Keywords that a strict schema may not hold: https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
const NOT_IN_STRICT = ["minLength", "maxLength", "minimum", "maximum", "maxItems", "pattern"];

/** Everything that can be said about a request without its past. Throws an ApiError with the API's words where known. */
export function parseRequest(body: Buffer, extraModels: readonly string[]): ApiRequest {
  if (body.length > MAX_BODY_BYTES) throw new ApiError(413, "request_too_large", "Request exceeds the maximum size");
  let json: unknown;
  try {
    json = JSON.parse(body.toString("utf8"));
  } catch {
    invalid("The request body is not valid JSON");
  }
  const parsed = ApiRequest.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    if (issue.code === "unrecognized_keys")
      invalid(`${[...issue.path, issue.keys[0]].join(".")}: Extra inputs are not permitted`);
    invalid(`${issue.path.join(".")}: ${issue.message}`);
  }
  const request = parsed.data;
  checkModel(request, extraModels);
  checkTools(request);
  checkMessages(merged(request.messages));
  checkMarks(request);
  return request;
}

function checkModel(request: ApiRequest, extraModels: readonly string[]): void {
  const { model: id, max_tokens, thinking, tool_choice } = request;
  const model = modelOf(id);
  if (!MODELS.includes(model) && !extraModels.includes(id)) throw new ApiError(404, "not_found_error", `model: ${id}`);
  if (max_tokens < 0) invalid("max_tokens: Input should be greater than or equal to 0");
  if (max_tokens > model.maxOutputTokens) {
    invalid(
      `max_tokens: ${max_tokens} > ${model.maxOutputTokens}, which is the maximum allowed number of output tokens for ${id}`,
    );
  }
  for (const name of ["temperature", "top_p", "top_k"] as const) {
    if (request[name] !== undefined) invalid(`${name}: sampling parameters are not supported in this API version`);
  }
  const newest = /-5-5$|-5-2$/.test(model.id);
  if (newest && (tool_choice?.type === "any" || tool_choice?.type === "tool")) {
    invalid(`tool_choice: forced tool use is not supported for ${id}`);
  }
  if (thinking?.type === "adaptive" && model.thinking === "none") {
    invalid("thinking.type: adaptive thinking is not supported on this model");
  }
  if ((thinking?.type === "enabled" || thinking?.type === "disabled") && model.thinking === "adaptive") {
    invalid(`"thinking.type.${thinking.type}" is not supported for this model. Use "thinking.type.adaptive"`);
  }
}

function checkTools({ tools = [] }: ApiRequest): void {
  const names = new Set<string>();
  for (const [i, tool] of tools.entries()) {
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(tool.name))
      invalid(`tools.${i}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
    if (names.has(tool.name)) invalid("tools: Tool names must be unique.");
    names.add(tool.name);
    if (tool.strict) checkStrict(tool.input_schema, `tools.${i}.input_schema`);
  }
}

function checkStrict(schema: unknown, path: string): void {
  if (schema === null || typeof schema !== "object") return;
  const node = schema as Record<string, unknown>;
  if (node.type === "object" && node.additionalProperties !== false) {
    invalid(`${path}: For 'object' type, 'additionalProperties' must be explicitly set to false`);
  }
  for (const keyword of NOT_IN_STRICT) {
    if (typeof node[keyword] === "number" || typeof node[keyword] === "string") {
      invalid(`${path}: For '${node.type}' type, property '${keyword}' is not supported`);
    }
  }
  for (const [key, value] of Object.entries(node)) checkStrict(value, `${path}.${key}`);
}

function checkMessages(messages: FlatMessage[]): void {
  if (messages[0]!.role !== "user") invalid('messages: first message must use the "user" role');
  const ids = new Set<unknown>();
  let open: unknown[] = [];
  for (const [i, { role, content }] of messages.entries()) {
    if (content.length === 0) invalid(`messages.${i}: all messages must have non-empty content`);
    const results = content.flatMap((block) => (block.type === "tool_result" ? [block.tool_use_id] : []));
    const missing = open.filter((id) => !results.includes(id));
    if (role === "user" && missing.length > 0) {
      invalid(
        `messages.${i - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      );
    }
    const unknown = results.find((id) => !open.includes(id));
    if (unknown !== undefined) {
      invalid(
        `messages.${i}.content: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${unknown}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
    if (new Set(results).size < results.length)
      invalid(`messages.${i}.content: each tool_use must have a single result`);
    const firstOther = content.findIndex(({ type }) => type !== "tool_result");
    if (firstOther !== -1 && content.slice(firstOther).some(({ type }) => type === "tool_result")) {
      invalid(`messages.${i}.content: \`tool_result\` blocks must come first in a message`);
    }
    open = [];
    for (const [j, block] of content.entries()) {
      checkBlock(block, role, `messages.${i}.content.${j}`);
      if (block.type !== "tool_use") continue;
      if (ids.has(block.id)) invalid(`messages.${i}.content.${j}: \`tool_use\` ids must be unique`);
      ids.add(block.id);
      open.push(block.id);
    }
  }
  if (open.length > 0) {
    invalid(
      `messages.${messages.length - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(", ")}.`,
    );
  }
}

const ALLOWED = {
  user: ["text", "tool_result", "image", "document"],
  assistant: ["text", "tool_use", "thinking", "redacted_thinking"],
};

function checkBlock(block: Block, role: "user" | "assistant", path: string): void {
  if (!ALLOWED[role].includes(block.type))
    invalid(`${path}: \`${block.type}\` blocks are not allowed in ${role} messages`);
  const texts = block.type === "tool_result" && Array.isArray(block.content) ? (block.content as Block[]) : [block];
  if (texts.some(({ type, text }) => type === "text" && text === ""))
    invalid(`${path}: text content blocks must be non-empty`);
  if (block.type === "thinking" && typeof block.signature !== "string")
    invalid(`${path}.thinking.signature: Field required`);
  if (block.cache_control && (block.type === "thinking" || block.type === "redacted_thinking")) {
    invalid(`${path}.${block.type}.cache_control: Extra inputs are not permitted`);
  }
  if (block.type === "tool_use" && (typeof block.input !== "object" || block.input === null)) {
    invalid(`${path}.tool_use.input: Input should be a valid dictionary`);
  }
}

function checkMarks(request: ApiRequest): void {
  const marked = [
    ...(request.tools ?? []),
    ...blocksOf(request.system),
    ...merged(request.messages).flatMap(({ content }) => content),
  ].filter((piece) => piece.cache_control).length;
  const all = marked + (request.cache_control ? 1 : 0);
  if (all > MAX_MARKS) invalid(`A maximum of ${MAX_MARKS} blocks with cache_control may be provided. Found ${all}.`);
}

/** Last, because it needs the whole request weighed. */
export function checkContext(request: ApiRequest, pieces: Piece[]): void {
  const { contextTokens } = modelOf(request.model);
  const tokens = pieces.reduce((sum, piece) => sum + piece.tokens, tokensOf(""));
  if (tokens > contextTokens) invalid(`prompt is too long: ${tokens} tokens > ${contextTokens} maximum`);
}
