const escaped = (text: string) => text.replace(/[<>&"'\r]/g, (c) => `&#${c.charCodeAt(0)};`);

export const element = (name: string, content: string | number | boolean) =>
  `<${name}>${typeof content === "string" ? escaped(content) : content}</${name}>`;
export const parent = (name: string, children: string[]) => `<${name}>${children.join("")}</${name}>`;
export const xmlDocument = (root: string) => `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
