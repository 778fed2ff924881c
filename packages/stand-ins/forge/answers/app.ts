import type { AppPermissions, ForgeApp, ForgeInstallation, Token } from "../credentials.ts";
import { type Addresses, BEGINNING, nodeId, ownerAnswer, type Schema } from "./user.ts";

export const appAnswer = (at: Addresses, app: ForgeApp) =>
  ({
    id: app.id,
    slug: app.slug,
    node_id: nodeId("App", app.id),
    owner: ownerAnswer(at, app.installations[0]?.account ?? app.slug),
    name: app.name,
    description: null,
    external_url: at.serverUrl,
    html_url: `${at.serverUrl}/apps/${app.slug}`,
    created_at: BEGINNING,
    updated_at: BEGINNING,
    permissions: app.permissions,
    events: [],
  }) satisfies Schema<"integration">;

export function installationAnswer(
  at: Addresses,
  app: ForgeApp,
  installation: ForgeInstallation,
  permissions: AppPermissions,
) {
  const account = ownerAnswer(at, installation.account);
  return {
    id: installation.id,
    account,
    repository_selection: installation.repositoryIds ? ("selected" as const) : ("all" as const),
    access_tokens_url: `${at.apiUrl}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${at.apiUrl}/installation/repositories`,
    html_url: `${at.serverUrl}/organizations/${installation.account}/settings/installations/${installation.id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: "Organization",
    permissions,
    events: [],
    created_at: BEGINNING,
    updated_at: BEGINNING,
    single_file_name: null,
    suspended_by: installation.suspendedAt ? account : null,
    suspended_at: installation.suspendedAt,
  } satisfies Schema<"installation">;
}

export const tokenAnswer = (
  { token, installation }: Token & { installation: NonNullable<Token["installation"]> },
  repositories: Schema<"repository">[] | undefined,
) =>
  ({
    token,
    expires_at: installation.expiresAt.replace(/\.\d+Z$/, "Z"),
    permissions: installation.permissions,
    repository_selection: installation.repositoryIds ? ("selected" as const) : ("all" as const),
    ...(repositories && { repositories }),
  }) satisfies Schema<"installation-token">;
