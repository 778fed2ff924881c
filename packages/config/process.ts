/** What Node, git and tools read themselves to get out of a company's network. */
export const PROXY_VARIABLES = [
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "NO_PROXY",
  "NODE_USE_ENV_PROXY",
  "NODE_EXTRA_CA_CERTS",
] as const;

/** Where a person's toolchains are, if their installers were told another place. */
const TOOLCHAIN_VARIABLES = [
  "ASDF_DATA_DIR",
  "CARGO_HOME",
  "DOTNET_ROOT",
  "FNM_DIR",
  "GOENV_ROOT",
  "GOPATH",
  "JAVA_HOME",
  "MISE_DATA_DIR",
  "NODENV_ROOT",
  "NVM_DIR",
  "PNPM_HOME",
  "PYENV_ROOT",
  "RBENV_ROOT",
  "RUSTUP_HOME",
  "SDKMAN_DIR",
  "VOLTA_HOME",
] as const;

/** What a process of ours needs of its surroundings besides its zone's variables. */
export const PROCESS_VARIABLES = [
  "HOME",
  "LANG",
  "PATH",
  "TMPDIR",
  ...PROXY_VARIABLES,
  ...TOOLCHAIN_VARIABLES,
] as const;
