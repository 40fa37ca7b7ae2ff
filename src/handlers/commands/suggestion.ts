import { UsageError } from '../../model/sources.ts';

/** Not understood, but something near it would be: `command` is what was probably meant, without `/mesh`. */
export class Suggestion extends UsageError {
  readonly command: string;

  constructor(message: string, command: string) {
    super(message);
    this.command = command;
  }
}
