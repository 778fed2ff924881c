import type { ContentfulStatusCode } from "hono/utils/http-status";

/** An answer that refuses, in the words of GitHub's API. */
export class ForgeError extends Error {
  override name = "ApiError";
  readonly status: ContentfulStatusCode;
  readonly details: { errors?: object[]; headers?: Record<string, string> };

  constructor(status: ContentfulStatusCode, message: string, details: ForgeError["details"] = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

export const notFound = () => new ForgeError(404, "Not Found");
export const cannotWrite = () => new ForgeError(403, "Resource not accessible by personal access token");
export const isReadOnly = () => new ForgeError(403, "Repository was archived so is read-only.");

/** 422 as GitHub gives it: `errors` names the field, or holds one sentence under `message`. */
export const invalidField = (resource: string, ...errors: { field?: string; code: string; message?: string }[]) =>
  new ForgeError(422, "Validation Failed", { errors: errors.map((error) => ({ resource, ...error })) });
