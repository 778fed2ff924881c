const names = new Map();

export function learnNames({ people, app, channels, slackbot }) {
  names.set(app.userId, app.name);
  names.set(slackbot, "Slackbot");
  for (const { id, name } of [...people, ...channels]) names.set(id, name);
}

export const nameOf = (id) => names.get(id) ?? id;
