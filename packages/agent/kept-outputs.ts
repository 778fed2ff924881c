/** The whole outputs of commands, without secrets, for as long as this attempt lasts. */
export type KeptOutputs = {
  /** Returns its id. `id`: a name of ours, whose earlier output it takes the place of. */
  keep(output: string, id?: string): string;
  read(id: string): string | undefined;
};

/** The id of the newest output of the job's own commands: setup, then the check. */
export const CHECK_OUTPUT = "check";

/** What all of them together may hold: the oldest go first. */
const MAX_CHARS = 16 * 1024 * 1024;

export function keptOutputs(): KeptOutputs {
  const outputs = new Map<string, string>();
  let chars = 0;
  let count = 0;
  const drop = (id: string) => {
    chars -= outputs.get(id)?.length ?? 0;
    outputs.delete(id);
  };
  return {
    keep(output, id = String(++count)) {
      drop(id);
      outputs.set(id, output);
      chars += output.length;
      for (const oldest of outputs.keys()) {
        if (chars <= MAX_CHARS || oldest === id) break;
        drop(oldest);
      }
      return id;
    },
    read: (id) => outputs.get(id),
  };
}

/** Behind what is shown of an output: how to see the rest. Nothing where all of it was shown. */
export const restOfOutput = (id: string, whole: string, shown: string) =>
  shown === whole
    ? ""
    : `\n[${whole.split("\n").length.toLocaleString("en")} lines in all; read_output ${id} shows any of them]`;
