import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Stage } from '../acts/stage.ts';
import { sendText } from '../http.ts';

/** What the workspace's web page asks for. */
export interface Page {
  answer(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void>;
  close(): void;
}

export function createPage(_stage: Stage): Page {
  return {
    async answer(_request, response) {
      sendText(response, 'not found', 404);
    },
    close() {},
  };
}
