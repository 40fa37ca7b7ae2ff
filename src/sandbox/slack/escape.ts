import type { Workspace } from './state.ts';

/** Names become ids, addresses links and markup entities, as Slack does it for commands with `should_escape`. */
export function withIds({ people, channels, groups }: Workspace, text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/(?<![\w<@])@([\w.-]*\w)/g, (whole, name) => {
      const person = Array.from(people.values()).find((one) => one.name === name);
      const group = groups.find(({ handle }) => handle === name);
      if (person !== undefined) return `<@${person.id}|${person.name}>`;
      return group === undefined ? whole : `<!subteam^${group.id}|@${group.handle}>`;
    })
    .replace(/(?<![\w<#&])#([\w-]+)/g, (whole, name) => {
      const channel = Array.from(channels.values()).find((one) => one.name === name);
      return channel === undefined ? whole : `<#${channel.id}|${channel.name}>`;
    })
    .replace(/(?<![<|\w])https?:\/\/[^\s<>]+/g, (address) => `<${address}>`);
}
