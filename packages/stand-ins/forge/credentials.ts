import { z } from "zod";

const Level = z.enum(["read", "write"]);
/** Those of a GitHub App that mean something here. */
export const AppPermissions = z.strictObject({
  contents: Level.exactOptional(),
  metadata: z.literal("read").exactOptional(),
  pull_requests: Level.exactOptional(),
  workflows: z.literal("write").exactOptional(),
  checks: z.literal("read").exactOptional(),
  statuses: z.literal("read").exactOptional(),
  actions: z.literal("read").exactOptional(),
});
export type AppPermissions = z.infer<typeof AppPermissions>;

const ForgeInstallation = z.object({
  id: z.number().int(),
  /** The organisation that installed the app. */
  account: z.string(),
  /** `null`: all that it has and will have. */
  repositoryIds: z.array(z.number().int()).nullable().default(null),
  suspendedAt: z.string().nullable().default(null),
  /** What its owner has accepted, where that is not yet all that the app asks for. */
  permissions: AppPermissions.optional(),
});
export type ForgeInstallation = z.infer<typeof ForgeInstallation>;

export const ForgeApp = z.object({
  id: z.number().int(),
  slug: z.string(),
  name: z.string(),
  /** PEM; the private half is with the app itself. */
  publicKey: z.string(),
  /** What its owner granted it; a token may ask for less and never for more. */
  permissions: AppPermissions,
  installations: z.array(ForgeInstallation),
});
export type ForgeApp = z.infer<typeof ForgeApp>;

/**
 * `read` sees and clones; `write` pushes and opens pull requests too. What a person may do is the repository's `role`.
 */
export const Token = z.object({
  token: z.string(),
  login: z.string(),
  scope: z.enum(["read", "write"]),
  /** A classic token's scopes; another kind has none, and GitHub does not say what it may do. */
  scopes: z.array(z.string()).optional(),
  /** What an app's installation token reaches and may do, and until when. */
  installation: z
    .object({
      id: z.number().int(),
      account: z.string(),
      repositoryIds: z.array(z.number().int()).nullable(),
      permissions: AppPermissions,
      expiresAt: z.string(),
    })
    .optional(),
});
export type Token = z.infer<typeof Token>;
