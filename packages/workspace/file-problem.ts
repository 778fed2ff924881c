/** A sentence for the model or person that asked for a file: what is wrong and what to do next. Nothing is broken. */
export class FileProblem extends Error {
  override name = "FileProblem";
  readonly why: "missing" | "too large" | undefined;

  constructor(message: string, why?: "missing" | "too large") {
    super(message);
    this.why = why;
  }
}
