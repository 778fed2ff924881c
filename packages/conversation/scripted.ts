/** The scripted model of one machine names itself; whatever shows its words says so. */
export const isScripted = (model: string) => model.startsWith("scripted-");
