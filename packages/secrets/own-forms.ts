/** A shorter one would be found in ordinary words. */
const MIN_SECRET_CHARS = 8;
/** What is left of a short secret's base64 after cutting both ends must still be unmistakable. */
const MIN_FORM_CHARS = 10;

/**
 * The forms in which a secret of ours could leave: as it is, in JSON, in a URL, in hex, and in base64 whatever stands
 * before it there.
 */
export function formsOf(secrets: readonly string[]): string[] {
  const forms = secrets
    .filter((secret) => secret.length >= MIN_SECRET_CHARS)
    .flatMap((secret) => {
      const hex = Buffer.from(secret).toString("hex");
      const percent = hex.replace(/../g, "%$&");
      const inUrl = encodeURIComponent(secret);
      return [
        secret,
        JSON.stringify(secret).slice(1, -1),
        inUrl,
        inUrl.replace(/%../g, (code) => code.toLowerCase()),
        percent,
        percent.toUpperCase(),
        hex,
        hex.toUpperCase(),
        ...[0, 1, 2].flatMap((before) => base64Of(secret, before)),
      ];
    });
  return [...new Set(forms)].toSorted((a, b) => b.length - a.length);
}

/** Base64 works on three bytes at a time: of the first and last group only what no neighbour touches. */
function base64Of(secret: string, bytesBefore: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(bytesBefore), Buffer.from(secret)]);
  const [from, to] = [Math.ceil((bytesBefore * 8) / 6), Math.floor((bytes.length * 8) / 6)];
  return (["base64", "base64url"] as const)
    .map((encoding) => bytes.toString(encoding).slice(from, to))
    .filter((form) => form.length >= MIN_FORM_CHARS);
}
