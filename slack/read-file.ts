import { z } from "zod";
import { visibleName } from "../packages/encoding/visible.ts";
import { MAX_ATTACHMENTS } from "../packages/jobs/attachment.ts";
import { clip } from "../packages/text/cut.ts";

/** What we read of a file object: https://docs.slack.dev/reference/objects/file-object */
export const SlackFile = z.object({
  id: z.string(),
  name: z.string().nullish(),
  size: z.number().int().nonnegative(),
  url_private: z.string(),
});
export type SlackFile = z.infer<typeof SlackFile>;

export const nameOfFile = ({ name }: SlackFile) => clip(visibleName(name || "a file without a name"), 100);

/** What of a message's files a form can carry along: its metadata holds 3,000 characters. */
const MAX_CARRIED_CHARS = 2_000;

/** The files of a message, those that Slack keeps itself. */
export function filesOfMessage(message: object): SlackFile[] {
  const { files } = message as { files?: unknown };
  const all = (Array.isArray(files) ? files : []).flatMap((one) => SlackFile.safeParse(one).data ?? []);
  let chars = 0;
  return all.slice(0, MAX_ATTACHMENTS).filter((file) => {
    chars += JSON.stringify(file).length + 1;
    return chars <= MAX_CARRIED_CHARS;
  });
}

export type FileFailure = "late" | "forbidden" | "elsewhere";

/** Slack waits 3 s for the answer to a submit, and a row is still to be written. */
const DEADLINE_MS = 1_800;
/** Where `url_private` of Slack's own files points. */
const FILES_HOST = "files.slack.com";

export type FileSource = {
  /** What the app was granted: without the right scope Slack refuses a form that asks for files. */
  learn(scopes: readonly string[]): void;
  isGranted(): boolean;
  read(file: SlackFile): Promise<{ bytes: Uint8Array } | { failed: FileFailure }>;
};

/**
 * Reads what people attached, with the bot token, which goes to Slack's own host and nowhere else. Without the right to
 * read a file Slack answers with a page to sign in, or sends there: neither is the file.
 */
export function openFiles({
  botToken,
  slackApiUrl,
}: {
  botToken: string;
  slackApiUrl?: string | undefined;
}): FileSource {
  const isOurs = ({ protocol, host, origin }: URL) =>
    slackApiUrl ? origin === new URL(slackApiUrl).origin : protocol === "https:" && host === FILES_HOST;
  let granted = false;
  return {
    learn: (scopes) => {
      granted = scopes.includes("files:read");
    },
    isGranted: () => granted,
    async read({ url_private, size }) {
      const url = URL.canParse(url_private) ? new URL(url_private) : undefined;
      if (!url || !isOurs(url)) return { failed: "elsewhere" };
      try {
        const response = await fetch(url, {
          headers: { authorization: `Bearer ${botToken}` },
          redirect: "manual",
          signal: AbortSignal.timeout(DEADLINE_MS),
        });
        if (response.status >= 500 || response.status === 429) return { failed: "late" };
        if (!response.ok) return { failed: "forbidden" };
        const bytes = await bounded(response, size);
        return bytes ? { bytes } : { failed: "forbidden" };
      } catch {
        return { failed: "late" };
      }
    },
  };
}

/** As many bytes as Slack said, or it is something else. */
async function bounded({ body }: Response, size: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > size) return undefined;
    chunks.push(chunk);
  }
  return length === size ? Buffer.concat(chunks) : undefined;
}
