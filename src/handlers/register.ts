import type { App } from '@slack/bolt';
import { registerButtons } from './actions/buttons.ts';
import { registerMesh } from './commands/mesh.ts';
import type { HandlerDeps } from './deps.ts';

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
  return { idle: () => handling === 0 };
}
