import type { ContentfulStatusCode } from "hono/utils/http-status";

/** An answer that refuses, in the words of GitHub's API. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: ContentfulStatusCode;
  readonly details: { errors?: object[]; headers?: Record<string, string> };

  constructor(status: ContentfulStatusCode, message: string, details: ApiError["details"] = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

export const notFound = () => new ApiError(404, "Not Found");
export const cannotWrite = () => new ApiError(403, "Resource not accessible by personal access token");
export const isReadOnly = () => new ApiError(403, "Repository was archived so is read-only.");

/** 422 as GitHub gives it: `errors` names the field, or holds one sentence under `message`. */
export const invalid = (resource: string, ...errors: { field?: string; code: string; message?: string }[]) =>
  new ApiError(422, "Validation Failed", { errors: errors.map((error) => ({ resource, ...error })) });
