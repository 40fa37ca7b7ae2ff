import type { App } from '@slack/bolt';
import { registerButtons } from './actions/buttons.ts';
import { registerNames } from './builder/names.ts';
import { registerBuilder } from './builder/submit.ts';
import { registerMesh } from './commands/mesh.ts';
import type { HandlerDeps } from './deps.ts';
import { registerMention } from './events/mention.ts';
import { registerHome } from './home/publish.ts';
import { registerDiagnose } from './shortcuts/diagnose.ts';
import { registerBreakGlass } from './views/break-glass.ts';

/** Everything people can do in Slack, for either transport. Gives a wait for what is being handled. */
export function registerHandlers(app: App, deps: HandlerDeps): { readonly idle: () => boolean } {
  let handling = 0;
  app.use(async ({ next }) => {
    handling += 1;
    try {
      await next();
    } finally {
      handling -= 1;
    }
  });
  app.error(async (error) => {
    deps.log.error({ error }, 'A handler broke');
  });
  registerMesh(app, deps);
  registerButtons(app, deps);
  registerBreakGlass(app, deps);
  registerHome(app, deps);
  registerMention(app, deps);
  registerBuilder(app, deps);
  registerNames(app, deps);
  registerDiagnose(app, deps);
  return { idle: () => handling === 0 };
}
