/** The one reader of the deploying person's environment. */
export const setting = (name: string) => process.env[name]?.trim() || undefined;

/** What was said by `sst secret set NAME VALUE`: the CLI hands it over as SST_SECRET_<Name>. */
export const secret = (name: string) => setting(`SST_SECRET_${name}`);
