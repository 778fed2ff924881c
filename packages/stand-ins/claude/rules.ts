import { MODELS, type Model, modelOf, takesEffort } from "../../agent/models.ts";
import { illFormedAt } from "../../text/well-formed.ts";
import { checkMarks } from "./marks.ts";
import { type PrefixPiece, tokensOf } from "./prefix.ts";
import { ClaudeError, type Envelope, envelopeOf, invalidRequest } from "./wire.ts";

const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Keywords that a strict schema may not hold: https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
const NOT_IN_STRICT = ["minLength", "maxLength", "minimum", "maximum", "maxItems", "pattern"];
const BINDING_CONTROLS = "thinking-binding-controls-2026-08-01";

/** Everything about a request but its messages. Throws an ApiError with the API's words where they are known. */
export function parseRequest(body: Buffer, extraModels: readonly string[], betas: readonly string[]): Envelope {
  if (body.length > MAX_BODY_BYTES) throw new ClaudeError(413, "request_too_large", "Request exceeds the maximum size");
  const request = envelopeOf(jsonOf(body));
  checkModel(request, extraModels);
  checkThinking(request, modelOf(request.model), betas);
  checkTools(request);
  checkMarks(request);
  return request;
}

function jsonOf(body: Buffer): unknown {
  const text = body.toString("utf8");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    invalidRequest("The request body is not valid JSON");
  }
  // JavaScript reads half of a surrogate pair, and no other parser does.
  if (body.includes("\\ud") || body.includes("\\uD")) {
    const at = illFormedAt(json);
    if (at) invalidRequest(`The request body is not valid JSON: no low surrogate in string: ${at}`);
  }
  return json;
}

function checkModel(request: Envelope, extraModels: readonly string[]): void {
  const { model: id, max_tokens, tool_choice, output_config } = request;
  const model = modelOf(id);
  if (!MODELS.includes(model) && !extraModels.includes(id))
    throw new ClaudeError(404, "not_found_error", `model: ${id}`);
  if (max_tokens < 0) invalidRequest("max_tokens: Input should be greater than or equal to 0");
  if (max_tokens > model.maxOutputTokens) {
    invalidRequest(
      `max_tokens: ${max_tokens} > ${model.maxOutputTokens}, which is the maximum allowed number of output tokens for ${id}`,
    );
  }
  for (const name of ["temperature", "top_p", "top_k"] as const) {
    if (request[name] !== undefined)
      invalidRequest(`${name}: sampling parameters are not supported in this API version`);
  }
  if (model.bindsThinking && (tool_choice?.type === "any" || tool_choice?.type === "tool")) {
    invalidRequest(`tool_choice: forced tool use is not supported for ${id}`);
  }
  const effort = output_config?.effort;
  if (effort && !takesEffort(model, effort))
    invalidRequest(
      model.efforts?.length === 0
        ? "output_config.effort: This model does not support the effort parameter."
        : `output_config.effort: This model does not support effort level '${effort}'.`,
    );
}

function checkThinking({ thinking }: Envelope, model: Model, betas: readonly string[]): void {
  if (thinking?.type === "adaptive" && model.thinking === "none") {
    invalidRequest("thinking.type: adaptive thinking is not supported on this model");
  }
  if ((thinking?.type === "enabled" || thinking?.type === "disabled") && model.thinking === "adaptive") {
    invalidRequest(`"thinking.type.${thinking.type}" is not supported for this model. Use "thinking.type.adaptive"`);
  }
  if (thinking?.block_binding && !betas.includes(BINDING_CONTROLS)) {
    invalidRequest(
      `thinking.block_binding: this field requires the \`${BINDING_CONTROLS}\` value in the \`anthropic-beta\` header.`,
    );
  }
}

function checkTools({ tools = [] }: Envelope): void {
  const names = new Set<string>();
  for (const [i, tool] of tools.entries()) {
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(tool.name))
      invalidRequest(`tools.${i}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
    if (names.has(tool.name)) invalidRequest("tools: Tool names must be unique.");
    names.add(tool.name);
    if (tool.strict) checkStrict(tool.input_schema, `tools.${i}.input_schema`);
  }
}

function checkStrict(schema: unknown, path: string): void {
  if (schema === null || typeof schema !== "object") return;
  const node = schema as Record<string, unknown>;
  if (node.type === "object" && node.additionalProperties !== false) {
    invalidRequest(`${path}: For 'object' type, 'additionalProperties' must be explicitly set to false`);
  }
  for (const keyword of NOT_IN_STRICT) {
    if (typeof node[keyword] === "number" || typeof node[keyword] === "string") {
      invalidRequest(`${path}: For '${node.type}' type, property '${keyword}' is not supported`);
    }
  }
  for (const [key, value] of Object.entries(node)) checkStrict(value, `${path}.${key}`);
}

/** Needs the whole request weighed. */
export function checkContext(model: string, pieces: readonly PrefixPiece[]): void {
  const { contextTokens } = modelOf(model);
  const tokens = pieces.reduce((sum, piece) => sum + piece.tokens, tokensOf(""));
  if (tokens > contextTokens) invalidRequest(`prompt is too long: ${tokens} tokens > ${contextTokens} maximum`);
}
