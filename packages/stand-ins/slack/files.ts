import { newId } from "./modals.ts";
import { TEAM } from "./workspace.ts";

/** Slack's own limit for a file of a form: https://docs.slack.dev/reference/block-kit/block-elements/file-input-element */
const MAX_FILE_BYTES = 10_000_000;

/** As payloads carry it: https://docs.slack.dev/reference/objects/file-object */
export type UploadedFile = {
  id: string;
  name: string;
  title: string;
  user: string;
  size: number;
  created: number;
  mode: "hosted";
  is_external: false;
  url_private: string;
  url_private_download: string;
};

/** Files that people upload; they live as long as the process. */
export function createFiles(deps: { url: () => string; nowMs: () => number; botToken: string; mayRead: boolean }) {
  const files = new Map<string, { file: UploadedFile; bytes: Uint8Array }>();
  return {
    upload(user: string, { name, bytes }: { name: string; bytes: Uint8Array }): UploadedFile {
      if (bytes.length > MAX_FILE_BYTES) throw new Error(`${name} is larger than the 10 MB that a form takes.`);
      const id = `F${newId(6).toUpperCase()}`;
      const url = `${deps.url()}/files-pri/${TEAM.id}-${id}/${encodeURIComponent(name)}`;
      const file: UploadedFile = {
        id,
        name,
        title: name,
        user,
        size: bytes.length,
        created: Math.floor(deps.nowMs() / 1_000),
        mode: "hosted",
        is_external: false,
        url_private: url,
        url_private_download: url,
      };
      files.set(id, { file, bytes });
      return file;
    },

    file: (id: string): UploadedFile | undefined => files.get(id)?.file,

    /** Without a token, or without the scope, Slack shows the page to sign in, with 200. */
    serve(
      path: string,
      authorization: string | undefined,
    ): { status: number; type: string; body: Uint8Array | string } {
      const [, id = ""] = /^\/files-pri\/[^/-]+-([^/]+)\//.exec(path) ?? [];
      const found = files.get(id);
      if (!found) return { status: 404, type: "text/html", body: "<p>There is no such file.</p>" };
      if (authorization !== `Bearer ${deps.botToken}` || !deps.mayRead)
        return { status: 200, type: "text/html; charset=utf-8", body: "<!DOCTYPE html><title>Sign in</title>" };
      return { status: 200, type: "application/octet-stream", body: found.bytes };
    },
  };
}
export type Files = ReturnType<typeof createFiles>;
