import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { sendText } from '../http.ts';

const folder = new URL('../../page/', import.meta.url);
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Sends a file of the page. Nothing outside its folder, and no other kinds of files. */
export async function sendPageFile(response: ServerResponse, name: string): Promise<void> {
  const file = new URL(name, folder);
  const type = types[extname(file.pathname)];
  const isInside = file.protocol === 'file:' && file.pathname.startsWith(folder.pathname);
  const content = isInside && type !== undefined ? await readFile(file).catch(absent) : undefined;
  if (content === undefined) return sendText(response, 'There is no such page.', 404);
  response.writeHead(200, {
    'content-type': type,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
  response.end(content);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'EISDIR') return undefined;
  throw error;
}
