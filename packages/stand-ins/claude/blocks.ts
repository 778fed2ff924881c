import type { Model } from "../../agent/models.ts";
import { IMAGE_TYPES, imageIn } from "../../encoding/image.ts";
import { isWholeImage } from "../../encoding/whole-image.ts";
import { type ApiBlock, type ApiMessage, invalidRequest } from "./wire.ts";

const ALLOWED: Record<ApiMessage["role"], readonly string[]> = {
  user: ["text", "tool_result", "image", "document"],
  assistant: ["text", "tool_use", "thinking", "redacted_thinking"],
  system: ["text"],
};
const KNOWN = new Set(Object.values(ALLOWED).flat());

/** What one block must be like, wherever it stands. */
export function checkBlock(block: ApiBlock, role: ApiMessage["role"], path: string): void {
  const { type } = block;
  if (!KNOWN.has(type)) {
    invalidRequest(
      `${path}: Input tag '${type}' found using 'type' does not match any of the expected tags: ${[...KNOWN].map((tag) => `'${tag}'`).join(", ")}`,
    );
  }
  if (!ALLOWED[role].includes(type)) invalidRequest(`${path}: \`${type}\` blocks are not allowed in ${role} messages`);
  checkTexts(block, path);
  if (block.cache_control && (type === "thinking" || type === "redacted_thinking")) {
    invalidRequest(`${path}.${type}.cache_control: Extra inputs are not permitted`);
  }
  switch (type) {
    case "thinking":
      if (typeof block.signature !== "string") invalidRequest(`${path}.thinking.signature: Field required`);
      if (typeof block.thinking !== "string") invalidRequest(`${path}.thinking.thinking: Field required`);
      break;
    case "redacted_thinking":
      if (typeof block.data !== "string") invalidRequest(`${path}.redacted_thinking.data: Field required`);
      break;
    case "tool_use":
      matches(block.id, "[a-zA-Z0-9_-]+", `${path}.tool_use.id`);
      matches(block.name, "[a-zA-Z0-9_-]{1,128}", `${path}.tool_use.name`);
      if (!isDictionary(block.input)) invalidRequest(`${path}.tool_use.input: Input should be a valid dictionary`);
      break;
    case "tool_result":
      matches(block.tool_use_id, "[a-zA-Z0-9_-]+", `${path}.tool_result.tool_use_id`);
      if (block.is_error === true && (block.content ?? "") === "")
        invalidRequest(`${path}.tool_result: content cannot be empty if \`is_error\` is true`);
      break;
    case "image":
      checkImage(block, `${path}.image`);
      break;
    case "document":
      if (!isDictionary(block.source)) invalidRequest(`${path}.${type}.source: Field required`);
  }
}

const MAX_IMAGE_BASE64 = 5 * 1024 * 1024;
const MAX_IMAGE_SIDE = 8_000;

/** https://platform.claude.com/docs/en/build-with-claude/vision */
function checkImage({ source, ...block }: ApiBlock, path: string): void {
  const other = Object.keys(block).find((name) => !["type", "cache_control"].includes(name));
  if (other) invalidRequest(`${path}.${other}: Extra inputs are not permitted`);
  if (!isDictionary(source)) invalidRequest(`${path}.source: Field required`);
  const { type, media_type, data } = source as Record<string, unknown>;
  if (type !== "base64") invalidRequest(`${path}.source: Input tag '${type}' found using 'type' is not known here`);
  if (!IMAGE_TYPES.includes(media_type as never))
    invalidRequest(
      `${path}.source.base64.media_type: Input should be ${IMAGE_TYPES.map((one) => `'${one}'`).join(", ")}`,
    );
  if (typeof data !== "string") invalidRequest(`${path}.source.base64.data: Field required`);
  if (data.length > MAX_IMAGE_BASE64)
    invalidRequest(
      `${path}.source.base64: image exceeds 5 MB maximum: ${data.length} bytes > ${MAX_IMAGE_BASE64} bytes`,
    );
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data)) invalidRequest(`${path}.source.base64.data: invalid base64`);
  const bytes = Buffer.from(data, "base64");
  const found = imageIn(bytes);
  if (!found || !isWholeImage(bytes, found)) invalidRequest("Could not process image");
  if (found.type !== media_type)
    invalidRequest(
      `${path}.source.base64: The image was specified using the ${media_type} media type, but appears to be ${found.type}`,
    );
  if (Math.max(found.width, found.height) > MAX_IMAGE_SIDE)
    invalidRequest(
      `${path}.source.base64.data: At least one of the image dimensions exceed max allowed size: 8000 pixels`,
    );
}

function checkTexts(block: ApiBlock, path: string): void {
  const texts = block.type === "tool_result" && Array.isArray(block.content) ? (block.content as ApiBlock[]) : [block];
  for (const { type, text } of texts) {
    if (type !== "text") continue;
    if (typeof text !== "string") invalidRequest(`${path}.text: Input should be a valid string`);
    if (text === "") invalidRequest(`${path}: text content blocks must be non-empty`);
    if (text.trim() === "") invalidRequest(`${path}: text content blocks must contain non-whitespace text`);
  }
}

/** A system message in mid-conversation: only where the model has them, behind the user's and before an answer. */
export function checkSystemMessage(model: Model, before: ApiMessage["role"] | undefined, path: string): void {
  if (!model.systemMessages) invalidRequest(`${path}: role 'system' is not supported on this model`);
  if (before !== "user") invalidRequest(`${path}: a \`system\` message must immediately follow a \`user\` message`);
}

function matches(value: unknown, pattern: string, path: string): void {
  if (typeof value !== "string") invalidRequest(`${path}: Field required`);
  if (!new RegExp(`^${pattern}$`).test(value)) invalidRequest(`${path}: String should match pattern '^${pattern}$'`);
}

const isDictionary = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
