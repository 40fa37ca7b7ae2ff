import { blockProblems, checkBlocks, readBlocks, viewProblems } from '../blocks/validate.ts';
import { type Json, parsed, record } from '../json.ts';
import { SlackError } from '../slack-error.ts';
import type { Method } from './method.ts';

export const app: Readonly<Record<string, Method>> = {
  'auth.test': ({ workspace, settings }) => ({
    url: `${settings.url}/`,
    team: workspace.team.name,
    team_id: workspace.team.id,
    user: workspace.people.get(workspace.app.botUser)?.name,
    user_id: workspace.app.botUser,
    bot_id: workspace.app.botId,
    app_id: workspace.app.id,
    is_enterprise_install: false,
  }),
  'apps.connections.open': ({ sockets, settings }) => ({ url: sockets.newAddress(settings.url) }),
  'blocks.validate': (_context, args) => {
    const view = parsed(args.view);
    if (view !== undefined) return verdict(viewProblems(view));
    const blocks = parsed(args.blocks) ?? record(parsed(args.message)).blocks;
    const problems = blockProblems(blocks);
    if (problems.length > 0) return verdict(problems);
    checkBlocks(readBlocks(blocks));
    return {};
  },
};

function verdict(problems: ReturnType<typeof blockProblems>): Json {
  if (problems.length === 0) return {};
  const said = problems.map(({ pointer, message }) => `${message} [json-pointer:${pointer}]`);
  throw new SlackError('invalid_blocks', { errors: said, response_metadata: { messages: said } });
}
