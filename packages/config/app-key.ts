import { createPrivateKey } from "node:crypto";

/**
 * The private key of a GitHub App, as PKCS#8. GitHub gives PKCS#1 (`BEGIN RSA PRIVATE KEY`), which is taken as well,
 * and `\n` may stand for line ends: a variable of one line. @throws Error that holds nothing of the key.
 */
export function parseAppKey(text: string): string {
  try {
    const key = createPrivateKey(text.replaceAll("\\n", "\n").trim());
    if (key.asymmetricKeyType === "rsa") return key.export({ type: "pkcs8", format: "pem" }).toString();
  } catch {
    // The error of a parser may quote what it parsed.
  }
  throw new Error("must be an RSA private key in PEM, as GitHub gives it; \\n may stand for line ends");
}
