/**
 * The last word on attributes: a checkout holds the blobs' bytes, and what is recorded is what stands there, whatever
 * .gitattributes say. (`-working-tree-encoding` would be an encoding called "false".) git itself decides what is text
 * in a diff: the scan for secrets and the person who reviews must see it.
 */
export const GIT_DIR_ATTRIBUTES = "* -text -ident -filter !working-tree-encoding !diff !merge\n";

/** What `git init` writes for the kind of hash that made this commit id. */
export const gitDirConfig = (commit: string): string =>
  commit.length === 64
    ? "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n"
    : "[core]\n\trepositoryformatversion = 0\n";
