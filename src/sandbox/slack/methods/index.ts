import { app } from './app.ts';
import { chat } from './chat.ts';
import { conversations } from './conversations.ts';
import { files } from './files.ts';
import type { Method } from './method.ts';
import { users } from './users.ts';
import { views } from './views.ts';

export const methods: Readonly<Record<string, Method>> = {
  ...app,
  ...chat,
  ...conversations,
  ...files,
  ...users,
  ...views,
};
