/** Where a layer writes what happened: a fixed message, and the data as fields. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** Adds these fields to every line. */
  child(fields: object): Log;
}
