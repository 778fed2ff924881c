import { type Finding, findSecrets } from "./find.ts";
import { formsOf } from "./own-forms.ts";

export type Redactor = {
  /** Ours and everything that looks like a secret. */
  redact(text: string): Promise<string>;
  /** Ours only, in every form: for text that must otherwise stay as it is. */
  redactOwn(text: string): string;
};

/** `own`: the secrets of this process. They are replaced by `[redacted]`, the rest by `[redacted RULE]`. */
export function createRedactor(own: readonly string[]): Redactor {
  const forms = formsOf(own);
  const expression = forms.length > 0 ? new RegExp(forms.map(literally).join("|"), "g") : undefined;
  const redactOwn = (text: string) => (expression ? text.replace(expression, "[redacted]") : text);
  return {
    redactOwn,
    async redact(text) {
      const rest = redactOwn(text);
      return replaceAll(rest, await findSecrets(rest));
    },
  };
}

export const redact = (text: string, own: readonly string[]) => createRedactor(own).redact(text);

/** Findings may overlap: the first one's words stand for all. */
function replaceAll(text: string, findings: readonly Finding[]): string {
  let end = 0;
  let replaced = "";
  for (const finding of findings) {
    if (finding.start >= end) replaced += `${text.slice(end, finding.start)}[redacted ${finding.rule}]`;
    end = Math.max(end, finding.end);
  }
  return replaced + text.slice(end);
}

const literally = (form: string) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
