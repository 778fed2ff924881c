/** What a Web API method answers instead of `ok: true`; `messages` become `response_metadata.messages`. */
export class WebApiRefusal extends Error {
  override name = "Refusal";
  readonly code: string;
  readonly messages: string[];
  readonly more: Record<string, unknown>;
  constructor(code: string, messages: string[] = [], more: Record<string, unknown> = {}) {
    super([code, ...messages].join("; "));
    this.code = code;
    this.messages = messages;
    this.more = more;
  }
}
