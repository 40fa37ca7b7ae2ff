import type { Log } from '../model/log.ts';
import type { Delivery } from './delivery.ts';
import { DeliveryError, type UploadedFile } from './messenger.ts';

/** A file may be forbidden where messages are not: then the thread says what is missing. */
export async function attach(delivery: Delivery, file: UploadedFile, root: string, log: Log): Promise<void> {
  if (delivery.has('file-refused')) return;
  try {
    await delivery.upload('file', file, root);
  } catch (error) {
    if (!(error instanceof DeliveryError) || error.failure.reason !== 'refused') throw error;
    const { code } = error.failure;
    log.warn({ code }, 'A file could not be uploaded');
    const text = `The rest does not fit here, and I may not upload it as a file (${code}). An admin can give me the scope files:write.`;
    const block = { type: 'section', text: { type: 'plain_text', text } };
    await delivery.post('file-refused', { text, blocks: [block] }, root);
  }
}
